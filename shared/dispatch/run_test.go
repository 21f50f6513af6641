package dispatch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/dispatch"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/notice"
)

// rows can be embedded, which dispatch.Rows with its method of the same name cannot.
type rows = dispatch.Rows

// interrupted are rows whose first reading to the end is followed by something else.
type interrupted struct {
	rows
	after func() error
	done  *bool
}

func (r interrupted) Rows(ctx context.Context, lane backlog.Lane, from backlog.Cursor, limit int) ([]backlog.Row, backlog.Cursor, bool, error) {
	list, next, wrapped, err := r.rows.Rows(ctx, lane, from, limit)
	if wrapped && !*r.done {
		*r.done = true
		err = errors.Join(err, r.after())
	}
	return list, next, wrapped, err
}

// TestAnEntryWrittenAgainStays: a change that scan counts just after its lane was read is not forgotten.
func TestAnEntryWrittenAgainStays(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	must(t, w.Plan(ctx, w.Lane, backlog.Run))
	done := false
	w.OnDispatch = func(h *dispatch.Handler) {
		h.Rows = interrupted{h.Rows, func() error {
			add := []backlog.Addition{{Lane: w.Lane, Record: "contact/C1", Changes: 1, Since: w.Clock.Now()}}
			return errors.Join(w.Backlog.Add(ctx, add), w.Plan(ctx, w.Lane, backlog.Run))
		}, &done}
	}
	must(t, w.Dispatch().Run(ctx))
	if !done || len(w.Agenda.All()) != 1 {
		t.Errorf("agenda %v, want the entry that was written again", w.Agenda.All())
	}
	w.Settle(ctx, t, time.Hour)
}

var errThrottled = errors.New("throttled")

// TestLinger works off what comes due while it lasts, in spite of a pass that fails.
func TestLinger(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, seconds string
		fails         bool
		want          []string
	}{
		{"unset", "", false, nil},
		{"fifty seconds", "50", false, []string{"08:01 s by schedule: 1 records in 1, merged 0"}},
		{"shorter than the time to the next", "20", false, nil},
		{"a pass fails", "50", true, []string{"08:01 s by schedule: 1 records in 1, merged 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
			w.Configuration.SetSetting("lingerSeconds", tt.seconds)
			w.Clock.Advance(30 * time.Second)
			must(t, w.Write(ctx, "C1"))
			if done := false; tt.fails {
				w.OnDispatch = func(h *dispatch.Handler) { h.Rows = interrupted{h.Rows, func() error { return errThrottled }, &done} }
			}
			must(t, w.Dispatch().Run(ctx))
			if d := diff.Diff(tt.want, executions(w)); d != "" {
				t.Errorf("executions (-want +got):\n%s", d)
			}
			if took := w.Clock.Now().Sub(linetest.Start.Add(30 * time.Second)); took > 50*time.Second {
				t.Errorf("the run took %s", took)
			}
		})
	}
}

func TestAFailingLaneHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	other := w.Install(t, "other", linetest.V2(linetest.Schedule(1, 100, 1)))
	must(t, w.Write(ctx, "C1"))
	must(t, w.Change(ctx, other, "C2", linetest.Contact("C2", 1)))
	w.OnDispatch = func(h *dispatch.Handler) { h.Rows = failing{h.Rows, other} }
	w.Clock.Advance(time.Minute)
	if err := w.Dispatch().Run(ctx); !errors.Is(err, errThrottled) {
		t.Errorf("error %v, want %v", err, errThrottled)
	}
	if w.Fast.Len() != 1 {
		t.Errorf("%d messages, want the one of the sound lane", w.Fast.Len())
	}
	if len(w.Agenda.All()) != 2 {
		t.Errorf("agenda %v, want the next run of one lane and the same of the other", w.Agenda.All())
	}
}

type failing struct {
	rows
	lane backlog.Lane
}

