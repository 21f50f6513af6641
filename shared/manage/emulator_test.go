package manage_test

import (
	"crypto/rand"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"crmhook/shared/access"
	"crmhook/shared/awstest"
	"crmhook/shared/configure"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/params"
	"crmhook/shared/table"
)

// deployed is a handler over the emulator: one table for all, and parameters under a stage of its own.
func deployed(t *testing.T) *manage.Handler {
	t.Helper()
	config := awstest.Config(t)
	client, name := awstest.Table(t, config)
	store, stage := ssm.NewFromConfig(config), awstest.Name("manage")
	configuration := table.NewConfiguration(client, name)
	parameters := params.Parameters{Client: store, Stage: stage, Pace: &params.Pace{Now: time.Now, Sleep: params.Sleep}}
	return &manage.Handler{
		Configuration: manage.Configuration{
			Stage: stage, Parameters: parameters, Writer: params.Writer{Client: store}, Shares: managetest.Unlimited{}, Locks: configuration, Pages: configuration,
			Kept: configuration, States: table.NewBacklog(client, name), Hours: &counted{},
			Configure: configure.Handler{
				Stage: stage, Parameters: parameters, Memory: configuration, Recorder: configuration, Facts: configuration,
				Interfaces: configuration, Rules: configuration, Access: configuration, Agenda: table.NewAgenda(client, name),
				Now: time.Now, Fingerprint: access.Fingerprint, Token: rand.Text, Log: slog.New(slog.DiscardHandler),
			},
		},
		Runs:  manage.Runs{Current: configuration},
		Audit: &trail{}, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Now: time.Now,
	}
}

func TestConfigurationOnTheEmulator(t *testing.T) {
	t.Parallel()
	h := deployed(t)
	if _, err := h.PutInterface(t.Context(), anna, "crm", body(secretText)); refusedAs(err) != http.StatusUnprocessableEntity {
		t.Errorf("without its secret: error %v, want 422", err)
	}
	if created, err := h.PutSecret(t.Context(), anna, "pass", []byte(passText)); err != nil || !created {
		t.Fatalf("secret: created %v, error %v", created, err)
	}
	first, err := h.PutInterface(t.Context(), anna, "crm", manage.Write{Body: []byte(secretText), IfNoneMatch: []string{"*"}})
	if err != nil || !first.Created || first.Is.Hook == nil {
		t.Fatalf("interface: %+v, error %v; want it created and live", first, err)
	}
	statuses := make([]int, 4)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() {
			statuses[i] = http.StatusOK
			if _, err := h.PutInterface(t.Context(), anna, "crm", matching(otherText, first.Is.ETag)); err != nil {
				statuses[i] = refusedAs(err)
			}
		})
	}
	all.Wait()
	slices.Sort(statuses)
	if statuses[0] != 200 || slices.ContainsFunc(statuses[1:], func(s int) bool { return s != 409 && s != 412 }) {
		t.Errorf("answers %v, want one 200, and 409 or 412 else", statuses)
	}
	list, err := h.Overview(t.Context(), "demo", manage.List{})
	if err != nil || len(list.Items) != 1 || list.Items[0].ETag == first.Is.ETag {
		t.Fatalf("overview %+v, error %v; want the one in its new state", list, err)
	}
	if err := h.DeleteInterface(t.Context(), anna, "crm", matching("", list.Items[0].ETag)); err != nil {
		t.Error(err)
	}
	if err := h.DeleteSecret(t.Context(), anna, "pass"); err != nil {
		t.Error(err)
	}
	if list, err := h.Interfaces(t.Context(), "demo", manage.List{}); err != nil || len(list.Items) != 0 {
		t.Errorf("interfaces %+v, error %v; want none", list, err)
	}
}
