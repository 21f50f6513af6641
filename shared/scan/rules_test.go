package scan_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
	"crmhook/shared/streamtest"
	"crmhook/shared/tabletest"
)

// called configures rule-webhooks of acme.
func (w *world) called(t testing.TB, extra string, names ...string) {
	t.Helper()
	for _, name := range names {
		w.keep(t, parsed(t, "acme", name, `{"type":"rule-webhook","url":"https://crm.example.com/rules"`+extra+`}`))
	}
}

// rule configures a rule of acme that may call the interfaces a, b and c; the event is its type and perhaps a value, extra
// more of its JSON, beginning with a comma.
func (w *world) rule(t testing.TB, id, event, extra string) {
	t.Helper()
	kind, value, some := strings.Cut(event, " ")
	if some {
		value = `,"value":` + value
	}
	text := fmt.Sprintf(`{"name":"Rule %s","event":{"type":%q%s}%s}`, id, kind, value, extra)
	types := map[string]hook.Type{"a": hook.RuleWebhook, "b": hook.RuleWebhook, "c": hook.RuleWebhook}
	definition, faults := rule.Parse([]byte(text), types)
	if faults != nil {
		t.Fatalf("%s: %v", text, faults)
	}
	kept := rule.Rule{Organization: "acme", ID: id, Generation: "g1", Version: 1, Modified: time.Now(), State: definition.State, Definition: definition}
	w.keepRule(t, kept)
}

func (w *world) keepRule(t testing.TB, r rule.Rule) {
	t.Helper()
	if _, err := w.configuration.SaveRules(t.Context(), []rule.Checked{{Rule: r}}); err != nil {
		t.Fatal(err)
	}
	w.tokens++
	if err := w.configuration.SaveStamps(t.Context(), []string{"acme"}, fmt.Sprint("stamp-", w.tokens)); err != nil {
		t.Fatal(err)
	}
}

type data = map[string]any

// member writes a contact of acme to the stream and to the records.
func (w *world) member(id string, d data) string {
	w.records.Put(change.Key{Organization: "acme", Entity: "contact", ID: id}, d)
	return w.stream.Put(streamtest.First, data{"pk": "acme#contact", "sk": id, "data": d})
}

// mail writes a message record of acme with events.
func (w *world) mail(shard, id, contact string, events ...string) string {
	list := []any{}
	for _, name := range events {
		list = append(list, data{"event": name, "at": "2026-12-01T08:00:00Z"})
	}
	d := data{"channel": "email", "contactNumber": contact, "events": list}
	return w.stream.Put(shard, data{"pk": "acme#message", "sk": id, "data": d})
}

// calls are the rule-webhooks' events in the queue, "interface rule contact", sorted, each delivery once.
func (w *world) calls(t *testing.T) []string {
	t.Helper()
	made := map[string]string{}
	for _, m := range w.messages(t) {
		var body struct{ ID, ContactID string }
		if err := json.Unmarshal([]byte(m.Event.Body), &body); err != nil {
			t.Fatal(err)
		}
		if m.Event.Type != hook.RuleEvent || m.Records[0] != "contact/"+body.ContactID {
			t.Errorf("message %+v with body %s", m, m.Event.Body)
		}
		made[m.ID] = m.Interface + " " + body.ID + " " + body.ContactID
	}
	return slices.Sorted(maps.Values(made))
}

const thenA = `,"then":["a"]`

