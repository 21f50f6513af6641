package tabletest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
)

func mark(t *testing.T, api BacklogAPI, lane backlog.Lane, holder, delivery string, records ...string) []bool {
	t.Helper()
	marks := make([]backlog.Mark, len(records))
	for i, record := range records {
		marks[i] = backlog.Mark{Row: backlog.Row{Lane: lane, Record: record, Delivery: holder}, Delivery: delivery, Lease: suiteTime.Add(backlog.Lease)}
	}
	done, err := api.Mark(t.Context(), marks)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

func marksConflict(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(60)
	add(t, api, lane, 1, suiteTime, records...)
	steps := []struct {
		name, holder, delivery string
		records                []string
		want                   bool
	}{
		{"free rows", "", "d1", records, true},
		{"rows that are free no more", "", "d2", records, false},
		{"rows that another holds than was thought", "d2", "d3", records, false},
		{"rows held by whom the mark names", "d1", "d3", records[:30], true},
		{"rows that are gone", "", "d4", []string{"contact/none"}, false},
		{"rows that are gone and were held", "d1", "d4", []string{"contact/none"}, false},
	}
	for _, step := range steps {
		want := slices.Repeat([]bool{step.want}, len(step.records))
		if diff := cmp.Diff(want, mark(t, api, lane, step.holder, step.delivery, step.records...)); diff != "" {
			t.Errorf("%s: answers differ (-want +got):\n%s", step.name, diff)
		}
	}
	want := make([]backlog.Row, len(records))
	for i, record := range records {
		want[i] = backlog.Row{Lane: lane, Record: record, Changes: 1, Since: kept(suiteTime), Delivery: "d1", Lease: kept(suiteTime.Add(backlog.Lease))}
		if i < 30 {
			want[i].Delivery = "d3"
		}
	}
	checkRows(t, api, refsOf(lane, append(records, "contact/none")...), want...)
}

func oneMarkWins(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(30)
	add(t, api, lane, 1, suiteTime, records...)
	var won [4][]bool
	var wait sync.WaitGroup
	for n := range won {
		wait.Go(func() { won[n] = mark(t, api, lane, "", fmt.Sprintf("d%d", n), records...) })
	}
	wait.Wait()
	rows, err := api.Held(t.Context(), refsOf(lane, records...))
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		i := slices.Index(records, row.Record)
		for n := range won {
			if holds := row.Delivery == fmt.Sprintf("d%d", n); won[n][i] != holds {
				t.Errorf("%s is held by %s, and d%d was told %v", row.Record, row.Delivery, n, won[n][i])
			}
		}
	}
}

func settles(t *testing.T, api BacklogAPI) {
	lane := laneOfItsOwn()
	cases := []struct {
		record, holder string
		outcome        backlog.Outcome
		gone, again    bool
	}{
		{"contact/done", "d1", backlog.Outcome{Delivery: "d1", Changes: 2, Done: true}, true, false},
		{"contact/done and changed since", "d1", backlog.Outcome{Delivery: "d1", Changes: 1, Done: true}, false, true},
		{"contact/not done", "d1", backlog.Outcome{Delivery: "d1", Changes: 2}, false, true},
		{"contact/another's", "d2", backlog.Outcome{Delivery: "d1", Changes: 2, Done: true}, false, false},
		{"contact/another's, not done", "d2", backlog.Outcome{Delivery: "d1"}, false, false},
		{"contact/free", "", backlog.Outcome{Delivery: "d1", Changes: 2, Done: true}, false, false},
	}
	var outcomes []backlog.Outcome
	for _, c := range cases {
		add(t, api, lane, 2, suiteTime, c.record)
		if c.holder != "" {
			mark(t, api, lane, "", c.holder, c.record)
		}
		c.outcome.Lane, c.outcome.Record = lane, c.record
		outcomes = append(outcomes, c.outcome)
	}
	outcomes = append(outcomes, backlog.Outcome{Lane: lane, Record: "contact/none", Delivery: "d1", Changes: 2, Done: true}, backlog.Outcome{Lane: lane, Record: "contact/none, not done", Delivery: "d1"})
	for n := range 2 {
		released, err := api.Settle(t.Context(), outcomes)
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range cases {
			if want := c.again && n == 0; released[i] != want {
				t.Errorf("%s, time %d: released is %v, want %v", c.record, n+1, released[i], want)
			}
			if c.gone {
				checkRows(t, api, refsOf(lane, c.record))
				continue
			}
			want := backlog.Row{Lane: lane, Record: c.record, Changes: 2, Since: kept(suiteTime)}
			if !c.again && c.holder != "" {
				want.Delivery, want.Lease = c.holder, kept(suiteTime.Add(backlog.Lease))
			}
			checkRows(t, api, refsOf(lane, c.record), want)
		}
		checkRows(t, api, refsOf(lane, "contact/none", "contact/none, not done"))
	}
}

