package send_test

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/secret"
	"crmhook/shared/send"
)

// heavy writes a contact of about two megabytes.
func heavy(t *testing.T, w *linetest.World, ids ...string) {
	t.Helper()
	for _, id := range ids {
		data := linetest.Contact(id, 1)
		data["note"] = strings.Repeat("x", 2_000_000)
		must(t, w.Change(t.Context(), w.Lane, id, data))
	}
}

// TestABodyHasABound: what does not fit waits again and goes in a later bucket.
func TestABodyHasABound(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, v2(5, ""))
	heavy(t, w, "C1", "C2", "C3", "C4", "C5")
	w.Settle(t.Context(), t, time.Hour)
	var sizes []int
	sent := map[string]int{}
	for _, r := range w.Receiver.Requests() {
		sizes = append(sizes, len(r.Contacts()))
		if len(r.Body) > 5_000_000 {
			t.Errorf("a body of %d bytes", len(r.Body))
		}
		for id := range r.Contacts() {
			sent[id]++
		}
	}
	if d := diff.Diff([]int{2, 2, 1}, sizes); d != "" {
		t.Errorf("contacts by request (-want +got):\n%s", d)
	}
	if len(sent) != 5 {
		t.Errorf("sent %v, want each once", sent)
	}
}

// TestAStopReleasesWhatDidNotFit: no attempt has sent it, so it has not been given up.
func TestAStopReleasesWhatDidNotFit(t *testing.T) {
	t.Parallel()
	w := linetest.NewWorld(t, v2(5, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`))
	heavy(t, w, "C1", "C2", "C3")
	w.Receiver.Answer = linetest.Always(500)
	w.Clock.Advance(time.Minute)
	must(t, w.Step(t.Context()))
	var waiting []string
	for _, row := range w.Backlog.All() {
		waiting = append(waiting, row.Record+row.Delivery)
	}
	if len(waiting) != 1 || !strings.HasPrefix(waiting[0], "contact/C") || strings.Contains(waiting[0], "-") {
		t.Errorf("waiting %v, want the one contact that did not fit", waiting)
	}
}

// TestRecordsThatAreGone are left out; with none left there is no request.
func TestRecordsThatAreGone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, w *linetest.World)
		want   []string // contacts that are sent
		status delivery.Status
	}{
		{"one is deleted", func(t *testing.T, w *linetest.World) { must(t, w.Delete(t.Context(), "C1")) }, []string{"C2"}, delivery.Delivered},
		{"all are deleted", func(t *testing.T, w *linetest.World) {
			must(t, w.Delete(t.Context(), "C1"))
			must(t, w.Delete(t.Context(), "C2"))
		}, nil, delivery.Skipped},
		{"one matches no more", func(t *testing.T, w *linetest.World) { must(t, w.Write(t.Context(), "C2")) }, []string{"C1"}, delivery.Delivered},
		{"none matches any more", func(t *testing.T, w *linetest.World) { must(t, w.Write(t.Context(), "C1", "C2")) }, nil, delivery.Skipped},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := flying(t, v2(2, `,"filter":"version=1"`), "C1", "C2")
			tt.change(t, w)
			deliver(t, w)
			var sent []string
			for _, r := range w.Receiver.Requests() {
				for id := range r.Contacts() {
					sent = append(sent, id)
				}
			}
			if d := diff.Diff(tt.want, sent); d != "" {
				t.Errorf("sent (-want +got):\n%s", d)
			}
			d := one(t, w)
			if d.Status != tt.status || tt.status == delivery.Skipped && (d.First != nil || d.Reason == "") {
				t.Errorf("delivery %s, attempt %v, reason %q; want %s", d.Status, d.First, d.Reason, tt.status)
			}
			e := w.Ledger.AllExecutions()[0]
			if e.Tally.Delivered != len(tt.want) || e.Tally.Skipped != 2-len(tt.want) || !e.Done() {
				t.Errorf("execution counts %+v, want %d delivered and %d skipped", e.Tally, len(tt.want), 2-len(tt.want))
			}
			w.Settle(t.Context(), t, time.Hour)
		})
	}
}

func TestContactWebhookV1(t *testing.T) {
	t.Parallel()
	configuration := `{"type":"contact-webhook-v1","url":"https://crm.example.com/contacts/${contactNumber}","method":"POST",` +
		`"payload":{"contact":"${contactNumber}"},"schedules":[{"name":"s","frequencyMinutes":1}]}`
	w := flying(t, configuration, "C1", "C2")
	deliver(t, w)
	var got []string
	for _, r := range w.Receiver.Requests() {
		got = append(got, r.Method+" "+r.URL+" "+string(r.Body))
	}
	slices.Sort(got)
	want := []string{
		`POST https://crm.example.com/contacts/C1 {"contact":"C1"}`,
		`POST https://crm.example.com/contacts/C2 {"contact":"C2"}`,
	}
	if d := diff.Diff(want, got); d != "" {
		t.Errorf("requests (-want +got):\n%s", d)
	}
}

// TestSecrets: the password comes from the secret, and goes to the hosts that it lists alone.
func TestSecrets(t *testing.T) {
	t.Parallel()
	name := secret.Name{Organization: linetest.Organization, Name: "s"}
	for _, tt := range []struct {
		name   string
		values map[secret.Name]secret.Secret
		sent   bool
	}{
		{"its host", map[secret.Name]secret.Secret{name: {Value: "dummy", Hosts: []string{"crm.example.com"}}}, true},
		{"another host", map[secret.Name]secret.Secret{name: {Value: "dummy", Hosts: []string{"other.example.com"}}}, false},
		{"no such secret", nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := flying(t, v2(1, ""), "C1")
			text := v2(1, `,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}`)
			w.Set(w.Lane, linetest.Parse(t, text, map[string][]string{"s": {"crm.example.com"}}), hook.Active)
			w.Secrets.Values = tt.values
			deliver(t, w)
			requests := w.Receiver.Requests()
			if tt.sent {
				if len(requests) != 1 || requests[0].Login != "crm" || string(requests[0].Password) != "dummy" {
					t.Errorf("requests %v, want one with the secret's password", requests)
				}
				return
			}
			if d := one(t, w); len(requests) != 0 || d.Attempts != 0 || !d.Claim.IsZero() || next(t, w) != 10*time.Second {
				t.Errorf("%d requests, %d attempts; want none, and the message again after 10 s", len(requests), d.Attempts)
			}
		})
	}
}