func (r failing) Rows(ctx context.Context, lane backlog.Lane, from backlog.Cursor, limit int) ([]backlog.Row, backlog.Cursor, bool, error) {
	if lane == r.lane {
		return nil, from, false, errThrottled
	}
	return r.rows.Rows(ctx, lane, from, limit)
}

func TestADigestIsAskedFor(t *testing.T) {
	t.Parallel()
	for purpose, kind := range map[backlog.Purpose]notice.Kind{backlog.WarningDigest: notice.Warning, backlog.StopDigest: notice.Stopped} {
		ctx, l := t.Context(), linetest.New()
		must(t, l.Plan(ctx, backlog.Lane{Organization: "demo", Interface: "gone"}, purpose))
		must(t, l.Dispatch().Run(ctx))
		received := l.Stopped.Receive(10)
		if len(received) != 1 || len(l.Agenda.All()) != 0 {
			t.Fatalf("%s: messages %v, agenda %v, want one and none", purpose, received, l.Agenda.All())
		}
		var got notice.Notice
		must(t, json.Unmarshal([]byte(received[0].Body), &got))
		if d := diff.Diff(notice.Notice{Kind: kind, Organization: "demo", Interface: "gone", Digest: true}, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", purpose, d)
		}
	}
}

// TestADeletedInterfaceIsSweptInSlices leaves the lane of its successor alone.
func TestADeletedInterfaceIsSweptInSlices(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1440, 100, 1)))
	must(t, w.Write(ctx, contacts(2_500)...))
	old := w.Lane
	w.Lane.Generation = "g2"
	w.Set(w.Lane, w.Hook, hook.Active)
	must(t, w.Write(ctx, contacts(3)...))
	must(t, w.Plan(ctx, old, backlog.Sweep))
	for _, want := range []int{503, 3} {
		must(t, w.Dispatch().Run(ctx))
		if n := len(w.Backlog.All()); n != want {
			t.Errorf("%d rows after a sweep, want %d", n, want)
		}
	}
	for _, e := range w.Agenda.All() {
		if e.Purpose == backlog.Sweep {
			t.Errorf("a sweep is left on the agenda")
		}
	}
}

// TestWhatIsNotDueCostsNothing compares the calls of a run over ten interfaces with one over ten of ten thousand.
func TestWhatIsNotDueCostsNothing(t *testing.T) {
	t.Parallel()
	calls := func(all int) map[string]int {
		ctx, l := t.Context(), linetest.New()
		often, daily := linetest.Parse(t, linetest.V2(linetest.Schedule(1, 100, 1)), nil), linetest.Parse(t, linetest.V2(linetest.Schedule(1440, 100, 1)), nil)
		for i := range all {
			lane := backlog.Lane{Organization: linetest.Organization, Interface: fmt.Sprintf("i%d", i), Generation: "g1"}
			h := daily
			if i < 10 {
				h = often
			}
			l.Set(lane, h, hook.Active)
			must(t, l.Change(ctx, lane, "C1", linetest.Contact("C1", 1)))
		}
		l.Clock.Advance(time.Minute)
		before := l.Configuration.Calls
		for _, calls := range []map[string]int{l.Agenda.Calls, l.Backlog.Calls, l.Ledger.Calls} {
			clear(calls)
		}
		must(t, l.Dispatch().Run(ctx))
		if l.Fast.Len() != 10 {
			t.Fatalf("%d deliveries, want 10", l.Fast.Len())
		}
		sum := map[string]int{"configuration": l.Configuration.Calls - before}
		for _, calls := range []map[string]int{l.Agenda.Calls, l.Backlog.Calls, l.Ledger.Calls} {
			for name, n := range calls {
				sum[name] += n
			}
		}
		return sum
	}
	if d := diff.Diff(calls(10), calls(10_000)); d != "" {
		t.Errorf("calls for ten of ten and for ten of ten thousand (-ten +ten thousand):\n%s", d)
	}
}
