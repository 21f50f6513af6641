package manage_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/audit"
	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/parameter"
	"crmhook/shared/params"
	"crmhook/shared/paramstest"
	"crmhook/shared/refusal"
	"crmhook/shared/tabletest"
)

// configured is Parameter Store, the tables that configuration is kept in, and a clock that only the test moves. All of it
// dies at once.
type configured struct {
	t       *testing.T
	now     time.Time
	kill    *tabletest.Kill
	store   *paramstest.SSM
	table   *tabletest.Configuration
	agenda  *tabletest.Agenda
	backlog *tabletest.Backlog
	trail   *trail
	hours   *counted
	log     lockedBuffer
}

func newConfigured(t *testing.T) *configured {
	kill := &tabletest.Kill{}
	c := &configured{
		t: t, now: time.Date(2026, 11, 24, 10, 0, 0, 250_000_000, time.UTC), kill: kill, table: tabletest.NewConfiguration(kill),
		agenda: tabletest.NewAgenda(kill), backlog: tabletest.NewBacklog(kill), trail: &trail{kill: kill}, hours: &counted{},
	}
	c.store = paramstest.New(func() time.Time { return c.now })
	c.store.Before = func(string, int) error { return kill.Alive() }
	return c
}

func (c *configured) configure() configure.Handler {
	return configure.Handler{
		Stage: "dev", Parameters: c.parameters(),
		Memory: c.table, Recorder: c.table, Facts: c.table, Interfaces: c.table, Rules: c.table, Access: c.table, Agenda: c.agenda,
		Now: func() time.Time { return c.now }, Fingerprint: func(string) (string, error) { return "print", nil }, Token: rand.Text,
		Log: slog.New(slog.NewTextHandler(&c.log, nil)),
	}
}

func (c *configured) parameters() params.Parameters {
	return params.Parameters{Client: c.store, Stage: "dev", Pace: &params.Pace{Now: time.Now, Sleep: params.Sleep}}
}

func (c *configured) handler() *manage.Handler {
	return &manage.Handler{
		Configuration: manage.Configuration{
			Stage: "dev", Parameters: c.parameters(), Writer: mortal{params.Writer{Client: c.store}, c.kill}, Shares: managetest.Unlimited{},
			Locks: c.table, Pages: c.table, Kept: c.table, States: c.backlog, Hours: c.hours, Configure: managetest.Unhurried{Handler: c.configure()},
		},
		Runs:  manage.Runs{Current: c.table},
		Audit: c.trail, Random: rand.Reader, Log: slog.New(slog.NewTextHandler(&c.log, nil)), Now: func() time.Time { return c.now },
	}
}

// pass moves the clock.
func (c *configured) pass(d time.Duration) { c.now = c.now.Add(d) }

