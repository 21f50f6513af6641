package backlog_test

import (
	"fmt"
	"testing"
	"time"

	"crmhook/shared/backlog"
)

func TestWindow(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	clean := backlog.Execution{Deliveries: 2, Ended: 2, Tally: backlog.Tally{Delivered: 2}, LastAttempt: at}
	failing := func(streak int) backlog.Execution {
		return backlog.Execution{Deliveries: 9, Tally: backlog.Tally{Failed: 9}, Streak: streak, LastAttempt: at}
	}
	partly := backlog.Execution{Deliveries: 9, Ended: 4, Tally: backlog.Tally{Delivered: 4, Failed: 5}, Streak: 2, LastAttempt: at}
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
		{"doubles once for each", backlog.Window{Size: 100}, []backlog.Execution{clean, clean}, backlog.Window{Size: 400}},
		{"ends at 10,000", backlog.Window{Size: 9_000}, []backlog.Execution{clean}, backlog.Window{Size: 10_000}},
		{"stays while nothing has ended", backlog.Window{Size: 200}, []backlog.Execution{{Deliveries: 3}}, backlog.Window{Size: 200}},
		{"four failures are not failing", backlog.Window{Size: 200}, []backlog.Execution{failing(4)}, backlog.Window{Size: 200}},
		{"five failures leave a probe", backlog.Window{Size: 200}, []backlog.Execution{failing(5)}, backlog.Window{Size: 1}},
		{"failures add up over executions", backlog.Window{Size: 200}, []backlog.Execution{failing(3), failing(2)}, backlog.Window{Size: 1}},
		{"failures of ended executions count on", backlog.Window{Size: 200, Streak: 4}, []backlog.Execution{failing(1)}, backlog.Window{Size: 1, Streak: 4}},
		{"one success restores ten", backlog.Window{Size: 1, Streak: 7}, []backlog.Execution{partly}, backlog.Window{Size: 10}},
		{"a record that is always refused does not close it while a newer execution succeeds", backlog.Window{Size: 200}, []backlog.Execution{failing(8), partly}, backlog.Window{Size: 200}},
		{"a timeout makes it slow", backlog.Window{Size: 200}, []backlog.Execution{timedOut}, backlog.Window{Size: 200, Slow: true}},
		{"the next attempt that does not makes it fast", backlog.Window{Size: 200, Slow: true}, []backlog.Execution{partly}, backlog.Window{Size: 200}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := test.was.Next(test.executions); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
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
