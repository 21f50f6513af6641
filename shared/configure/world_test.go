package configure_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/access"
	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/params"
	"crmhook/shared/paramstest"
	"crmhook/shared/tabletest"
)

// world is Parameter Store, the tables and a clock that only the test moves.
type world struct {
	t      *testing.T
	now    time.Time
	store  *paramstest.SSM
	kill   *tabletest.Kill
	table  *tabletest.Configuration
	agenda *tabletest.Agenda
	log    bytes.Buffer
	tokens int
	// fingerprints counts those made.
	fingerprints int
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, now: time.Date(2026, 11, 2, 10, 0, 0, 250_000_000, time.UTC), kill: &tabletest.Kill{}}
	w.store = paramstest.New(func() time.Time { return w.now })
	w.table = tabletest.NewConfiguration(w.kill)
	w.agenda = tabletest.NewAgenda(w.kill)
	return w
}

func (w *world) handler() configure.Handler {
	return configure.Handler{
		Stage: "dev",
		Parameters: params.Parameters{Client: w.store, Stage: "dev", Pace: &params.Pace{
			Now: func() time.Time { return w.now }, Sleep: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
		}},
		Memory: w.table, Recorder: w.table, Facts: w.table, Interfaces: w.table, Rules: w.table, Access: w.table, Agenda: w.agenda,
		Now: func() time.Time { return w.now },
		Fingerprint: func(value string) (string, error) {
			w.fingerprints++
			return quick(value), nil
		},
		Token: func() string {
			w.tokens++
			return fmt.Sprintf("token-%d", w.tokens)
		},
		Log: slog.New(slog.NewTextHandler(&w.log, nil)),
	}
}

// pass moves the clock.
func (w *world) pass(d time.Duration) { w.now = w.now.Add(d) }

// put writes a parameter under /crmhook/dev/, a second after whatever came before.
func (w *world) put(name, value string) { w.putAs(name, value, types.ParameterTypeString) }

func (w *world) putSecret(name, value string) { w.putAs(name, value, types.ParameterTypeSecureString) }

func (w *world) putAs(name, value string, kind types.ParameterType) {
	w.t.Helper()
	w.pass(time.Second)
	_, err := w.store.PutParameter(w.t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/crmhook/dev/" + name), Value: &value, Type: kind, Overwrite: aws.Bool(true),
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) remove(name string) {
	w.t.Helper()
	w.pass(time.Second)
	if _, err := w.store.DeleteParameter(w.t.Context(), &ssm.DeleteParameterInput{Name: aws.String("/crmhook/dev/" + name)}); err != nil {
		w.t.Fatal(err)
	}
}

// sweep runs as the schedule does, a minute after whatever came before.
func (w *world) sweep() {
	w.t.Helper()
	w.pass(time.Minute)
	if err := w.handler().Run(w.t.Context(), configure.Event{}); err != nil {
		w.t.Fatalf("sweep: %v", err)
	}
}

// event runs as Parameter Store's event does.
func (w *world) event(operation, name string) {
	w.t.Helper()
	if err := w.handler().Run(w.t.Context(), change(operation, "/crmhook/dev/"+name)); err != nil {
		w.t.Fatalf("event %s of %s: %v", operation, name, err)
	}
}

func change(operation, name string) configure.Event {
	return configure.Event{Name: name, Operation: operation}
}

// get is an interface of the organization demo as the table holds it; the zero one when there is none.
func (w *world) get(name string) hook.Interface {
	w.t.Helper()
	key := hook.Key{Organization: "demo", Name: name}
	found, err := w.table.Interfaces(context.Background(), []hook.Key{key})
	if err != nil {
		w.t.Fatal(err)
	}
	return found[key]
}

func (w *world) stamp() string {
	w.t.Helper()
	stamps, err := w.table.Stamps(context.Background(), []string{"demo"})
	if err != nil {
		w.t.Fatal(err)
	}
	return stamps["demo"]
}

func (w *world) state(name string, want hook.State) {
	w.t.Helper()
	if got := w.get(name); got.State != want {
		w.t.Errorf("interface %s is %q (%v), want %q", name, got.State, got.Faults, want)
	}
}

// planned lists the agenda as "purpose interface/generation due".
func (w *world) planned(purpose backlog.Purpose) []string {
	var texts []string
	for _, e := range w.agenda.All() {
		if e.Purpose == purpose {
			texts = append(texts, fmt.Sprintf("%s/%s %s", e.Interface, e.Generation, e.Due.Format(time.TimeOnly)))
		}
	}
	return texts
}

func (w *world) lines(words string) int {
	n := 0
	for line := range strings.Lines(w.log.String()) {
		if strings.Contains(line, words) {
			n++
		}
	}
	return n
}

// quick is a fingerprint that takes no time.
func quick(value string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(value))) }

// keyOf is the text of a key.
func keyOf(token string) string {
	return `{"sha256":"` + access.HashToken(token) + `","scopes":["triggers"]}`
}

// found lists whose keys a token is.
func (w *world) found(token string) []string {
	w.t.Helper()
	keys, err := w.table.KeysByHash(context.Background(), access.HashToken(token))
	if err != nil {
		w.t.Fatal(err)
	}
	var names []string
	for _, k := range keys {
		names = append(names, k.Organization+"/"+k.Name)
	}
	return names
}

// checked is a parameter under /crmhook/dev/ as the table holds it; the zero one when there is none.
func (w *world) checked(name string) access.Checked {
	w.t.Helper()
	path, err := parameter.ParsePath("dev", "/crmhook/dev/"+name)
	if err != nil {
		w.t.Fatal(err)
	}
	kept, err := w.table.Access(context.Background(), []parameter.Path{path})
	if err != nil {
		w.t.Fatal(err)
	}
	return kept[path]
}

const (
	shopKey = "organizations/demo/keys/shop"
	shop    = "organizations/demo/sources/Zendesk"
	zendesk = `{"verify":"zendesk","secrets":["zd"]}`
)

const (
	crm      = "organizations/demo/interfaces/crm"
	password = "organizations/demo/secrets/password"
)

// plain is a configuration that depends on nothing.
const plain = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],
 "schedules":[{"name":"each minute","launch":"automatic","frequencyMinutes":1}]}`

// basic is one that depends on a secret.
const basic = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],
 "authentication":{"mode":"BASIC","login":"s360","secret":"password"},"schedules":[{"name":"each minute","launch":"automatic","frequencyMinutes":1}]}`

const hosts = `{"value":"not-a-real-password","hosts":["crm.example.com"]}`
