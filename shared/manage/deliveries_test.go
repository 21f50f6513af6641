package manage_test

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
)

// ids are those of deliveries.
func ids(page manage.Page[manage.Delivery]) []string {
	var list []string
	for _, d := range page.Items {
		list = append(list, d.ID)
	}
	return list
}

func TestDeliveriesAreListed(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm, other := w.Interface("crm", managetest.Contacts), w.Interface("other", managetest.Contacts)
	fresh, tried := w.Delivery(crm, "contact/1"), w.Fail(w.Delivery(crm, "contact/2", "contact/1"), 503, "busy")
	stopped, elsewhere := w.Stopped(crm, "contact/2"), w.Stopped(other, "order/a/b")
	for name, tt := range map[string]struct {
		s    delivery.Selection
		l    manage.List
		want []string
	}{
		"of an interface":        {delivery.Selection{Interface: "crm"}, manage.List{}, []string{stopped.ID, tried.ID, fresh.ID}},
		"stopped":                {delivery.Selection{Status: delivery.Stopped}, manage.List{}, []string{elsewhere.ID, stopped.ID}},
		"pending":                {delivery.Selection{Status: delivery.Pending}, manage.List{}, []string{tried.ID}},
		"about a contact":        {delivery.Selection{Record: "1"}, manage.List{}, []string{tried.ID, fresh.ID}},
		"about a record":         {delivery.Selection{Record: "order/a/b"}, manage.List{}, []string{elsewhere.ID}},
		"all at once":            {delivery.Selection{Interface: "crm", Record: "contact/2", Status: delivery.Stopped}, manage.List{}, []string{stopped.ID}},
		"the list's times":       {delivery.Selection{Interface: "crm"}, manage.List{Since: tried.CreatedAt, Until: stopped.CreatedAt}, []string{tried.ID}},
		"the selection's times":  {delivery.Selection{Interface: "crm", Until: tried.CreatedAt}, manage.List{}, []string{fresh.ID}},
		"of no such interface":   {delivery.Selection{Interface: "none"}, manage.List{}, nil},
		"of another's deliverer": {delivery.Selection{Organization: "other", Interface: "crm"}, manage.List{}, nil},
	} {
		if tt.s.Organization == "" {
			tt.s.Organization = managetest.Organization
		}
		page, err := w.Handler.Deliveries(t.Context(), tt.s, tt.l)
		if diff := cmp.Diff(tt.want, ids(page)); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
	first, err := w.Handler.Deliveries(t.Context(), delivery.Selection{Organization: "demo", Interface: "crm"}, manage.List{Limit: 2})
	if err != nil || first.Next == "" {
		t.Fatal(first, err)
	}
	rest, err := w.Handler.Deliveries(t.Context(), delivery.Selection{Organization: "demo", Interface: "crm"}, manage.List{Limit: 2, After: first.Next})
	if diff := cmp.Diff([]string{fresh.ID}, ids(rest)); diff != "" || err != nil {
		t.Errorf("the second page: error %v (-want +got):\n%s", err, diff)
	}
}

func TestSelectionsThatAreRefused(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	_, err := w.Handler.Deliveries(t.Context(), delivery.Selection{Organization: "demo"}, manage.List{})
	refused(t, err, http.StatusUnprocessableEntity, "query: must name at least one of interface, record and status")
	s := delivery.Selection{Organization: "demo", Interface: "#", Record: "X/1", Status: delivery.Delivered, Since: w.Clock.Now(), Until: w.Clock.Now()}
	_, err = w.Handler.Deliveries(t.Context(), s, manage.List{})
	refused(t, err, http.StatusUnprocessableEntity, "query.interface", "query.record", "query.status: must be stopped or pending", "query.since: must be before until")
}

func TestADeliveryWithItsLog(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	d := w.Stopped(w.Interface("crm", managetest.Contacts), "contact/1")
	got, err := w.Handler.Delivery(t.Context(), "demo", d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Status != delivery.Stopped || got.Attempts != 2 || got.LastStatus != 500 || got.EndedAt == nil || got.WebhookID != d.ID+"-0badf00d" {
		t.Errorf("delivery %+v", got)
	}
	if len(got.Log) != 2 || got.Log[0].Number != 1 || got.Log[0].Answer != "busy" || got.Log[1].Number != 2 || got.Log[1].Answer != "broken" {
		t.Errorf("log %+v, want both attempts", got.Log)
	}
	e := w.StoppedEvent(w.Interface("events", managetest.Events), "contact.updated", "contact/1", `{"a":1}`)
	if got, err = w.Handler.Delivery(t.Context(), "demo", e.ID); err != nil || got.Body != `{"a":1}` || got.Event != "contact.updated" || got.Execution != "" {
		t.Errorf("event %+v, %v", got, err)
	}
	for _, ref := range []delivery.Ref{{Organization: "demo", ID: "none"}, {Organization: "other", ID: d.ID}} {
		_, err = w.Handler.Delivery(t.Context(), ref.Organization, ref.ID)
		refused(t, err, http.StatusNotFound)
	}
}

func TestReplay(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm, events := w.Interface("crm", managetest.Contacts), w.Interface("events", managetest.Events)
	bucket, event := w.Stopped(crm, "contact/1"), w.StoppedEvent(events, "contact.updated", "contact/1", `{"a":1}`)
	for _, d := range []delivery.Delivery{bucket, event} {
		started, err := w.Handler.Replay(t.Context(), managetest.Who(), d.ID)
		if err != nil || started.ID != d.ID {
			t.Fatal(started, err)
		}
		if is := w.Ledger.All()[d.Ref()]; is.Status != delivery.Replayed {
			t.Errorf("%s is %s", d.ID, is.Status)
		}
		_, err = w.Handler.Replay(t.Context(), managetest.Who(), d.ID)
		refused(t, err, http.StatusConflict, "is replayed")
	}
	if jobs := w.Backlog.AllJobs(); len(jobs) != 1 || jobs[0].Kind != job.File || jobs[0].Numbers != 1 || w.Outbox.Len() != 1 || w.Dispatch.Starts() != 2 {
		t.Errorf("jobs %+v, %d messages, %d starts", jobs, w.Outbox.Len(), w.Dispatch.Starts())
	}
	shown, err := w.Handler.Executions(t.Context(), "demo", "crm", manage.List{})
	if err != nil || len(shown.Items) != 1 || shown.Items[0].StartedBy != "replay" || shown.Items[0].Status != manage.Running {
		t.Errorf("executions %+v, %v", shown.Items, err)
	}
	trail := trailOf(t, w)
	if len(trail) != 2 || !slices.ContainsFunc(trail, func(e audit.Entry) bool { return e.Action == audit.Replay && e.Subject == "delivery "+bucket.ID }) {
		t.Errorf("audit %+v", trail)
	}
	_, err = w.Handler.Replay(t.Context(), managetest.Who(), "none")
	refused(t, err, http.StatusNotFound)
	w.Remove("interfaces/crm")
	_, err = w.Handler.Replay(t.Context(), managetest.Who(), w.Stopped(crm, "contact/2").ID)
	refused(t, err, http.StatusConflict, "is gone")
}

// TestAnEventWhoseBodyIsGone cannot be replayed, and says so.
func TestAnEventWhoseBodyIsGone(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	d := w.StoppedEvent(w.Interface("events", managetest.Events), "contact.updated", "contact/1", `{"a":1}`)
	d.Event.Body = `{"a":1}`
	if err := w.Ledger.ForgetBodies(t.Context(), []delivery.Message{d.Message}); err != nil {
		t.Fatal(err)
	}
	_, err := w.Handler.Replay(t.Context(), managetest.Who(), d.ID)
	refused(t, err, http.StatusConflict, "is not kept any more: dismiss it")
	if err := w.Handler.Dismiss(t.Context(), managetest.Who(), d.ID); err != nil {
		t.Error(err)
	}
}

func TestDismiss(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm := w.Interface("crm", managetest.Contacts)
	d, pending := w.Stopped(crm, "contact/1"), w.Delivery(crm, "contact/2")
	if err := w.Handler.Dismiss(t.Context(), managetest.Who(), d.ID); err != nil {
		t.Fatal(err)
	}
	if is := w.Ledger.All()[d.Ref()]; is.Status != delivery.Dismissed || is.Expires.IsZero() {
		t.Errorf("it is %+v", is)
	}
	refused(t, w.Handler.Dismiss(t.Context(), managetest.Who(), d.ID), http.StatusConflict, "is dismissed")
	refused(t, w.Handler.Dismiss(t.Context(), managetest.Who(), pending.ID), http.StatusConflict, "is pending")
	refused(t, w.Handler.Dismiss(t.Context(), managetest.Who(), "none"), http.StatusNotFound)
	if trail := trailOf(t, w); len(trail) != 1 || trail[0].Action != audit.Dismiss {
		t.Errorf("audit %+v", trail)
	}
}

// TestACrashOfAReplay: at any write, the delivery is stopped still and can be replayed, or it goes.
func TestACrashOfAReplay(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		w := managetest.New(t)
		d := w.StoppedEvent(w.Interface("events", managetest.Events), "contact.updated", "contact/1", `{"a":1}`)
		w.Kill.At(at)
		_, err := w.Handler.Replay(t.Context(), managetest.Who(), d.ID)
		w.Kill.At(0)
		if err == nil {
			break
		}
		if w.Ledger.All()[d.Ref()].Status == delivery.Stopped {
			if _, err = w.Handler.Replay(t.Context(), managetest.Who(), d.ID); err != nil {
				t.Errorf("killed at %d: replayed again: %v", at, err)
			}
		}
		if w.Outbox.Len() == 0 || len(w.Ledger.All()) != 2 {
			t.Errorf("killed at %d: %d messages, %d deliveries", at, w.Outbox.Len(), len(w.Ledger.All()))
		}
	}
}

// unheard replays and dismisses, and its answers get lost: the ledger's repetition finds the deliveries ended.
type unheard struct{ manage.Replayer }

func (r unheard) Replay(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	_, err := r.Replayer.Replay(ctx, list)
	return make([]bool, len(list)), err
}

func (r unheard) Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	_, err := r.Replayer.Dismiss(ctx, list)
	return make([]bool, len(list)), err
}