// TestAnUnreadableMessage is left for redrive; those beside it are worked on.
func TestAnUnreadableMessage(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1")
	_, err := w.Fast.SendText(t.Context(), "", []string{"no JSON", `{"delivery":"x"}`})
	must(t, err)
	for range linetest.MaxReceives {
		deliver(t, w)
	}
	if n := len(w.Receiver.Requests()); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	w.Fast.Receive(10)
	if w.Fast.Len() != 0 || w.Stopped.Len() != 2 {
		t.Errorf("%d messages in the queue and %d stopped, want 0 and 2", w.Fast.Len(), w.Stopped.Len())
	}
}

// TestOnlyWhatFailedIsReported keeps the others from coming again.
func TestOnlyWhatFailedIsReported(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1", "C2", "C3")
	w.Receiver.Answer = func(r linetest.Request) delivery.Attempt {
		if r.Contacts()["C2"] > 0 {
			return linetest.Status(500)
		}
		return linetest.Status(200)
	}
	deliver(t, w)
	if w.Fast.Len() != 1 {
		t.Errorf("%d messages left, want the one that failed", w.Fast.Len())
	}
	var got []string
	for _, d := range w.Ledger.All() {
		got = append(got, d.Records[0]+" "+string(d.Status))
	}
	slices.SortFunc(got, cmp.Compare)
	if d := diff.Diff([]string{"contact/C1 delivered", "contact/C2 pending", "contact/C3 delivered"}, got); d != "" {
		t.Errorf("deliveries (-want +got):\n%s", d)
	}
}

// TestAReceiverThatHangsHoldsNoOtherUp: the rows of the others are settled before it answers.
func TestAReceiverThatHangsHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1", "C2", "C3")
	w.Receiver.Answer = func(r linetest.Request) delivery.Attempt {
		if r.Contacts()["C2"] == 0 {
			return linetest.Status(200)
		}
		for deadline := time.Now().Add(5 * time.Second); len(w.Backlog.All()) > 1; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Error("the other rows are still there while one receiver hangs")
				break
			}
		}
		return linetest.Status(200)
	}
	deliver(t, w)
	if n := len(w.Backlog.All()); n != 0 {
		t.Errorf("%d rows left, want none", n)
	}
}

// slow are records whose reading takes so long that the claim could end before the request.
type slow struct {
	send.Records
	clock *linetest.Clock
}

func (r slow) Data(ctx context.Context, keys []change.Key) (map[change.Key]map[string]any, error) {
	r.clock.Advance(16 * time.Second)
	return r.Records.Data(ctx, keys)
}

func TestARequestThatCouldOutliveItsClaimIsNotMade(t *testing.T) {
	t.Parallel()
	w := flying(t, v2(1, ""), "C1")
	w.OnSend = func(h *send.Handler) { h.Records = slow{h.Records, w.Clock} }
	deliver(t, w)
	if d := one(t, w); len(w.Receiver.Requests()) != 0 || d.Attempts != 0 || !d.Claim.IsZero() {
		t.Errorf("%d requests, %d attempts, claim %s; want none", len(w.Receiver.Requests()), d.Attempts, d.Claim)
	}
	w.OnSend = nil
	w.Settle(t.Context(), t, time.Hour)
}
