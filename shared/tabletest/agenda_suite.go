package tabletest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
)

// AgendaAPI is what the fake and table.Agenda both are.
type AgendaAPI interface {
	Put(ctx context.Context, entries []backlog.Entry) error
	Due(ctx context.Context, now time.Time, limit int) ([]backlog.Entry, error)
	Drop(ctx context.Context, entries []backlog.Entry) ([]bool, error)
}

// RunAgenda checks what scan, configure and dispatch rely on. There is one agenda a table, so each check gets an empty one.
func RunAgenda(t *testing.T, empty func(t *testing.T) AgendaAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, AgendaAPI){
		"due entries, earliest first": dueInOrder, "entries of the same place are one": samePlaceIsOne,
		"an entry written again is not dropped": writtenAgain, "hundreds at once": manyEntries,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, empty(t))
		})
	}
}

var agendaTime = time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC)

func entry(name string, purpose backlog.Purpose, after time.Duration, token string) backlog.Entry {
	return backlog.Entry{
		Lane: backlog.Lane{Organization: "demo", Interface: name, Generation: "g1"}, Purpose: purpose, Due: agendaTime.Add(after), Token: token,
	}
}

func putEntries(t *testing.T, api AgendaAPI, entries ...backlog.Entry) {
	t.Helper()
	if err := api.Put(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
}

func checkDue(t *testing.T, api AgendaAPI, at time.Duration, limit int, want ...backlog.Entry) {
	t.Helper()
	got, err := api.Due(t.Context(), agendaTime.Add(at), limit)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("due after %v differs (-want +got):\n%s", at, diff)
	}
}

func dueInOrder(t *testing.T, api AgendaAPI) {
	checkDue(t, api, 0, 10)
	b, a, sweep := entry("b", backlog.Run, 0, "1"), entry("a", backlog.Run, 0, "2"), entry("a", backlog.Sweep, 0, "3")
	digest, next := entry("z", backlog.StopDigest, 0, "4"), entry("a", backlog.Run, time.Second, "5")
	years := entry("a", backlog.Run, -3*365*24*time.Hour, "6")
	zoned := entry("c", backlog.Run, -time.Second, "7")
	zoned.Due = zoned.Due.In(time.FixedZone("", -5*3600))
	putEntries(t, api, next, b, sweep, a, years, zoned, digest)
	checkDue(t, api, -time.Second, 10, years, zoned)
	checkDue(t, api, -time.Millisecond, 10, years, zoned)
	checkDue(t, api, 0, 10, years, zoned, digest, a, b, sweep)
	checkDue(t, api, 999*time.Millisecond, 10, years, zoned, digest, a, b, sweep)
	checkDue(t, api, time.Second, 10, years, zoned, digest, a, b, sweep, next)
	checkDue(t, api, time.Hour, 3, years, zoned, digest)
}

func samePlaceIsOne(t *testing.T, api AgendaAPI) {
	first, second, third := entry("a", backlog.Run, 0, "1"), entry("a", backlog.Run, 0, "2"), entry("a", backlog.Run, 0, "3")
	other := entry("a", backlog.Run, 0, "4")
	other.Generation = "g2"
	putEntries(t, api, first, other, second)
	checkDue(t, api, 0, 10, second, other)
	putEntries(t, api, third)
	checkDue(t, api, 0, 10, third, other)
	putEntries(t, api)
}

func writtenAgain(t *testing.T, api AgendaAPI) {
	read, again, kept := entry("a", backlog.Run, 0, "1"), entry("a", backlog.Run, 0, "2"), entry("b", backlog.Run, 0, "3")
	putEntries(t, api, read, kept)
	putEntries(t, api, again)
	gone, err := api.Drop(t.Context(), []backlog.Entry{read, kept})
	answers(t, gone, err, false, true)
	checkDue(t, api, 0, 10, again)
	gone, err = api.Drop(t.Context(), []backlog.Entry{again, kept})
	answers(t, gone, err, true, true)
	checkDue(t, api, 0, 10)
}

func manyEntries(t *testing.T, api AgendaAPI) {
	var entries []backlog.Entry
	for i := range 260 {
		entries = append(entries, entry(fmt.Sprintf("i%03d", i), backlog.Run, 0, fmt.Sprint(i)))
	}
	putEntries(t, api, entries...)
	checkDue(t, api, time.Hour, 1000, entries...)
	checkDue(t, api, time.Hour, 130, entries[:130]...)
	gone, err := api.Drop(t.Context(), entries)
	answers(t, gone, err, slices.Repeat([]bool{true}, len(entries))...)
	checkDue(t, api, time.Hour, 1000)
}