func TestRulesFire(t *testing.T) {
	t.Parallel()
	const branches = `,"conditions":"role=MEMBER","then":["a","b"],"else":["c"]`
	tests := []struct {
		name  string
		write func(t *testing.T, w *world)
		want  []string
	}{
		{"then and else", func(t *testing.T, w *world) {
			w.rule(t, "r", "contact.created", branches)
			w.member("1", data{"role": "MEMBER"})
			w.member("2", data{"role": "GUEST"})
		}, []string{"a r 1", "b r 1", "c r 2"}},
		{"no branch for it", func(t *testing.T, w *world) {
			w.rule(t, "r", "contact.created", `,"conditions":"role=MEMBER","else":["c"]`)
			w.member("1", data{"role": "MEMBER"})
		}, nil},
		{"conditions as of the change", func(t *testing.T, w *world) {
			w.rule(t, "r", "contact.updated", branches)
			w.member("1", data{"role": "GUEST"})
			w.member("1", data{"role": "MEMBER"})
			w.member("1", data{"role": "GUEST", "x": "1"})
		}, []string{"a r 1", "b r 1", "c r 1"}},
		{"a deleted contact's last state", func(t *testing.T, w *world) {
			w.rule(t, "r", "contact.deleted", branches)
			w.member("1", data{"role": "MEMBER"})
			w.stream.Remove(streamtest.First, "acme#contact", "1")
		}, []string{"a r 1", "b r 1"}},
		{"any number of rules, each once", func(t *testing.T, w *world) {
			w.rule(t, "r1", "tag.added", thenA)
			w.rule(t, "r2", `tag.added "vip"`, thenA)
			w.rule(t, "r3", `tag.added "other"`, thenA)
			w.rule(t, "r4", "contact.created", thenA)
			w.member("1", data{"tags": []any{"vip", "new"}})
		}, []string{"a r1 1", "a r2 1", "a r4 1"}},
		{"paused, invalid, another organization's", func(t *testing.T, w *world) {
			w.rule(t, "r1", "contact.created", thenA+`,"state":"paused"`)
			w.keepRule(t, rule.Rule{Organization: "acme", ID: "r2", Generation: "g1", State: hook.Invalid})
			w.member("1", data{})
			w.stream.Put(streamtest.First, record("other#contact", "1", "x"))
		}, nil},
		{"interfaces that do not work, or ignore the origin", func(t *testing.T, w *world) {
			w.called(t, `,"state":"paused"`, "a")
			w.called(t, `,"ignoreOrigins":["api"]`, "b")
			w.rule(t, "r", "contact.created", `,"then":["a","b","c"]`)
			w.member("1", data{})
		}, []string{"c r 1"}},
		{"interface that is another type now", func(t *testing.T, w *world) {
			w.told(t, "a", `["order.*"]`, "")
			w.rule(t, "r", "contact.created", thenA)
			w.member("1", data{})
		}, nil},
		{"e-mail, with the contact as it is now", func(t *testing.T, w *world) {
			w.rule(t, "r", "email.opened", branches)
			w.member("1", data{"role": "GUEST"})
			w.mail(streamtest.First, "m", "1", "sent")
			w.mail(streamtest.First, "m", "1", "sent", "opened")
			w.records.Put(change.Key{Organization: "acme", Entity: "contact", ID: "1"}, data{"role": "MEMBER"})
		}, []string{"a r 1", "b r 1"}},
		{"e-mail to a contact that is gone, or to none", func(t *testing.T, w *world) {
			w.rule(t, "r", "email.sent", thenA)
			w.mail(streamtest.First, "m1", "1", "sent")
			w.mail(streamtest.First, "m2", "", "sent")
			w.mail(streamtest.First, "m3", "123456789012345678901", "sent")
		}, nil},
		{"other entities", func(t *testing.T, w *world) {
			w.rule(t, "r", "contact.created", thenA)
			w.stream.Put(streamtest.First, record("acme#order", "1", "x"))
		}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.called(t, "", "a", "b", "c")
				tt.write(t, w)
				w.scan(t)
				if diff := cmp.Diff(tt.want, w.calls(t)); diff != "" {
					t.Errorf("calls differ (-want +got):\n%s", diff)
				}
				if aside := w.ledger.AllAside(); len(aside) != 0 {
					t.Errorf("set aside: %v", aside)
				}
				w.again(t)
				if diff := cmp.Diff(tt.want, w.calls(t)); diff != "" {
					t.Errorf("calls when the stream is read again differ (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// again reads the stream again from its beginning.
func (w *world) again(t *testing.T) {
	t.Helper()
	w.checkpoints = tabletest.NewCheckpoints(w.kill)
	w.scan(t)
}

func TestWhatARuleTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.called(t, "", "a")
		w.rule(t, "r", "contact.created", `,"description":"New \"member\"","then":["a"]`)
		w.member("4711", data{"contactId": json.Number("90071992547409931"), "phone": "+33 1", "individualContact": data{"email": "jane@example.com", "phoneNumber1": "2"}})
		w.scan(t)
		messages := w.messages(t)
		if len(messages) != 1 {
			t.Fatalf("%d messages, want one", len(messages))
		}
		const want = `{"id":"r","name":"Rule r","contactId":"90071992547409931","description":"New \"member\"","email":"jane@example.com","phone":"+33 1","company":null}`
		if diff := cmp.Diff(want, messages[0].Event.Body); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
		if line := w.line(t); line["fired"] != 1.0 || line["events"] != 1.0 {
			t.Errorf("log line %v, want one fired and one event", line)
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	tags := func(w *world, n int) {
		w.member("1", data{})
		w.member("2", data{})
		list := []any{}
		for i := range n {
			list = append(list, fmt.Sprint("t", i))
			w.member("1", data{"tags": slices.Clone(list)})
		}
		w.member("2", data{"tags": []any{"t"}})
	}
	for name, tt := range map[string]struct {
		rule string
		want int
	}{
		"most":                               {thenA + `,"limits":{"maxPerContact":3}`, 3},
		"either branch counts":               {`,"conditions":"tags=t[1-9]","then":["a"],"else":["b"],"limits":{"maxPerContact":3}`, 3},
		"what calls nobody does not count":   {`,"conditions":"tags=t[3-9]","then":["a"],"limits":{"maxPerContact":3}`, 3},
		"nor a branch that does not work":    {`,"conditions":"tags=t[3-9]","then":["a"],"else":["c"],"limits":{"maxPerContact":3}`, 3},
		"least interval":                     {thenA + `,"limits":{"minIntervalMinutes":2}`, 4},
		"both":                               {thenA + `,"limits":{"minIntervalMinutes":2,"maxPerContact":2}`, 2},
		"more than happens":                  {thenA + `,"limits":{"maxPerContact":1000}`, 400},
		"an empty object limits nothing":     {thenA + `,"limits":{}`, 400},
		"longer than all that is remembered": {thenA + `,"limits":{"minIntervalMinutes":525600}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.called(t, "", "a", "b")
				w.called(t, `,"state":"paused"`, "c")
				w.rule(t, "r", "tag.added", tt.rule)
				w.stream.PageSize = 100 // The fake's changes are a second apart.
				tags(w, 400)
				w.scan(t)
				first := w.calls(t)
				got := slices.DeleteFunc(slices.Clone(first), func(call string) bool { return !strings.HasSuffix(call, " 1") })
				if len(got) != tt.want {
					t.Errorf("%d calls for the contact, want %d", len(got), tt.want)
				}
				kept := w.limits.All()
				w.again(t)
				if diff := cmp.Diff(first, w.calls(t)); diff != "" {
					t.Errorf("the stream read again calls others (-first +second):\n%s", diff)
				}
				if diff := cmp.Diff(kept, w.limits.All()); diff != "" {
					t.Errorf("the stream read again counts once more (-first +second):\n%s", diff)
				}
			})
		})
	}
}

// TestTheBranchIsKept: the contact of a message may be another when the change is read again; a firing that was
// counted takes the branch that it took.
func TestTheBranchIsKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.called(t, "", "a", "b")
		w.rule(t, "r", "email.sent", `,"conditions":"role=MEMBER","then":["a"],"limits":{"maxPerContact":1}`)
		w.rule(t, "both", "email.sent", `,"conditions":"role=MEMBER","then":["a"],"else":["b"],"limits":{"maxPerContact":1}`)
		w.rule(t, "free", "email.sent", `,"conditions":"role=MEMBER","then":["a"],"else":["b"]`)
		w.member("1", data{"role": "MEMBER"})
		w.mail(streamtest.First, "m", "1", "sent")
		w.scan(t)
		first := w.calls(t)
		w.records.Put(change.Key{Organization: "acme", Entity: "contact", ID: "1"}, data{"role": "GUEST"})
		w.again(t)
		if diff := cmp.Diff(first, w.calls(t)); diff != "" || len(first) != 3 {
			t.Errorf("calls (-first +second):\n%s", diff)
		}
	})
}

// TestRulesCrashAnywhere kills a run just before and just after each of its writes: the next one makes the calls that an
// undisturbed one makes, and counts them once.
func TestRulesCrashAnywhere(t *testing.T) {
	t.Parallel()
	for at := 1; ; at++ {
		died := false
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.called(t, "", "a", "b")
			w.rule(t, "most", "tag.added", `,"conditions":"tags=t[13]","then":["a","b"],"else":["b"],"limits":{"maxPerContact":2}`)
			w.rule(t, "least", "contact.updated", thenA+`,"limits":{"minIntervalMinutes":1}`)
			w.rule(t, "mail", "email.sent", thenA+`,"limits":{"maxPerContact":1}`)
			w.stream.PageSize = 4
			w.member("1", data{})
			for n := range 4 {
				w.member("1", data{"tags": []any{fmt.Sprint("t", n)}})
				w.mail(streamtest.First, fmt.Sprint("m", n), "1", "sent")
			}
			w.kill.At(at)
			err := w.run(t, w.handler())
			if died = w.kill.Dead(); died && !errors.Is(err, tabletest.ErrKilled) {
				t.Errorf("killed at step %d: error %v", at, err)
			}
			w.kill.At(0)
			time.Sleep(timeout)
			w.scan(t)
			want := []string{"a least 1", "a mail 1", "a most 1", "b most 1", "b most 1"}
			if diff := cmp.Diff(want, w.calls(t)); diff != "" {
				t.Errorf("killed at step %d: calls (-want +got):\n%s", at, diff)
			}
			if got := len(w.ledger.All()); got != len(want) {
				t.Errorf("killed at step %d: %d deliveries in the ledger, want %d", at, got, len(want))
			}
			for key, counter := range w.limits.All() {
				if want := map[string]int64{"most": 2, "least": 1, "mail": 1}[key.ID]; counter.Firings != want || len(counter.Fired) != int(want) {
					t.Errorf("killed at step %d: %d firings of %s are counted, want %d", at, counter.Firings, key.ID, want)
				}
			}
		})
		if !died {
			if at < 25 {
				t.Errorf("only %d steps to die at", at-1)
			}
			return
		}
	}
}

// TestLimitsSideBySide: twenty messages of one contact in as many shards, which several runs read at once.
func TestLimitsSideBySide(t *testing.T) {
	t.Parallel()
	for limits, want := range map[string]int{`{"maxPerContact":7}`: 7, `{"minIntervalMinutes":60}`: 1, `{"maxPerContact":19}`: 19} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.called(t, "", "a")
			w.rule(t, "r", "email.sent", thenA+`,"limits":`+limits)
			w.member("1", data{})
			for n := range 20 {
				shard := fmt.Sprint("shard-", n)
				w.stream.Add(shard)
				w.mail(shard, fmt.Sprint("m", n), "1", "sent")
			}
			w.limits.Before = func(string) { time.Sleep(time.Millisecond) } // so that all have read when one writes
			var runs sync.WaitGroup
			for range 3 {
				h := w.handler()
				h.Log = slog.New(slog.DiscardHandler)
				runs.Go(func() {
					if err := w.run(t, h); err != nil {
						t.Error(err)
					}
				})
			}
			runs.Wait()
			if got := w.calls(t); len(got) != want || len(w.ledger.All()) != want {
				t.Errorf("%s: %d calls, %d deliveries; want %d", limits, len(got), len(w.ledger.All()), want)
			}
			if w.limits.Calls["SaveCounters"] <= want {
				t.Errorf("%s: %d writes: the runs did not meet", limits, w.limits.Calls["SaveCounters"])
			}
			kept := w.limits.All()
			w.again(t)
			if diff := cmp.Diff(kept, w.limits.All()); diff != "" || len(w.ledger.All()) != want {
				t.Errorf("%s: read again, %d deliveries, counters (-first +second):\n%s", limits, len(w.ledger.All()), diff)
			}
		})
	}
}

// TestAnotherRunCountsInBetween lets another process count the same changes, and others, at each call for limits.
func TestAnotherRunCountsInBetween(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"Counters", "SaveCounters"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld()
			w.called(t, "", "a")
			w.rule(t, "r", "email.sent", thenA+`,"limits":{"maxPerContact":2}`)
			w.member("1", data{})
			w.mail(streamtest.First, "m1", "1", "sent")
			w.stream.Add("other")
			w.mail("other", "m2", "1", "sent")
			w.mail("other", "m3", "1", "sent")
			h, happened := w.handler(), false
			w.limits.Before = func(called string) {
				if called == method && !happened {
					happened = true
					w.checkpoints = tabletest.NewCheckpoints(w.kill) // whose leases the first run does not see
					w.scan(t)
				}
			}
			if err := w.run(t, h); err != nil {
				t.Fatal(err)
			}
			for _, counter := range w.limits.All() {
				if counter.Firings != 2 {
					t.Errorf("%s: %d firings are counted, want 2", method, counter.Firings)
				}
			}
			if got := len(w.ledger.All()); got != 2 {
				t.Errorf("%s: %d deliveries, want 2", method, got)
			}
		})
	}
}

// contended are limits that somebody else always writes first.
type contended struct{ *tabletest.Limits }

func (c contended) SaveCounters(ctx context.Context, counters []rule.Counter) ([]bool, error) {
	others := slices.Clone(counters)
	for i := range others {
		others[i].Firings, others[i].Fired = 0, nil
	}
	if _, err := c.Limits.SaveCounters(ctx, others); err != nil {
		return nil, err
	}
	return c.Limits.SaveCounters(ctx, counters)
}

// TestCountersThatOthersKeepWriting: the run fails, and the next one goes on.
func TestCountersThatOthersKeepWriting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.called(t, "", "a")
		w.rule(t, "r", "contact.created", thenA+`,"limits":{"maxPerContact":1}`)
		w.member("1", data{})
		h := w.handler()
		h.Limits = contended{w.limits}
		if err := w.run(t, h); err == nil || !strings.Contains(err.Error(), "others keep counting") {
			t.Fatalf("error %v, want that others keep counting", err)
		}
		w.scan(t)
		if got := w.calls(t); len(got) != 1 {
			t.Errorf("calls %v, want one", got)
		}
	})
}

// TestRulesCost counts what a page of firings asks of the tables.
func TestRulesCost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.called(t, "", "a")
		w.rule(t, "limited", "contact.created", thenA+`,"limits":{"maxPerContact":1}`)
		w.rule(t, "mail", "email.sent", thenA)
		for n := range 200 {
			w.member(fmt.Sprint(n), data{})
			w.mail(streamtest.First, fmt.Sprint("m", n), fmt.Sprint(n), "sent")
		}
		w.scan(t)
		if diff := cmp.Diff(map[string]int{"Counters": 2, "SaveCounters": 8}, w.limits.Calls); diff != "" {
			t.Errorf("calls for 200 limited firings (-want +got):\n%s", diff)
		}
		if got := w.records.Calls["Data"]; got != 2 {
			t.Errorf("%d reads of 200 contacts, want 2", got)
		}
		if got := w.configuration.Calls; got["Stamps"] != 1 || got["Routes"] != 1 {
			t.Errorf("calls %v, want one of each", got)
		}
		w.member("new", data{})
		w.scan(t)
		if got := len(w.calls(t)); got != 401 {
			t.Errorf("%d calls, want 401", got)
		}
	})
}

// BenchmarkRulesOfOtherEvents scans 1,000 contacts' updates beside no rule and 1,000 rules that wait for something else.
func BenchmarkRulesOfOtherEvents(b *testing.B) {
	for _, n := range []int{0, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld()
			w.called(b, "", "a")
			for i := range n {
				switch i % 3 {
				case 0:
					w.rule(b, fmt.Sprint("r", i), "contact.deleted", thenA)
				case 1:
					w.rule(b, fmt.Sprint("r", i), fmt.Sprintf(`tag.added "t%d"`, i), thenA)
				default:
					w.rule(b, fmt.Sprint("r", i), fmt.Sprintf(`score.reached %d`, 1000+i), thenA)
				}
			}
			h := w.handler()
			for b.Loop() {
				b.StopTimer()
				for i := range 1000 {
					w.member(fmt.Sprint(i), data{"name": time.Now().String(), "tags": []any{"x"}, "score": json.Number("10")})
				}
				b.StartTimer()
				if err := h.Run(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestFiringsCutAPage: 1,000 changes for which rules make 5,000 calls are written in three batches, as events are.
func TestFiringsCutAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.called(t, "", "a", "b", "c")
		w.rule(t, "r1", "contact.created", `,"then":["a","b","c"]`)
		w.rule(t, "r2", "contact.created", `,"conditions":"role=x","then":["a"],"else":["b","c"]`)
		for n := range 1000 {
			w.member(fmt.Sprint(n), data{})
		}
		w.scan(t)
		if got := len(w.calls(t)); got != 5000 {
			t.Errorf("%d calls, want 5,000", got)
		}
		if got := w.checkpoints.Calls["Save"]; got != 3 {
			t.Errorf("the checkpoint moved %d times, want 3", got)
		}
	})
}
