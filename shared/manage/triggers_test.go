package manage_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/audit"
	"crmhook/shared/manage"
	"crmhook/shared/managetest"
	"crmhook/shared/trigger"
)

func TestTriggers(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	applied, failed := w.Triggered(trigger.Applied, ""), w.Triggered(trigger.Failed, "no contact")
	waiting, last := w.Triggered(trigger.Waiting, ""), w.Triggered(trigger.Failed, "trouble")
	for name, tt := range map[string]struct {
		status string
		l      manage.List
		want   []string
	}{
		"all":       {"", manage.List{}, []string{last.ID, waiting.ID, failed.ID, applied.ID}},
		"failed":    {"failed", manage.List{}, []string{last.ID, failed.ID}},
		"waiting":   {"waiting", manage.List{}, []string{waiting.ID}},
		"times":     {"", manage.List{Since: failed.At, Until: last.At}, []string{waiting.ID, failed.ID}},
		"failed at": {"failed", manage.List{Since: failed.At, Until: last.At}, []string{failed.ID}},
		"a page":    {"", manage.List{After: last.ID, Limit: 2}, []string{waiting.ID, failed.ID}},
	} {
		page, err := w.Handler.Triggers(t.Context(), "demo", tt.status, tt.l)
		var got []string
		for _, item := range page.Items {
			got = append(got, item.ID)
			if kept := item.Status == trigger.Failed || item.Status == trigger.Waiting; item.Kept != kept {
				t.Errorf("%s: %s trigger is kept: %t", name, item.Status, item.Kept)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || err != nil {
			t.Errorf("%s: error %v (-want +got):\n%s", name, err, diff)
		}
	}
	page, err := w.Handler.Triggers(t.Context(), "other", "", manage.List{})
	if err != nil || page.Items == nil || len(page.Items) != 0 {
		t.Errorf("another organization's: %+v, %v", page, err)
	}
	_, err = w.Handler.Triggers(t.Context(), "demo", "applied", manage.List{Since: w.Clock.Now(), Until: w.Clock.Now()})
	refused(t, err, http.StatusUnprocessableEntity, "query.status: must be failed or waiting", "query.since: must be before until")
	got, err := w.Handler.Trigger(t.Context(), "demo", failed.ID)
	if err != nil || got.Cause != "no contact" || !got.Kept || got.Platform != "Shopify" || got.SourceID != 3 || got.EndedAt == nil {
		t.Errorf("one trigger: %+v, %v", got, err)
	}
	_, err = w.Handler.Trigger(t.Context(), "other", failed.ID)
	refused(t, err, http.StatusNotFound)
}

func TestReplayTrigger(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	failed, applied := w.Triggered(trigger.Failed, "trouble"), w.Triggered(trigger.Applied, "")
	bare := failed
	bare.ID, bare.Message = w.NewID(), nil
	if err := w.Triggers.Keep(t.Context(), []trigger.Entry{bare}); err != nil {
		t.Fatal(err)
	}
	refused(t, w.Handler.ReplayTrigger(t.Context(), managetest.Who(), applied.ID), http.StatusConflict, "is applied")
	refused(t, w.Handler.ReplayTrigger(t.Context(), managetest.Who(), bare.ID), http.StatusConflict, "not kept")
	refused(t, w.Handler.ReplayTrigger(t.Context(), managetest.Who(), "none"), http.StatusNotFound)
	if len(trailOf(t, w)) != 0 || w.Inbox.Len() != 0 {
		t.Fatal("something was done all the same")
	}
	if err := w.Handler.ReplayTrigger(t.Context(), managetest.Who(), failed.ID); err != nil {
		t.Fatal(err)
	}
	received := w.Inbox.Receive(10)
	if len(received) != 1 || received[0].Body != `{"organization":"demo","kept":"`+failed.ID+`"}` {
		t.Errorf("on the queue is %+v", received)
	}
	if trail := trailOf(t, w); len(trail) != 1 || trail[0].Action != audit.ReplayTrigger || trail[0].Subject != "trigger "+failed.ID {
		t.Errorf("audit %+v", trail)
	}
	w.Inbox.Refuse(1)
	if err := w.Handler.ReplayTrigger(t.Context(), managetest.Who(), failed.ID); err == nil {
		t.Error("what the queue did not take counts as done")
	}
}

func TestRecorded(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	failed := w.Triggered(trigger.Failed, "trouble")
	for range 3 {
		w.Clock.Pass(time.Minute)
		if err := w.Handler.ReplayTrigger(t.Context(), managetest.Who(), failed.ID); err != nil {
			t.Fatal(err)
		}
	}
	first, err := w.Handler.Recorded(t.Context(), "demo", manage.List{Limit: 2})
	if err != nil || len(first.Items) != 2 || first.Next == "" {
		t.Fatal(first, err)
	}
	want := manage.Recorded{ID: first.Items[0].ID, At: w.Clock.Now(), By: "ops", Action: "replay-trigger", Subject: "trigger " + failed.ID, Detail: "Shopify/Customer/Update"}
	if diff := cmp.Diff(want, first.Items[0]); diff != "" {
		t.Errorf("newest entry (-want +got):\n%s", diff)
	}
	rest, err := w.Handler.Recorded(t.Context(), "demo", manage.List{Limit: 2, After: first.Next})
	if err != nil || len(rest.Items) != 1 || rest.Next != "" {
		t.Errorf("the second page: %+v, %v", rest, err)
	}
	none, err := w.Handler.Recorded(t.Context(), "demo", manage.List{Since: w.Clock.Now().Add(time.Second)})
	if err != nil || len(none.Items) != 0 || none.Items == nil {
		t.Errorf("after all: %+v, %v", none, err)
	}
}
