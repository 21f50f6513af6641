package backlog_test

import (
	"fmt"
	"testing"
	"time"

	"crmhook/shared/backlog"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 12, 1, 8, minute, 0, 0, time.UTC) }
	clean := backlog.Execution{Deliveries: 2, Ended: 2, Tally: backlog.Tally{Delivered: 2}, LastAttempt: at(1), LastSuccess: at(1)}
	failing := func(streak int) backlog.Execution {
		return backlog.Execution{Deliveries: 9, Tally: backlog.Tally{Failed: 9}, Streak: streak, StreakSince: at(2), LastAttempt: at(3)}
	}
	partly := backlog.Execution{
		Deliveries: 9, Ended: 4, Tally: backlog.Tally{Delivered: 4, Failed: 5}, Streak: 2, StreakSince: at(6), LastAttempt: at(7), LastSuccess: at(5),
	}
	later, stopped, closed := clean, clean, clean
	later.Tally.Failed, stopped.Tally.Stopped = 1, 1
	closed.Ended, closed.Closed = 1, true
	timedOut := failing(1)
	timedOut.TimedOut = true
	for _, test := range []struct {
		name       string
		was        backlog.Window
		executions []backlog.Execution
		want       backlog.Window
	}{
		{"begins at 100", backlog.Window{}, nil, backlog.Window{Size: 100}},
		{"doubles after a clean execution", backlog.Window{Size: 100}, []backlog.Execution{clean}, backlog.Window{Size: 200}},
		{"stays after an execution of which something failed once", backlog.Window{Size: 100}, []backlog.Execution{later}, backlog.Window{Size: 100}},
		{"stays after an execution of which something was stopped", backlog.Window{Size: 100}, []backlog.Execution{stopped}, backlog.Window{Size: 100}},
		{"doubles after a clean execution whose counts lag behind", backlog.Window{Size: 100}, []backlog.Execution{closed}, backlog.Window{Size: 200}},
		{"doubles once for each", backlog.Window{Size: 100}, []backlog.Execution{clean, clean}, backlog.Window{Size: 400}},
		{"ends at 10,000", backlog.Window{Size: 9_000}, []backlog.Execution{clean}, backlog.Window{Size: 10_000}},
		{"stays while nothing has ended", backlog.Window{Size: 200}, []backlog.Execution{{Deliveries: 3}}, backlog.Window{Size: 200}},
		{"four failures are not failing", backlog.Window{Size: 200}, []backlog.Execution{failing(4)}, backlog.Window{Size: 200}},
		{"five failures leave a probe", backlog.Window{Size: 200}, []backlog.Execution{failing(5)}, backlog.Window{Size: 1}},
		{"failures add up over executions", backlog.Window{Size: 200}, []backlog.Execution{failing(3), failing(2)}, backlog.Window{Size: 1}},
		{"failures of ended executions count on", backlog.Window{Size: 200, Streak: 4}, []backlog.Execution{failing(1)}, backlog.Window{Size: 1, Streak: 4}},
		{"stays a probe while it fails", backlog.Window{Size: 1, Streak: 5}, []backlog.Execution{failing(1)}, backlog.Window{Size: 1, Streak: 5}},
		{"a clean execution restores no more than ten", backlog.Window{Size: 1, Streak: 7}, []backlog.Execution{clean}, backlog.Window{Size: 10}},
		{"an execution without an attempt says nothing", backlog.Window{Size: 1, Streak: 5, Slow: true}, []backlog.Execution{{Deliveries: 1}}, backlog.Window{Size: 1, Streak: 5, Slow: true}},
		{"one success restores ten", backlog.Window{Size: 1, Streak: 7}, []backlog.Execution{partly}, backlog.Window{Size: 10}},
		{"a record that is always refused does not close it while a newer execution succeeds", backlog.Window{Size: 200}, []backlog.Execution{failing(8), partly}, backlog.Window{Size: 200}},
		{"a timeout makes it slow", backlog.Window{Size: 200}, []backlog.Execution{timedOut}, backlog.Window{Size: 200, Slow: true}},
		{"the next attempt that does not makes it fast", backlog.Window{Size: 200, Slow: true}, []backlog.Execution{partly}, backlog.Window{Size: 200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.was.Next(test.executions)
			if got.LastAttempt, got.LastSuccess = (time.Time{}), (time.Time{}); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

// TestWindowGrowsWithAnOpenExecution once for all that it had made at the last look, and not while something of that failed.
func TestWindowGrowsWithAnOpenExecution(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	e := backlog.Execution{ID: "x", Open: true, LastAttempt: at, LastSuccess: at}
	w := backlog.Window{Size: 100}
	for i, look := range []struct {
		made, ended, failed int
		shut                bool
		want                int
		why                 string
	}{
		{0, 0, 0, false, 100, "it has made nothing"},
		{100, 40, 0, false, 100, "some are under way"},
		{160, 100, 0, false, 200, "all that were made at the last look have ended"},
		{160, 160, 0, false, 200, "none of those made since has"},
		{160, 160, 0, false, 200, "nothing is new"},
		{300, 161, 0, false, 400, "one that was made since has"},
		{500, 301, 1, false, 400, "one failed meanwhile"},
		{900, 501, 1, false, 800, "none has failed since"},
		{900, 900, 1, true, 800, "the last ones were not made since the last look"},
	} {
		e.Deliveries, e.Ended, e.Tally.Failed, e.Open = look.made, look.ended, look.failed, !look.shut
		if w = w.Next([]backlog.Execution{e}); w.Size != look.want {
			t.Errorf("look %d: %d, want %d: %s", i, w.Size, look.want, look.why)
		}
	}
	other := backlog.Execution{ID: "y", Deliveries: 1, Ended: 1, LastAttempt: at, LastSuccess: at}
	if got := w.Next([]backlog.Execution{e, other}).Size; got != 1_600 {
		t.Errorf("%d, want 1,600: another execution that is over counts as ever", got)
	}
	if got := (backlog.Window{Size: 100}).Next([]backlog.Execution{{ID: "z", Open: true, Deliveries: 9, Ended: 9, LastAttempt: at, LastSuccess: at}}).Size; got != 200 {
		t.Errorf("%d, want 200: all it made has ended cleanly", got)
	}
}

// What an execution showed counts on when it is over and no longer looked at.
func TestWindowRemembers(t *testing.T) {
	t.Parallel()
	at := func(minute int) time.Time { return time.Date(2026, 12, 1, 8, minute, 0, 0, time.UTC) }
	refused := backlog.Execution{
		Deliveries: 100, Ended: 99, Tally: backlog.Tally{Delivered: 99, Failed: 1}, Streak: 6, StreakSince: at(1), LastAttempt: at(9), LastSuccess: at(0),
	}
	taken := backlog.Execution{Deliveries: 50, Ended: 50, Tally: backlog.Tally{Delivered: 50}, LastAttempt: at(5), LastSuccess: at(5)}
	first := backlog.Window{Size: 200}.Next([]backlog.Execution{refused, taken})
	if second := first.Next([]backlog.Execution{refused}); first.Size != 400 || second.Size != 400 {
		t.Errorf("sizes %d and %d, want 400: one record that is refused does not close the window", first.Size, second.Size)
	}
	old := refused
	old.Streak, old.LastAttempt = 1, at(1)
	dead := backlog.Execution{Deliveries: 6, Ended: 6, Tally: backlog.Tally{Failed: 6, Stopped: 6}, Streak: 6, StreakSince: at(6), LastAttempt: at(8), TimedOut: true}
	first = backlog.Window{Size: 200}.Next([]backlog.Execution{old, dead})
	if second := first.Next([]backlog.Execution{old}); first.Size != 1 || second.Size != 1 || !second.Slow {
		t.Errorf("sizes %d and %d, slow %v, want 1 and slow: an old success does not open the window", first.Size, second.Size, second.Slow)
	}
}

func TestFree(t *testing.T) {
	t.Parallel()
	for underWay, want := range map[int]int{0: 10, 9: 1, 10: 0, 30: 0} {
		if got := (backlog.Window{Size: 10}).Free(underWay); got != want {
			t.Errorf("%d under way: %d free, want %d", underWay, got, want)
		}
	}
}

func TestShardsAreEven(t *testing.T) {
	t.Parallel()
	const records = 10_000
	var counts [backlog.Shards]int
	for i := range records {
		counts[backlog.Shard(fmt.Sprintf("contact/%d", i))]++
	}
	for shard, n := range counts {
		if n < records/backlog.Shards*8/10 || n > records/backlog.Shards*12/10 {
			t.Errorf("shard %d has %d of %d records", shard, n, records)
		}
	}
}

func TestRound(t *testing.T) {
	t.Parallel()
	early := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	var s backlog.State
	s.Round.Count([]backlog.Row{{Since: early.Add(time.Hour)}, {Since: early, Delivery: "d"}})
	s.Round.Count([]backlog.Row{{Since: early.Add(time.Minute)}})
	s.Finish(early.Add(2 * time.Hour))
	if s.Waiting != 2 || !s.Oldest.Equal(early) || !s.WaitingAsOf.Equal(early.Add(2*time.Hour)) || s.Round.Waiting != 0 {
		t.Errorf("got %d waiting, oldest %s, as of %s, next round %d", s.Waiting, s.Oldest, s.WaitingAsOf, s.Round.Waiting)
	}
}
