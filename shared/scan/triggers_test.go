package scan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/streamtest"
)

// trigger configures a crm-trigger of acme; urls are JSON.
func (w *world) trigger(t *testing.T, name, urls, extra string) {
	t.Helper()
	w.keep(t, parsed(t, "acme", name, fmt.Sprintf(`{"type":"crm-trigger","urls":%s%s}`, urls, extra)))
}

// allURLs are those of all events.
func allURLs() string {
	var entities []string
	for _, entity := range hook.TriggerEntities() {
		var kinds []string
		for _, kind := range hook.TriggerKinds() {
			kinds = append(kinds, fmt.Sprintf(`"%s":"https://crm.example.com/%s/%s"`, kind, entity, kind))
		}
		entities = append(entities, fmt.Sprintf(`"%s":{%s}`, entity, strings.Join(kinds, ",")))
	}
	return "{" + strings.Join(entities, ",") + "}"
}

// filed is an item of acme as our own programs write it, which belongs to the case c of the customer a.
func filed(entity, id, origin string, version int) map[string]any {
	item := ours(entity, id, fmt.Sprint(version), origin, version)
	item["data"] = map[string]any{"accountId": "a", "caseId": "c", "text": fmt.Sprint(version)}
	return item
}

// bury marks an item deleted, as our own programs do.
func bury(item map[string]any) map[string]any {
	item["deleted"] = true
	return item
}

// ids are the events made, "interface type ids".
func (w *world) ids(t *testing.T) []string {
	t.Helper()
	var ids []string
	for _, m := range w.messages(t) {
		ids = append(ids, m.Interface+" "+m.Event.Type+" "+m.Event.Body)
	}
	return ids
}

