package scan_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/setaside"
	"crmhook/shared/streamtest"
)

func TestChangesWaitForTheInterfacesThatWantThem(t *testing.T) {
	t.Parallel()
	first := streamtest.First
	ours := func(id, origin string, version int) map[string]any {
		item := record("acme#contact", id, fmt.Sprint(version))
		item["origin"], item["version"] = origin, version
		return item
	}
	tests := []struct {
		name  string
		write func(t *testing.T, w *world)
		want  map[string]int64
	}{
		{"created and edited in one page is one row with its changes", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.contact("1", "x")
			w.contact("1", "y")
			w.contact("2", "x")
		}, map[string]int64{"a contact/1": 2, "a contact/2": 1}},
		{"every interface of the organization, none of another", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.save(t, "acme", "b", "")
			w.save(t, "other", "c", "")
			w.contact("1", "x")
		}, map[string]int64{"a contact/1": 1, "b contact/1": 1}},
		{"other entities go to no contact webhook", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.stream.Put(first, record("acme#order", "1", "x"))
		}, map[string]int64{}},
		{"a write that changes nothing", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.contact("1", "x")
			w.contact("1", "x")
		}, map[string]int64{"a contact/1": 1}},
		{"a deleted contact is not sent", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.contact("1", "x")
			w.stream.Remove(first, "acme#contact", "1")
		}, map[string]int64{"a contact/1": 1}},
		{"filter, on the new data", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", `,"filter":"name=y"`)
			w.contact("1", "x")
			w.contact("1", "y")
			w.contact("2", "x")
		}, map[string]int64{"a contact/1": 1}},
		{"filter on a number that only the key holds", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", `,"filter":"contactNumber=4.*"`)
			w.stream.Put(first, map[string]any{"pk": "acme#contact", "sk": "47", "data": map[string]any{}})
			w.stream.Put(first, map[string]any{"pk": "acme#contact", "sk": "57", "data": map[string]any{"contactNumber": nil}})
		}, map[string]int64{"a contact/47": 1}},
		{"origins", func(t *testing.T, w *world) {
			w.save(t, "acme", "console", `,"origins":["agent-console"]`)
			w.save(t, "acme", "not-bulk", `,"ignoreOrigins":["bulk"]`)
			w.stream.Put(first, ours("1", "bulk", 1))
			w.stream.Put(first, ours("1", "agent-console", 2))
			w.stream.Put(first, ours("1", "csv-import", 2))
		}, map[string]int64{"console contact/1": 1, "not-bulk contact/1": 1}},
		{"paused and invalid ones let changes wait", func(t *testing.T, w *world) {
			w.save(t, "acme", "paused", `,"state":"paused","filter":"name=y"`)
			w.invalid(t, "acme", "invalid")
			w.contact("1", "x")
			w.contact("2", "y")
		}, map[string]int64{"paused contact/2": 1, "invalid contact/1": 1, "invalid contact/2": 1}},
		{"odd ids", func(t *testing.T, w *world) {
			w.save(t, "acme", "a", "")
			w.contact("a/b & c?d#e%f", "x")
		}, map[string]int64{"a contact/a/b & c?d#e%f": 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				tt.write(t, w)
				w.scan(t)
				if diff := cmp.Diff(tt.want, w.waiting()); diff != "" {
					t.Errorf("rows differ (-want +got):\n%s", diff)
				}
				if aside := w.ledger.AllAside(); len(aside) != 0 {
					t.Errorf("set aside: %v", aside)
				}
			})
		})
	}
}

func TestAgendaAnnouncesWhatWorks(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		working := w.save(t, "acme", "working", "")
		w.save(t, "acme", "paused", `,"state":"paused"`)
		w.invalid(t, "acme", "invalid")
		manual := working
		copied := *working.Hook
		copied.Schedules = nil
		manual.Name, manual.Hook = "manual", &copied
		w.keep(t, manual)
		w.contact("1", "x")
		w.scan(t)
		if got := len(w.waiting()); got != 4 {
			t.Errorf("%d rows, want one for each interface", got)
		}
		entries := w.agenda.All()
		// First seen a minute ago, every five minutes: the next time is in four.
		want := backlog.Entry{
			Lane:    backlog.Lane{Organization: "acme", Interface: "working", Generation: "g1"},
			Purpose: backlog.Run, Due: time.Now().Add(4 * time.Minute).UTC(),
		}
		if len(entries) != 1 || entries[0].Token == "" {
			t.Fatalf("got %v, want one entry with a token", entries)
		}
		token := entries[0].Token
		want.Token, entries[0].Due = token, entries[0].Due.UTC()
		if diff := cmp.Diff(want, entries[0]); diff != "" {
			t.Errorf("entry differs (-want +got):\n%s", diff)
		}
		w.contact("2", "x")
		w.scan(t)
		if again := w.agenda.All(); len(again) != 1 || again[0].Token == token {
			t.Errorf("got %v, want the same entry with a new token", again)
		}
	})
}

func TestPoisonDoesNotHoldUpItsShard(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.contact("1", "x")
		noData := w.stream.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "2", "name": strings.Repeat("é", 150_000)})
		wrongKey := w.stream.Put(streamtest.First, record("Acme/contact", "3", "x"))
		unreadable := w.stream.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "4", "data": make(chan int)})
		w.contact("5", "x")
		w.scan(t)
		w.scan(t)
		if diff := cmp.Diff(map[string]int64{"a contact/1": 1, "a contact/5": 1}, w.waiting()); diff != "" {
			t.Errorf("rows differ (-want +got):\n%s", diff)
		}
		got := map[string]setaside.Item{}
		for _, item := range w.ledger.AllAside() {
			got[item.ID] = item
		}
		for id, want := range map[string]setaside.Item{
			noData:     {Organization: "acme", Subject: "contact/2", Cause: "has no data; expected a map"},
			wrongKey:   {Organization: setaside.Unknown, Cause: "pk must be <organization>#<entity>"},
			unreadable: {Organization: "acme", Subject: "contact/4", Cause: "the item cannot be read"},
		} {
			item := got[id]
			if item.Organization != want.Organization || item.Subject != want.Subject || !strings.Contains(item.Cause, want.Cause) {
				t.Errorf("%s: got organization %q, subject %q, cause %q", id, item.Organization, item.Subject, item.Cause)
			}
			if item.Source != setaside.Stream || item.At.IsZero() || item.Body == "" || len(item.Body) > setaside.BodyKept {
				t.Errorf("%s: source %q, at %v, body of %d bytes", id, item.Source, item.At, len(item.Body))
			}
		}
		if !strings.HasPrefix(w.log.String(), "{") || !strings.Contains(w.log.String(), `"set_aside":3`) || !strings.Contains(w.log.String(), `"level":"WARN"`) {
			t.Errorf("the log does not warn of 3 set aside: %s", w.log)
		}
	})
}

func TestInterfacesAreReadWhenTheyChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		h := w.handler()
		for n := range 3 {
			w.contact(fmt.Sprint(n), "x")
			w.stream.Put(streamtest.First, record("nobody#contact", fmt.Sprint(n), "x"))
			if err := w.run(t, h); err != nil {
				t.Fatal(err)
			}
		}
		if calls := w.configuration.Calls; calls["Routes"] != 1 || calls["Stamps"] != 3 {
			t.Errorf("calls %v, want one read of acme's interfaces and one of stamps each run", calls)
		}
		w.save(t, "acme", "b", "")
		w.contact("9", "x")
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if got := w.waiting()["b contact/9"]; got != 1 {
			t.Errorf("the new interface has %d changes, want 1", got)
		}
	})
}
