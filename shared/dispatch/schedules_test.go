package dispatch_test

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/linetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// until moves the clock to a time of the line's day, 08:15.
func until(t *testing.T, w *linetest.World, clock string) {
	t.Helper()
	at, err := time.Parse("15:04", clock)
	must(t, err)
	to := linetest.Start.Truncate(24 * time.Hour).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
	w.Clock.Advance(to.Sub(w.Clock.Now()))
}

// executions lists the executions made, by time and schedule.
func executions(w *linetest.World) []string {
	all := w.Ledger.AllExecutions()
	slices.SortFunc(all, func(a, b backlog.Execution) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Schedule, b.Schedule))
	})
	var list []string
	for _, e := range all {
		list = append(list, fmt.Sprintf("%s %s by %s: %d records in %d, merged %d", e.At.Format("15:04"), e.Schedule, e.StartedBy, e.Taken, e.Deliveries, e.Merged))
	}
	return list
}

func contacts(n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("C%04d", i)
	}
	return ids
}

func TestSchedules(t *testing.T) {
	t.Parallel()
	one := func(members string) string { return `,"schedules":[{"name":"s",` + members + `}]` }
	for _, tt := range []struct {
		name, schedules string
		contacts        int
		written         string
		runs            []string
		want            []string
		next            []string
	}{
		{
			name: "a due time lies on the grid", schedules: one(`"frequencyMinutes":15`), contacts: 2, written: "08:07",
			runs: []string{"08:08", "08:14", "08:15"}, want: []string{"08:15 s by schedule: 2 records in 2, merged 0"}, next: []string{"08:30"},
		},
		{
			name: "a late run does not shift the next", schedules: one(`"frequencyMinutes":15,"batchSize":1`), contacts: 3, written: "08:07",
			runs: []string{"08:19", "08:29", "08:30", "08:31"}, next: []string{"08:45"},
			want: []string{"08:19 s by schedule: 1 records in 1, merged 0", "08:30 s by schedule: 1 records in 1, merged 0"},
		},
		{
			name: "due times that were missed make one run", schedules: one(`"frequencyMinutes":1`), contacts: 1, written: "08:07",
			runs: []string{"09:00"}, want: []string{"09:00 s by schedule: 1 records in 1, merged 0"}, next: []string{"09:01"},
		},
		{
			name:      "each schedule at its own times, the first taking first",
			schedules: `,"schedules":[{"name":"a","frequencyMinutes":10,"batchSize":2},{"name":"b","frequencyMinutes":15,"batchSize":2}]`,
			contacts:  7, written: "08:07", runs: []string{"08:10", "08:15", "08:20", "08:30"},
			want: []string{
				"08:10 a by schedule: 2 records in 2, merged 0", "08:15 b by schedule: 2 records in 2, merged 0",
				"08:20 a by schedule: 2 records in 2, merged 0", "08:30 a by schedule: 1 records in 1, merged 0",
			}, next: []string{"08:40"},
		},
		{
			name:     "two schedules at one time share what waits",
			contacts: 5, written: "08:07", runs: []string{"08:30"},
			schedules: `,"schedules":[{"name":"a","frequencyMinutes":10,"batchSize":2},{"name":"b","frequencyMinutes":15,"bucketSize":3}]`,
			want:      []string{"08:30 a by schedule: 2 records in 2, merged 0", "08:30 b by schedule: 3 records in 1, merged 0"}, next: []string{"08:40"},
		},
		{name: "a manual schedule is never due", schedules: one(`"launch":"manual"`), contacts: 2, written: "08:07", runs: []string{"08:15", "09:00"}},
		{
			name: "no more than the batch, in buckets", schedules: one(`"frequencyMinutes":1,"batchSize":5,"bucketSize":2`), contacts: 8, written: "08:00",
			runs: []string{"08:01"}, want: []string{"08:01 s by schedule: 5 records in 3, merged 0"}, next: []string{"08:02"},
		},
		{
			name: "an end is the end", schedules: one(`"frequencyMinutes":1,"batchSize":1,"end":"2026-12-01T08:02"`), contacts: 3, written: "08:00",
			runs: []string{"08:01", "08:02", "08:03"}, want: []string{"08:01 s by schedule: 1 records in 1, merged 0"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(tt.schedules))
			until(t, w, tt.written)
			must(t, w.Write(ctx, contacts(tt.contacts)...))
			for _, at := range tt.runs {
				until(t, w, at)
				must(t, w.Dispatch().Run(ctx))
			}
			if d := diff.Diff(tt.want, executions(w)); d != "" {
				t.Errorf("executions (-want +got):\n%s", d)
			}
			var next []string
			for _, e := range w.Agenda.All() {
				next = append(next, e.Due.Format("15:04"))
			}
			if d := diff.Diff(tt.next, next); d != "" {
				t.Errorf("agenda (-want +got):\n%s", d)
			}
		})
	}
}

// TestIdentifiers are taken at once, whether they changed or not and whatever the batch size; one in flight is merged and
// goes when its delivery has ended.
func TestIdentifiers(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(
		`,"schedules":[{"name":"named","frequencyMinutes":15,"batchSize":1,"bucketSize":2,"identifiers":["C0001","C0002","C0003","C0004"]},{"name":"all","frequencyMinutes":15}]`))
	must(t, w.Write(ctx, contacts(7)...))
	until(t, w, "08:15")
	must(t, w.Dispatch().Run(ctx))
	w.Fast.Receive(1) // In flight, as the next run sees it.
	for range 6 {
		_, err := w.Deliver(ctx, w.Fast, 1)
		must(t, err)
	}
	must(t, w.Write(ctx, "C0006"))
	until(t, w, "08:30")
	must(t, w.Dispatch().Run(ctx))
	want := []string{
		"08:15 all by schedule: 3 records in 3, merged 0", "08:15 named by identifiers: 4 records in 2, merged 0",
		"08:30 all by schedule: 1 records in 1, merged 0", "08:30 named by identifiers: 2 records in 1, merged 2",
	}
	if d := diff.Diff(want, executions(w)); d != "" {
		t.Errorf("executions (-want +got):\n%s", d)
	}
	if len(w.Agenda.All()) == 0 {
		t.Error("nothing on the agenda: identifiers go at each due time")
	}
	for w.Clock.Now().Before(linetest.Start.Add(50 * time.Minute)) {
		must(t, w.Step(ctx))
		w.Jump()
	}
	sent := map[string]int{}
	for _, r := range w.Receiver.Requests() {
		for id := range r.Contacts() {
			sent[id]++
		}
	}
	// C0001 was still in flight at 08:30 and its delivery had not been sent: what was named then went with it.
	if sent["C0001"] != 2 || sent["C0003"] != 3 || sent["C0005"] != 1 {
		t.Errorf("sent %v times, want those named at each due time and the others once", sent)
	}
}

// TestNothingFoundMakesNothing costs reads only.
func TestNothingFoundMakesNothing(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.V2(linetest.Schedule(1, 100, 1)))
	must(t, w.Plan(ctx, w.Lane, backlog.Run))
	w.Clock.Advance(time.Minute)
	must(t, w.Dispatch().Run(ctx))
	if n := len(w.Ledger.AllExecutions()); n != 0 || w.Backlog.Units != 0 || len(w.Agenda.All()) != 0 {
		t.Errorf("%d executions, %d write units, agenda %v, want none", n, w.Backlog.Units, w.Agenda.All())
	}
}