func TestChangesFireTheTriggersThatHaveAURL(t *testing.T) {
	t.Parallel()
	const first, console = streamtest.First, "agent-console"
	tests := []struct {
		name  string
		write func(t *testing.T, w *world)
		want  []string
	}{
		{"each entity and event", func(t *testing.T, w *world) {
			w.trigger(t, "a", allURLs(), "")
			for _, entity := range hook.TriggerEntities() {
				w.stream.Put(first, filed(entity, "1", console, 1))
				w.stream.Put(first, filed(entity, "1", console, 2))
				w.stream.Put(first, bury(filed(entity, "1", console, 3)))
				w.stream.Remove(first, "acme#"+entity, "1") // When its time is over.
			}
		}, []string{
			`a customer.create {"AccountID":"1"}`, `a customer.edit {"AccountID":"1"}`, `a customer.delete {"AccountID":"1"}`,
			`a case.create {"AccountID":"a","CaseID":"1"}`, `a case.edit {"AccountID":"a","CaseID":"1"}`, `a case.delete {"AccountID":"a","CaseID":"1"}`,
			`a followup.create {"AccountID":"a","CaseID":"c","FollowupID":"1"}`, `a followup.edit {"AccountID":"a","CaseID":"c","FollowupID":"1"}`,
			`a followup.delete {"AccountID":"a","CaseID":"c","FollowupID":"1"}`,
			`a task.create {"AccountID":"a","TaskID":"1"}`, `a task.edit {"AccountID":"a","TaskID":"1"}`, `a task.delete {"AccountID":"a","TaskID":"1"}`,
		}},
		{"only where there is a URL, and of the organization", func(t *testing.T, w *world) {
			w.trigger(t, "cases", `{"case":{"create":"https://crm.example.com/"}}`, "")
			w.trigger(t, "tasks", `{"task":{"delete":"https://crm.example.com/"}}`, "")
			w.stream.Put(first, filed("case", "1", console, 1))
			w.stream.Put(first, filed("case", "1", console, 2))
			w.stream.Put(first, filed("task", "2", console, 1))
			w.stream.Put(first, filed("contact", "3", console, 1))
			w.stream.Put(first, filed("order", "4", console, 1))
			elsewhere := filed("case", "5", console, 1)
			elsewhere["pk"] = "other#case"
			w.stream.Put(first, elsewhere)
		}, []string{`cases case.create {"AccountID":"a","CaseID":"1"}`}},
		{"what is done in the agent console", func(t *testing.T, w *world) {
			w.trigger(t, "a", allURLs(), "")
			for i, origin := range []string{"api", "bulk", "csv-import", "auto-log", "inbound:Zendesk", "inbound:Shopify", console, ""} {
				w.stream.Put(first, filed("case", fmt.Sprint(i), origin, 1))
			}
			w.stream.Put(first, record("acme#case", "9", "x")) // By another program.
		}, []string{`a case.create {"AccountID":"a","CaseID":"6"}`}},
		{"the origin is the change's, not the record's", func(t *testing.T, w *world) {
			w.trigger(t, "a", allURLs(), "")
			w.stream.Put(first, filed("case", "1", "api", 1))
			w.stream.Put(first, filed("case", "1", console, 2))
			w.stream.Put(first, filed("case", "1", "bulk", 3))
			w.stream.Put(first, bury(filed("case", "1", "api", 4)))
			w.stream.Put(first, filed("case", "1", console, 5))
			foreign := filed("case", "1", console, 5) // Another program leaves origin and version as they are.
			foreign["data"] = map[string]any{"accountId": "b"}
			w.stream.Put(first, foreign)
			w.stream.Remove(first, "acme#case", "1")
		}, []string{`a case.edit {"AccountID":"a","CaseID":"1"}`, `a case.create {"AccountID":"a","CaseID":"1"}`}},
		{"origins widen it", func(t *testing.T, w *world) {
			w.trigger(t, "wide", allURLs(), `,"origins":["agent-console","api","inbound:Zendesk"],"ignoreOrigins":["inbound:Zendesk"]`)
			w.trigger(t, "other", allURLs(), `,"origins":["auto-log"]`)
			for i, origin := range []string{console, "api", "bulk", "inbound:Zendesk", "auto-log"} {
				w.stream.Put(first, filed("task", fmt.Sprint(i), origin, 1))
			}
			w.stream.Remove(first, "acme#task", "1") // By another program, which counts as api.
		}, []string{
			`wide task.create {"AccountID":"a","TaskID":"0"}`, `wide task.create {"AccountID":"a","TaskID":"1"}`, `other task.create {"AccountID":"a","TaskID":"4"}`,
			`wide task.delete {"AccountID":"a","TaskID":"1"}`,
		}},
		{"a deleted record's ids are those of its old image", func(t *testing.T, w *world) {
			w.trigger(t, "a", `{"followup":{"delete":"https://crm.example.com/"}}`, "")
			w.stream.Put(first, filed("followup", "1", "api", 1))
			bare := bury(ours("followup", "1", "", console, 2))
			bare["data"] = map[string]any{}
			w.stream.Put(first, bare)
		}, []string{`a followup.delete {"AccountID":"a","CaseID":"c","FollowupID":"1"}`}},
		{"a write that changes nothing", func(t *testing.T, w *world) {
			w.trigger(t, "a", allURLs(), "")
			w.stream.Put(first, filed("case", "1", "api", 1))
			same := filed("case", "1", console, 2)
			same["data"] = filed("case", "1", console, 1)["data"]
			w.stream.Put(first, same)
		}, nil},
		{"none while an interface does not work", func(t *testing.T, w *world) {
			w.trigger(t, "paused", allURLs(), `,"state":"paused"`)
			disabled := parsed(t, "acme", "disabled", `{"type":"crm-trigger","urls":`+allURLs()+`}`)
			disabled.State = hook.Disabled
			w.keep(t, disabled)
			w.keep(t, hook.Interface{Organization: "acme", Name: "invalid", Generation: "g1", State: hook.Invalid, Type: hook.CRMTrigger})
			w.stream.Put(first, filed("case", "1", console, 1))
			w.contact("1", "x")
		}, nil},
		{"beside an event-webhook, each in its own words", func(t *testing.T, w *world) {
			w.trigger(t, "a", `{"case":{"delete":"https://crm.example.com/"}}`, "")
			w.told(t, "b", `["case.deleted","case.delete"]`, "")
			w.stream.Put(first, filed("case", "1", "api", 1))
			w.stream.Put(first, bury(filed("case", "1", console, 2)))
		}, []string{
			`a case.delete {"AccountID":"a","CaseID":"1"}`,
			`b case.deleted {"type":"case.deleted","timestamp":"2026-12-01T08:00:00.5Z","sequence":"%s","record":{"entity":"case","id":"1"},` +
				`"data":{"accountId":"a","caseId":"c","text":"1"}}`,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				tt.write(t, w)
				w.scan(t)
				got := w.ids(t)
				for i, text := range got {
					if _, rest, found := strings.Cut(text, `"sequence":"`); found {
						sequence, _, _ := strings.Cut(rest, `"`)
						got[i] = strings.Replace(text, sequence, "%s", 1)
					}
				}
				slices.Sort(got)
				slices.Sort(tt.want)
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("events differ (-want +got):\n%s", diff)
				}
				if aside, waiting := w.ledger.AllAside(), w.waiting(); len(aside)+len(waiting) != 0 {
					t.Errorf("set aside: %v, in the backlog: %v", aside, waiting)
				}
			})
		})
	}
}

