package dispatch_test

import (
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/linetest"
)

// TestOfTheOrganization replays what is stopped of all its interfaces, page by page, in a lane of the organization only.
func TestOfTheOrganization(t *testing.T) {
	t.Parallel()
	const n = 450
	ctx, w := t.Context(), asking(t, linetest.V2(linetest.Schedule(1440, 1_000, 1)+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), nil)
	stop(t, w, n)
	w.Clock.Advance(time.Minute)
	all := backlog.Lane{Organization: linetest.Organization}
	ask(t, w, job.Job{Lane: all, ID: "r1", Kind: job.Dismiss, Matching: job.Matching{Record: "contact/C0001"}})
	ask(t, w, job.Job{Lane: all, ID: "r2", Kind: job.Replay})
	must(t, w.Dispatch().Run(ctx))
	if dismissed, replayed := w.Ended(delivery.Dismissed), w.Ended(delivery.Replayed); len(dismissed) != 1 || len(replayed) != n-1 {
		t.Errorf("%d dismissed, %d replayed, want 1 and %d", len(dismissed), len(replayed), n-1)
	}
	for _, e := range w.Agenda.All() {
		if e.Lane == all {
			t.Errorf("%s at %s is left on the agenda", e.Purpose, e.Due)
		}
	}
	if jobs, err := w.Backlog.Jobs(ctx, all); err != nil || len(jobs) > 0 {
		t.Errorf("jobs %v, error %v, want none", jobs, err)
	}
}

// stop has deliveries of n contacts given up.
func stop(t *testing.T, w *linetest.World, n int) {
	t.Helper()
	window(t, w, 1_000)
	w.Receiver.Answer = linetest.Always(500)
	there(w, n)
	ask(t, w, job.Job{ID: "x1", Kind: job.File}, contacts(n))
	must(t, w.Step(t.Context()))
	records := 0
	for _, d := range w.Ended(delivery.Stopped) {
		records += len(d.Records)
	}
	if records != n {
		t.Fatalf("deliveries of %d records have stopped, want %d", records, n)
	}
}

// TestWhatStopsAfterwardsIsNotMeant by who asked before, although the delivery was made before.
func TestWhatStopsAfterwardsIsNotMeant(t *testing.T) {
	t.Parallel()
	for kind, status := range map[job.Kind]delivery.Status{job.Replay: delivery.Replayed, job.Dismiss: delivery.Dismissed} {
		ctx, w := t.Context(), asking(t, linetest.V2(byHand+`,"retriesBeforeStop":0,"retriesBeforeWarning":0`), nil)
		stop(t, w, 4)
		first := w.Ended(delivery.Stopped)
		ask(t, w, job.Job{ID: "x2", Kind: job.Identifiers, Identifiers: there(w, 2)})
		must(t, w.Dispatch().Run(ctx))
		if _, err := w.Deliver(ctx, w.Fast, 10); err != nil { // Its last attempt has failed; stop has not come to it yet.
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		ask(t, w, job.Job{ID: "r1", Kind: kind, Matching: job.Matching{Interface: w.Lane.Interface}})
		w.Clock.Advance(time.Second)
		must(t, w.Drain(ctx))
		must(t, w.Dispatch().Run(ctx))
		for _, d := range first {
			if is := w.Ledger.All()[d.Ref()]; is.Status != status {
				t.Errorf("%s: %s is %s", kind, d.ID, is.Status)
			}
		}
		if left := w.Ended(delivery.Stopped); len(left) != 1 || left[0].Execution != "x2" || len(w.Ended(status)) != len(first) {
			t.Errorf("%s: stopped are %v, %d are %s; want the one that stopped afterwards and %d", kind, left, len(w.Ended(status)), status, len(first))
		}
	}
}
