package scan_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/shard"
	"crmhook/shared/streamtest"
	"crmhook/shared/tabletest"
)

// TestCrashAnywhere kills a run just before and just after each of its writes. Whatever was written, a later run loses
// nothing, sets nothing aside twice and announces what waits.
func TestCrashAnywhere(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		died := false
		synctest.Test(t, func(t *testing.T) { died = crash(t, at) })
		if !died {
			if at < 20 {
				t.Errorf("only %d steps to die at", at-1)
			}
			return
		}
	}
}

func crash(t *testing.T, at int) bool {
	w := newWorld()
	w.save(t, "acme", "a", "")
	w.save(t, "acme", "b", "")
	w.told(t, "c", `["contact.*"]`, `,"includePrevious":true`)
	w.stream.PageSize = 3
	for n := range 5 {
		w.contact(fmt.Sprint(n), "x")
	}
	w.contact("0", "y")
	w.stream.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "broken"})
	w.stream.Split(streamtest.First, "child", "other")
	w.stream.Put("child", record("acme#contact", "0", "z"))
	w.kill.At(at)
	err := w.run(t, w.handler())
	died := w.kill.Dead()
	if died && !errors.Is(err, tabletest.ErrKilled) {
		t.Errorf("killed at step %d: got error %v", at, err)
	}
	w.kill.At(0)
	time.Sleep(timeout) // what the dead run held is free when its time is over
	w.scan(t)
	for _, lane := range []string{"a", "b"} {
		for n := range 5 {
			record, least := fmt.Sprintf("%s contact/%d", lane, n), int64(1)
			if n == 0 {
				least = 3
			}
			if got := w.waiting()[record]; got < least || got > 3*least {
				t.Errorf("killed at step %d: %s has %d changes, want %d or a few more", at, record, got, least)
			}
		}
	}
	if got := len(w.waiting()); got != 10 {
		t.Errorf("killed at step %d: %d rows, want 10", at, got)
	}
	if got := events(t, w); got != 7 {
		t.Errorf("killed at step %d: %d events, want one for each change", at, got)
	}
	if got := len(w.ledger.AllAside()); got != 1 {
		t.Errorf("killed at step %d: %d set aside, want 1", at, got)
	}
	if got := lanes(w.agenda.All()); got != 2 {
		t.Errorf("killed at step %d: %d lanes announced, want 2", at, got)
	}
	for _, id := range []string{streamtest.First, "child"} {
		if c := w.checkpoint(id); c.Held(time.Now()) || c.Position == "" || c.Finished != (id == streamtest.First) {
			t.Errorf("killed at step %d: checkpoint %+v", at, c)
		}
	}
	return died
}

// events are those in the queue, each of which the ledger has.
func events(t *testing.T, w *world) int {
	t.Helper()
	distinct, all := map[string]bool{}, w.ledger.All()
	for _, m := range w.messages(t) {
		distinct[m.ID] = true
		if all[m.Ref()].Status != delivery.Pending {
			t.Errorf("event %s is in the queue and not in the ledger", m.ID)
		}
	}
	if len(all) != len(distinct) {
		t.Errorf("%d deliveries in the ledger, %d in the queue", len(all), len(distinct))
	}
	return len(distinct)
}

func lanes(entries []backlog.Entry) int {
	lanes := map[backlog.Lane]bool{}
	for _, e := range entries {
		lanes[e.Lane] = true
	}
	return len(lanes)
}

// TestOverlappingRuns: of two runs at once each change is counted by one.
func TestOverlappingRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.stream.PageSize = 10
		const n = 200
		for i := range n {
			w.contact(fmt.Sprint(i), "x")
		}
		w.stream.Fail = func(string) error {
			time.Sleep(100 * time.Millisecond)
			return nil
		}
		done := make(chan error, 3)
		for range 3 {
			h := w.handler()
			go func() { done <- w.run(t, h) }()
			time.Sleep(150 * time.Millisecond)
		}
		for range 3 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if got := w.waiting(); len(got) != n || total(got) != n {
			t.Errorf("%d rows with %d changes, want %d of each", len(got), total(got), n)
		}
	})
}