// write writes a parameter of demo as its users do, past crmhook, and a second after whatever came before.
func (c *configured) write(path parameter.Path, text string) {
	c.t.Helper()
	c.pass(time.Second)
	kind := types.ParameterTypeString
	if path.Kind == parameter.Secret {
		kind = types.ParameterTypeSecureString
	}
	_, err := c.store.PutParameter(c.t.Context(), &ssm.PutParameterInput{
		Name: aws.String(path.Full("dev")), Value: &text, Type: kind, Overwrite: aws.Bool(true),
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *configured) remove(path parameter.Path) {
	c.t.Helper()
	c.pass(time.Second)
	if _, err := c.store.DeleteParameter(c.t.Context(), &ssm.DeleteParameterInput{Name: aws.String(path.Full("dev"))}); err != nil {
		c.t.Fatal(err)
	}
}

// sweep runs configure as its schedule does.
func (c *configured) sweep() {
	c.t.Helper()
	c.pass(time.Minute)
	if err := c.configure().Run(c.t.Context(), configure.Event{}); err != nil {
		c.t.Fatalf("sweep: %v", err)
	}
}

// stored is what Parameter Store holds: "version text", "" for nothing.
func (c *configured) stored(path parameter.Path) string {
	c.t.Helper()
	values, _, err := c.parameters().Values(c.t.Context(), []string{path.Full("dev")})
	if err != nil {
		c.t.Fatal(err)
	}
	if len(values) == 0 {
		return ""
	}
	return fmt.Sprintf("%d %s", values[0].Version, values[0].Text)
}

// kept is an interface as the table holds it.
func (c *configured) kept(name string) hook.Interface {
	c.t.Helper()
	key := hook.Key{Organization: "demo", Name: name}
	found, err := c.table.Interfaces(c.t.Context(), []hook.Key{key})
	if err != nil {
		c.t.Fatal(err)
	}
	return found[key]
}

// mortal is a writer that dies with the rest.
type mortal struct {
	params.Writer
	kill *tabletest.Kill
}

func (m mortal) Put(ctx context.Context, name, text string, secure bool) (p parameter.Parameter, err error) {
	if died := m.kill.Write(func() { p, err = m.Writer.Put(ctx, name, text, secure) }); died != nil {
		return parameter.Parameter{}, died
	}
	return p, err
}

func (m mortal) Delete(ctx context.Context, name string) (err error) {
	if died := m.kill.Write(func() { err = m.Writer.Delete(ctx, name) }); died != nil {
		return died
	}
	return err
}

// trail is an audit in memory.
type trail struct {
	kill *tabletest.Kill
	mu   sync.Mutex
	list []audit.Entry
}

func (l *trail) Record(_ context.Context, e audit.Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.kill.Write(func() { l.list = append(l.list, e) })
}

func (l *trail) Recorded(context.Context, string, string, time.Time, time.Time, int) ([]audit.Entry, string, error) {
	return nil, "", nil
}

// said is the trail in words.
func (l *trail) said() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var texts []string
	for _, e := range l.list {
		texts = append(texts, fmt.Sprintf("%s: %s %s (%s)", e.By, e.Action, e.Subject, e.Detail))
	}
	return texts
}

// counted counts the calls for counts, of which each interface has one delivery in the hour under way.
type counted struct{ calls, keys int }

func (h *counted) Hours(_ context.Context, keys []hook.Key, _ time.Time) (map[hook.Key][hours.Shown]hours.Counts, error) {
	h.calls++
	h.keys += len(keys)
	counts := map[hook.Key][hours.Shown]hours.Counts{}
	for _, k := range keys {
		counts[k] = [hours.Shown]hours.Counts{hours.Shown - 1: {Delivered: 1}}
	}
	return counts, nil
}

// lockedBuffer is a log that several write.
type lockedBuffer struct {
	mu  sync.Mutex
	log bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.log.String()
}

// refusedWith demands a refusal of a status whose words hold the given ones.
func refusedWith(t *testing.T, err error, status int, words ...string) *refusal.Refusal {
	t.Helper()
	r := refusal.Of(err)
	if r == nil || r.Status != status {
		t.Fatalf("error %v, want a refusal with %d", err, status)
	}
	for _, word := range words {
		if !strings.Contains(r.Error(), word) {
			t.Errorf("refusal %v, want one with %q", r, word)
		}
	}
	return r
}

var (
	anna = manage.Who{Organization: "demo", By: "anna"}
	crm  = parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "crm"}
	vip  = parameter.Path{Organization: "demo", Kind: parameter.Rule, Name: "vip"}
	pass = parameter.Path{Organization: "demo", Kind: parameter.Secret, Name: "pass"}
)

const (
	plainText = `{"type": "contact-webhook-v2", "url": "https://crm.example.com/contacts", "details": ["GENERAL"],
 "schedules": [{"name": "each minute", "launch": "automatic", "frequencyMinutes": 1}]}`
	otherText = `{"type":"contact-webhook-v2","url":"https://crm.example.com/other","details":["GENERAL"],
 "schedules":[{"name":"each minute","launch":"automatic","frequencyMinutes":1}]}`
	secretText = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],
 "authentication":{"mode":"BASIC","login":"s360","secret":"pass"},"schedules":[{"name":"each minute","launch":"manual"}]}`
	ruleHookText = `{"type":"rule-webhook","url":"https://crm.example.com/rules"}`
	ruleText     = `{"name":"VIP","event":{"type":"contact.created"},"then":["called"]}`
	passText     = `{"value":"not-a-real-password","hosts":["crm.example.com"]}`
)

// body is a write without conditions.
func body(text string) manage.Write { return manage.Write{Body: []byte(text)} }

// matching is a write of one state.
func matching(text, tag string) manage.Write {
	return manage.Write{Body: []byte(text), IfMatch: []string{tag}}
}