// TestARecordWithoutAnIDIsSetAside, once, with the reason; its neighbours go on, and it too when it has the id.
func TestARecordWithoutAnIDIsSetAside(t *testing.T) {
	t.Parallel()
	const first, console = streamtest.First, "agent-console"
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.trigger(t, "a", allURLs(), "")
		w.told(t, "b", `["followup.created"]`, "")
		w.stream.Put(first, filed("followup", "1", console, 1))
		lacking := ours("followup", "2", "x", console, 1)
		lacking["data"] = map[string]any{"accountId": "a", "caseId": []any{}}
		w.stream.Put(first, lacking)
		orphan := ours("task", "3", "x", "api", 1)
		w.stream.Put(first, orphan) // Nobody is told of it.
		w.stream.Put(first, filed("followup", "4", console, 1))
		w.stream.Put(first, filed("followup", "2", console, 2))
		w.scan(t)
		h := w.handler()
		h.Stream = "read again"
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, m := range w.messages(t) {
			if text := m.Interface + " " + m.Event.Type + " " + m.Records[0]; !slices.Contains(told, text) {
				told = append(told, text)
			}
		}
		want := []string{
			"a followup.create followup/1", "a followup.create followup/4", "a followup.edit followup/2",
			"b followup.created followup/1", "b followup.created followup/2", "b followup.created followup/4",
		}
		slices.Sort(told)
		if diff := cmp.Diff(want, told); diff != "" {
			t.Errorf("events differ (-want +got):\n%s", diff)
		}
		aside := w.ledger.AllAside()
		if len(aside) != 1 {
			t.Fatalf("set aside %v, want the followup without its case, once", aside)
		}
		const cause = "the event followup.create cannot be told to a: the record has a field caseId (for CaseID) that is neither text nor a number"
		if got := aside[0]; got.Organization != "acme" || got.Subject != "followup/2" || got.Cause != cause || !strings.Contains(got.Body, `"data":{"accountId":"a","caseId":[]}`) {
			t.Errorf("set aside %+v, want the followup with the cause", got)
		}
		if line := w.line(t); line["set_aside"] != 1.0 || line["events"] != 6.0 || line["level"] != "WARN" {
			t.Errorf("log line %v, want a warning of one set aside beside 6 events", line)
		}
	})
}

// TestTriggersAreReadAfterACrash: a run that is killed at any of its writes makes each event once and loses none.
func TestTriggersAreReadAfterACrash(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		died := false
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.trigger(t, "a", allURLs(), "")
			w.stream.PageSize = 2
			for n := range 4 {
				w.stream.Put(streamtest.First, filed("case", fmt.Sprint(n), "agent-console", 1))
			}
			lacking := ours("case", "lacking", "x", "agent-console", 1)
			w.stream.Put(streamtest.First, lacking)
			w.kill.At(at)
			err := w.run(t, w.handler())
			died = w.kill.Dead()
			if err != nil && !died {
				t.Error(err)
			}
			w.kill.At(0)
			time.Sleep(timeout)
			w.scan(t)
			if n, aside := events(t, w), len(w.ledger.AllAside()); n != 4 || aside != 1 {
				t.Errorf("killed at step %d: %d events and %d set aside, want 4 and 1", at, n, aside)
			}
		})
		if !died {
			if at < 15 {
				t.Errorf("only %d steps to die at", at-1)
			}
			return
		}
	}
}

// BenchmarkTriggersOfOtherEntities scans 1,000 orders beside no interface and 1,000 crm-triggers.
func BenchmarkTriggersOfOtherEntities(b *testing.B) {
	for _, n := range []int{0, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld()
			for i := range n {
				w.keep(b, parsed(b, "acme", fmt.Sprint("i", i), `{"type":"crm-trigger","urls":`+allURLs()+`}`))
			}
			w.keep(b, parsed(b, "acme", "one", `{"type":"crm-trigger","urls":{"case":{"edit":"https://crm.example.com/"}}}`))
			h := w.handler()
			for b.Loop() {
				b.StopTimer()
				for i := range 1000 {
					w.stream.Put(streamtest.First, record("acme#order", fmt.Sprint(i), time.Now().String()))
				}
				b.StartTimer()
				if err := h.Run(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