// TestAnEndWhoseAnswerWasLost is the end that was asked for; one that came before, or otherwise, is not.
func TestAnEndWhoseAnswerWasLost(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	crm := w.Interface("crm", managetest.Contacts)
	first, second, third, fourth := w.Stopped(crm, "contact/1"), w.Stopped(crm, "contact/2"), w.Stopped(crm, "contact/3"), w.Stopped(crm, "contact/4")
	w.Clock.Pass(time.Second + 300*time.Microsecond)
	w.Handler.Replayer = unheard{w.Handler.Replayer}
	started, err := w.Handler.Replay(t.Context(), managetest.Who(), first.ID)
	if err != nil || started.ID != first.ID || w.Dispatch.Starts() != 1 {
		t.Errorf("replayed: %+v, %v, %d starts", started, err, w.Dispatch.Starts())
	}
	if err := w.Handler.Dismiss(t.Context(), managetest.Who(), second.ID); err != nil {
		t.Errorf("dismissed: %v", err)
	}
	w.Handler.Replayer = overtaken{w.Handler.Replayer}
	_, err = w.Handler.Replay(t.Context(), managetest.Who(), third.ID)
	refused(t, err, http.StatusConflict, "is dismissed")
	refused(t, w.Handler.Dismiss(t.Context(), managetest.Who(), fourth.ID), http.StatusConflict, "is replayed")
}

// overtaken is one whom another, who does the opposite, is faster than.
type overtaken struct{ manage.Replayer }

func (r overtaken) Replay(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	return r.Replayer.Dismiss(ctx, list)
}

func (r overtaken) Dismiss(ctx context.Context, list []delivery.Delivery) ([]bool, error) {
	return r.Replayer.Replay(ctx, list)
}
