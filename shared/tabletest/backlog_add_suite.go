package tabletest

import (
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
)

func additionsCount(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(60)
	add(t, api, lane, 2, suiteTime, records[:30]...)
	add(t, api, lane, 3, suiteTime.Add(time.Hour), records...)
	want := make([]backlog.Row, len(records))
	for i, record := range records {
		want[i] = backlog.Row{Lane: lane, Record: record, Changes: 5, Since: kept(suiteTime)}
		if i >= 30 {
			want[i].Changes, want[i].Since = 3, kept(suiteTime.Add(time.Hour))
		}
	}
	checkRows(t, api, refsOf(lane, records...), want...)

	done, err := api.Mark(t.Context(), []backlog.Mark{{Row: want[0], Delivery: "d1", Lease: suiteTime.Add(time.Minute)}})
	answers(t, done, err, true)
	add(t, api, lane, 1, suiteTime.Add(2*time.Hour), records[0])
	want[0].Changes, want[0].Delivery, want[0].Lease = 6, "d1", kept(suiteTime.Add(time.Minute))
	checkRows(t, api, refsOf(lane, records[0]), want[0])
	if err := api.Add(t.Context(), nil); err != nil {
		t.Errorf("adding nothing: %v", err)
	}
}

func additionsAtOnce(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(30)
	var wait sync.WaitGroup
	for range 6 {
		wait.Go(func() {
			for range 3 {
				if err := api.Add(t.Context(), additionsOf(lane, records)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	want := make([]backlog.Row, len(records))
	for i, record := range records {
		want[i] = backlog.Row{Lane: lane, Record: record, Changes: 18, Since: kept(suiteTime)}
	}
	checkRows(t, api, refsOf(lane, records...), want...)
}

func additionsOf(lane backlog.Lane, records []string) []backlog.Addition {
	additions := make([]backlog.Addition, len(records))
	for i, record := range records {
		additions[i] = backlog.Addition{Lane: lane, Record: record, Changes: 1, Since: suiteTime}
	}
	return additions
}

// comesAndGoes delivers a row again and again while others add to it: each change is either in what was taken away or
// still there.
func comesAndGoes(t *testing.T, api BacklogAPI) {
	const adders, each = 4, 10
	lane := laneOfItsOwn()
	refs := refsOf(lane, "contact/1")
	var wait sync.WaitGroup
	var over atomic.Int32
	for range adders {
		wait.Go(func() {
			defer over.Add(1)
			for range each {
				if err := api.Add(t.Context(), additionsOf(lane, []string{"contact/1"})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var taken int64
	for over.Load() < adders {
		taken += takeAway(t, api, refs[0])
	}
	wait.Wait()
	left, err := api.Held(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range left {
		taken += row.Changes
	}
	if taken != adders*each {
		t.Errorf("%d changes were taken or are left, want the %d that were added", taken, adders*each)
	}
}

// takeAway delivers a row once and answers how many changes went with it.
func takeAway(t *testing.T, api BacklogAPI, ref backlog.Ref) int64 {
	t.Helper()
	rows, err := api.Held(t.Context(), []backlog.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) == 0 {
		return 0
	}
	marked, err := api.Mark(t.Context(), []backlog.Mark{{Row: rows[0], Delivery: "d", Lease: suiteTime}})
	answers(t, marked, err, true)
	released, err := api.Settle(t.Context(), []backlog.Outcome{{Lane: ref.Lane, Record: ref.Record, Delivery: "d", Changes: rows[0].Changes, Done: true}})
	if err != nil {
		t.Fatal(err)
	}
	if released[0] {
		return 0
	}
	return rows[0].Changes
}

// wholeRound reads a lane's rows from the round's beginning to its end, and says how many pages that took.
func wholeRound(t *testing.T, api BacklogAPI, lane backlog.Lane, limit int) (rows []backlog.Row, pages int) {
	t.Helper()
	var at backlog.Cursor
	for pages = 1; pages < 1000; pages++ {
		page, next, wrapped, err := api.Rows(t.Context(), lane, at, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(page) > limit {
			t.Errorf("a page holds %d rows, want at most %d", len(page), limit)
		}
		for _, row := range page {
			if shard := backlog.Shard(row.Record); shard != at.Shard || row.Record <= at.After {
				t.Errorf("%q of shard %d came after cursor %+v", row.Record, shard, at)
			}
		}
		if rows = append(rows, page...); wrapped {
			if next != (backlog.Cursor{}) {
				t.Errorf("the cursor after a round is %+v, want the beginning", next)
			}
			return rows, pages
		}
		if next == at {
			t.Fatalf("the cursor stays at %+v", at)
		}
		at = next
	}
	t.Fatal("the round does not end")
	return nil, 0
}

func roundPassesAll(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(45)
	add(t, api, lane, 1, suiteTime, records...)
	for _, limit := range []int{1, 4, 1000} {
		rows, pages := wholeRound(t, api, lane, limit)
		var got []string
		shards := map[int]bool{}
		for i, row := range rows {
			shards[backlog.Shard(row.Record)] = true
			if got = append(got, row.Record); i > 0 && backlog.Shard(rows[i-1].Record) == backlog.Shard(row.Record) && rows[i-1].Record >= row.Record {
				t.Errorf("limit %d: %q comes after %q", limit, row.Record, rows[i-1].Record)
			}
		}
		if slices.Sort(got); !cmp.Equal(records, got) || len(shards) != backlog.Shards {
			t.Errorf("limit %d: a round passed %d rows of %d shards, want each of %d once, of all shards", limit, len(got), len(shards), len(records))
		}
		if limit == 1000 && pages != backlog.Shards {
			t.Errorf("%d pages where each shard fits into one, want %d", pages, backlog.Shards)
		}
	}
}

func emptyLaneWraps(t *testing.T, api BacklogAPI) {
	lane := laneOfItsOwn()
	if rows, pages := wholeRound(t, api, lane, 10); len(rows) != 0 || pages != backlog.Shards {
		t.Errorf("an empty lane has %d rows in %d pages, want none in %d", len(rows), pages, backlog.Shards)
	}
	add(t, api, lane, 1, suiteTime, "contact/1")
	shard := backlog.Shard("contact/1")
	// A page that its rows fill to the limit does not know that nothing follows.
	rows, next, wrapped, err := api.Rows(t.Context(), lane, backlog.Cursor{Shard: shard}, 1)
	if want := (backlog.Cursor{Shard: shard, After: "contact/1"}); err != nil || len(rows) != 1 || wrapped || next != want {
		t.Errorf("a full page has %d rows, next %+v, wrapped %v, error %v; want one and %+v", len(rows), next, wrapped, err, want)
	}
}