// TestLingeringRunTakesUpAShardThatWasHeld: it looks again when the other run has let go.
func TestLingeringRunTakesUpAShardThatWasHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.setting(t, "lingerSeconds", "10")
		w.contact("1", "x")
		first := make(chan error, 1)
		h := w.handler()
		go func() { first <- w.run(t, h) }()
		time.Sleep(5 * time.Second)
		go func() {
			time.Sleep(6 * time.Second)
			w.contact("2", "x")
		}()
		w.scan(t)
		if err := <-first; err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(map[string]int64{"a contact/1": 1, "a contact/2": 1}, w.waiting()); diff != "" {
			t.Errorf("rows differ (-want +got):\n%s", diff)
		}
	})
}

// stolen lets another run take the lease while a page is being written.
type stolen struct {
	*tabletest.Backlog
	steal func()
}

func (s *stolen) Add(ctx context.Context, additions []backlog.Addition) error {
	s.steal()
	return s.Backlog.Add(ctx, additions)
}

func TestLostLeaseStopsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.stream.PageSize = 1
		w.contact("1", "x")
		w.contact("2", "x")
		h := w.handler()
		h.Backlog = &stolen{w.backlog, func() {
			c := w.checkpoint(streamtest.First)
			c.Owner, c.Until = "thief", time.Now().Add(2*time.Minute)
			// The lease is over for a clock that runs ahead.
			if err := w.checkpoints.Acquire(t.Context(), h.Stream, c, time.Now().Add(time.Hour)); err != nil {
				t.Error(err)
			}
		}}
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if c := w.checkpoint(streamtest.First); c.Owner != "thief" || c.Position != "" {
			t.Errorf("the run without lease left %+v", c)
		}
		if got := w.waiting(); len(got) != 1 {
			t.Errorf("got rows %v, want the first page's only", got)
		}
		if line := w.line(t); line["held"] != 1.0 {
			t.Errorf("log line %v", line)
		}
	})
}

// TestWarmProcessesTakeTurns: where a process stopped counts only as long as nobody went on from there.
func TestWarmProcessesTakeTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		one, other := w.handler(), w.handler()
		for n := range 6 {
			w.contact(fmt.Sprint(n), "x")
			h := one
			if n%2 == 1 {
				h = other
			}
			if err := w.run(t, h); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.waiting(); len(got) != 6 || total(got) != 6 {
			t.Errorf("%d rows with %d changes, want 6 of each", len(got), total(got))
		}
	})
}

func TestAHeldShardIsNotRead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.contact("1", "x")
		h := w.handler()
		lease := shard.Checkpoint{Shard: streamtest.First, Owner: "another", Until: time.Now().Add(time.Minute)}
		if err := w.checkpoints.Acquire(t.Context(), h.Stream, lease, time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if reads := w.stream.Calls()["GetRecords"]; reads != 0 {
			t.Errorf("read %d pages of a shard that another run holds", reads)
		}
		if line := w.line(t); line["held"] != 1.0 {
			t.Errorf("log line %v", line)
		}
	})
}

// What was begun of an event before its interface was paused, or came to want others, is sent on; where the interface does
// not work, send stops it, so that it can be replayed. Nothing is begun of what it is not told.
func TestEventsThatWereBegunBeforeAnEditAreFinished(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string][2]string{
		"paused": {`["contact.*"]`, `,"state":"paused"`}, "another filter": {`["contact.*"]`, `,"filter":"name=other"`}, "other events": {`["order.*"]`, ""},
	} {
		for at, died, finished := 1, true, 0; died; at++ {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.told(t, "c", `["contact.*"]`, "")
				for n := range 3 {
					w.contact(fmt.Sprint(n), "x")
				}
				w.kill.At(at)
				_ = w.run(t, w.handler())
				died = w.kill.Dead()
				w.kill.At(0)
				time.Sleep(timeout)
				begun := len(w.ledger.All())
				w.told(t, "c", edit[0], edit[1])
				w.scan(t)
				if got := events(t, w); got != begun {
					t.Errorf("%s, killed at step %d: %d events in the queue, want the %d that were begun", name, at, got, begun)
				}
				if died && begun > 0 {
					finished++
				}
			})
			if !died && finished == 0 {
				t.Error("no death left an event begun: the test says nothing")
			}
		}
	}
}

// A run that failed without dying leaves the same.
func TestEventsThatAFailedRunBegan(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.told(t, "c", `["contact.*"]`, "")
	w.contact("1", "x")
	w.deliveries.Refuse(1)
	if err := w.run(t, w.handler()); err == nil {
		t.Fatal("the run did not fail")
	}
	w.told(t, "c", `["contact.*"]`, `,"state":"paused"`)
	w.scan(t)
	if got := events(t, w); got != 1 {
		t.Errorf("%d events in the queue, want the one that was begun", got)
	}
}
