package tabletest

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
)

// BacklogAPI is what the fake and table.Backlog both are.
type BacklogAPI interface {
	Add(ctx context.Context, additions []backlog.Addition) error
	Rows(ctx context.Context, lane backlog.Lane, from backlog.Cursor, limit int) (rows []backlog.Row, next backlog.Cursor, wrapped bool, err error)
	Held(ctx context.Context, refs []backlog.Ref) ([]backlog.Row, error)
	Mark(ctx context.Context, marks []backlog.Mark) ([]bool, error)
	Settle(ctx context.Context, outcomes []backlog.Outcome) ([]bool, error)
	Sweep(ctx context.Context, lane backlog.Lane, limit int) (more bool, err error)
	States(ctx context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error)
	Save(ctx context.Context, state backlog.State) (bool, error)
}

// RunBacklog checks what scan, dispatch, send and stop rely on. Each check has an organization of its own, so that all run
// at once on one table, which may hold other things.
func RunBacklog(t *testing.T, api BacklogAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, BacklogAPI){
		"additions make rows and count on": additionsCount, "additions at once are all counted": additionsAtOnce,
		"a row comes and goes while it is added to": comesAndGoes, "a round passes each row once": roundPassesAll,
		"the end of a shard is the end of a page": emptyLaneWraps, "rows by name": heldByName, "marks": marksConflict,
		"one of two marks takes effect": oneMarkWins, "settling": settles, "settling many": settlesMany, "a sweep goes in slices": sweepsInSlices,
		"of two runs one saves a state": stateRevisions, "a state is kept whole": stateWhole, "names may hold anything": oddRecords,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

// suiteTime has milliseconds, which the tables keep, and nanoseconds, which they do not.
var suiteTime = time.Date(2026, 11, 2, 3, 4, 5, 678_901_234, time.UTC)

// oddNames are ids that a CRM may well give, and that separators, URLs and sorting could trip over.
func oddNames() []string {
	return []string{
		"a/b", "a//b/", "a&b=c", "what?", "#1", "50%", "%2F", " two words ", "tab\there", "line\nbreak", `quote"'back\slash`, "+1", "~", "ß", "Zoë",
		"Zoe\u0308", "東京", "שלום", "👩‍👩‍👧", "\U0010FFFD", "\uFFFF", "\u0000", "$", "--", "{}", strings.Repeat("é", 128),
	}
}

// organizationOfItsOwn is a name that no other check has.
func organizationOfItsOwn() string { return "suite-" + strings.ToLower(rand.Text()[:12]) }

func laneOfItsOwn() backlog.Lane {
	return backlog.Lane{Organization: organizationOfItsOwn(), Interface: "crm", Generation: "g1"}
}

func numbered(n int) []string {
	records := make([]string, n)
	for i := range records {
		records[i] = fmt.Sprintf("contact/%04d", i)
	}
	return records
}

func refsOf(lane backlog.Lane, records ...string) []backlog.Ref {
	refs := make([]backlog.Ref, len(records))
	for i, record := range records {
		refs[i] = backlog.Ref{Lane: lane, Record: record}
	}
	return refs
}

func add(t *testing.T, api BacklogAPI, lane backlog.Lane, changes int64, since time.Time, records ...string) {
	t.Helper()
	additions := make([]backlog.Addition, len(records))
	for i, record := range records {
		additions[i] = backlog.Addition{Lane: lane, Record: record, Changes: changes, Since: since}
	}
	if err := api.Add(t.Context(), additions); err != nil {
		t.Fatal(err)
	}
}

// checkRows compares rows, in order of their records.
func checkRows(t *testing.T, api BacklogAPI, refs []backlog.Ref, want ...backlog.Row) {
	t.Helper()
	got, err := api.Held(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b backlog.Row) int { return strings.Compare(a.Record, b.Record) })
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows differ (-want +got):\n%s", diff)
	}
}

func answers(t *testing.T, got []bool, err error, want ...bool) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers differ (-want +got):\n%s", diff)
	}
}

func heldByName(t *testing.T, api BacklogAPI) {
	lane, records := laneOfItsOwn(), numbered(250)
	later := backlog.Lane{Organization: lane.Organization, Interface: lane.Interface, Generation: "g2"}
	add(t, api, lane, 1, suiteTime, records...)
	add(t, api, later, 7, suiteTime, records[0])
	var want []backlog.Row
	for _, record := range records {
		want = append(want, backlog.Row{Lane: lane, Record: record, Changes: 1, Since: kept(suiteTime)})
	}
	checkRows(t, api, refsOf(lane, append(records, "contact/none")...), want...)
	checkRows(t, api, refsOf(later, records[:2]...), backlog.Row{Lane: later, Record: records[0], Changes: 7, Since: kept(suiteTime)})
	checkRows(t, api, nil)
}

func oddRecords(t *testing.T, api BacklogAPI) {
	lane := laneOfItsOwn()
	var records []string
	for _, name := range oddNames() {
		records = append(records, "contact/"+name)
	}
	add(t, api, lane, 1, suiteTime, records...)
	add(t, api, lane, 1, suiteTime, records...)
	var marks []backlog.Mark
	var outcomes []backlog.Outcome
	for _, record := range records {
		marks = append(marks, backlog.Mark{Row: backlog.Row{Lane: lane, Record: record}, Delivery: "d1", Lease: suiteTime})
		outcomes = append(outcomes, backlog.Outcome{Lane: lane, Record: record, Delivery: "d1", Changes: 2, Done: true})
	}
	done, err := api.Mark(t.Context(), marks)
	answers(t, done, err, slices.Repeat([]bool{true}, len(records))...)
	rows, _ := wholeRound(t, api, lane, 3)
	got := make([]string, len(rows))
	for i, row := range rows {
		got[i] = row.Record
	}
	slices.Sort(got)
	if diff := cmp.Diff(slices.Sorted(slices.Values(records)), got); diff != "" {
		t.Errorf("records of a round differ (-want +got):\n%s", diff)
	}
	released, err := api.Settle(t.Context(), outcomes)
	answers(t, released, err, make([]bool, len(records))...)
	checkRows(t, api, refsOf(lane, records...))
}