func settlesMany(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(1000)
	add(t, api, lane, 1, suiteTime, records...)
	mark(t, api, lane, "", "d1", records...)
	add(t, api, lane, 1, suiteTime, records[:100]...)
	outcomes, want := make([]backlog.Outcome, len(records)), make([]bool, len(records))
	for i, record := range records {
		outcomes[i], want[i] = backlog.Outcome{Lane: lane, Record: record, Delivery: "d1", Changes: 1, Done: true}, i < 100
	}
	released, err := api.Settle(t.Context(), outcomes)
	answers(t, released, err, want...)
	if rows, _ := wholeRound(t, api, lane, 1000); len(rows) != 100 {
		t.Errorf("%d rows are left, want the 100 that changed meanwhile", len(rows))
	}
}

func sweepsInSlices(t *testing.T, api BacklogAPI) {
	lane, other := laneOfItsOwn(), laneOfItsOwn()
	add(t, api, lane, 1, suiteTime, numbered(50)...)
	add(t, api, other, 1, suiteTime, "contact/1")
	for _, l := range []backlog.Lane{lane, other} {
		if saved, err := api.Save(t.Context(), backlog.State{Lane: l, LastRun: suiteTime}); err != nil || !saved {
			t.Fatalf("saved %v, error %v", saved, err)
		}
	}
	for left, more := 50, true; more; {
		var err error
		if more, err = api.Sweep(t.Context(), lane, 20); err != nil {
			t.Fatal(err)
		}
		rows, _ := wholeRound(t, api, lane, 100)
		if want := max(0, left-20); len(rows) != want {
			t.Fatalf("%d rows are left of %d, want %d", len(rows), left, want)
		}
		if left = len(rows); left > 0 && !more {
			t.Fatalf("%d rows are left and there are said to be none", left)
		}
		if revision := stateOf(t, api, lane).Revision; more != (revision == 1) {
			t.Errorf("more is %v and the state's revision %d: it goes with the last row", more, revision)
		}
	}
	if more, err := api.Sweep(t.Context(), lane, 20); err != nil || more {
		t.Errorf("sweeping again: more %v, error %v", more, err)
	}
	checkRows(t, api, refsOf(other, "contact/1"), backlog.Row{Lane: other, Record: "contact/1", Changes: 1, Since: kept(suiteTime)})
	if stateOf(t, api, other).Revision != 1 {
		t.Error("another lane's state has gone")
	}
}

func stateOf(t *testing.T, api BacklogAPI, lane backlog.Lane) backlog.State {
	t.Helper()
	states, err := api.States(t.Context(), []backlog.Lane{lane})
	if err != nil {
		t.Fatal(err)
	}
	return states[lane]
}

func stateRevisions(t *testing.T, api BacklogAPI) {
	lane := laneOfItsOwn()
	first := stateOf(t, api, lane)
	if diff := cmp.Diff(backlog.State{Lane: lane}, first); diff != "" {
		t.Errorf("a lane that never ran differs (-want +got):\n%s", diff)
	}
	save := func(name string, state backlog.State, want bool) {
		t.Helper()
		if got, err := api.Save(t.Context(), state); err != nil || got != want {
			t.Errorf("%s: saved %v, error %v; want %v", name, got, err, want)
		}
	}
	save("the first", first, true)
	save("another first", first, false)
	second := stateOf(t, api, lane)
	second.Waiting = 2
	save("the second", second, true)
	second.Waiting = 3
	save("a run that read before", second, false)
	save("a revision to come", backlog.State{Lane: lane, Revision: 9}, false)
	save("a revision of a lane that never ran", backlog.State{Lane: laneOfItsOwn(), Revision: 1}, false)
	if got := stateOf(t, api, lane); got.Revision != 2 || got.Waiting != 2 {
		t.Errorf("the state is %+v, want revision 2 with 2 waiting", got)
	}
}

func stateWhole(t *testing.T, api BacklogAPI) {
	lanes, want := make([]backlog.Lane, 120), map[backlog.Lane]backlog.State{}
	for i := range lanes {
		lanes[i] = laneOfItsOwn()
		want[lanes[i]] = backlog.State{Lane: lanes[i]}
	}
	for _, lane := range lanes[:3] {
		state := backlog.State{
			Lane: lane, LastRun: suiteTime, Cursor: backlog.Cursor{Shard: 3, After: "contact/👩‍👩‍👧 #1"}, Window: backlog.Window{Size: 200, Streak: 3, Slow: true},
			Running: []string{"e1", "e2"}, Round: backlog.Round{Waiting: 4, Oldest: suiteTime.Add(-time.Hour)}, Waiting: 5, Oldest: suiteTime.Add(-time.Minute),
			WaitingAsOf: suiteTime, Busy: "e2", BusyUntil: suiteTime.Add(time.Minute),
		}
		if saved, err := api.Save(t.Context(), state); err != nil || !saved {
			t.Fatalf("saved %v, error %v", saved, err)
		}
		state.Revision = 1
		want[lane] = state
	}
	got, err := api.States(t.Context(), lanes)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("states differ (-want +got):\n%s", diff)
	}
}
