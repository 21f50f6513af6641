package scan_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/streamtest"
)

// ours is an item of acme as our own programs write it.
func ours(entity, id, name, origin string, version int) map[string]any {
	item := record("acme#"+entity, id, name)
	item["origin"], item["version"], item["updatedAt"] = origin, version, "2026-12-01T08:00:00.5Z"
	return item
}

func TestChangesBecomeTheEventsThatInterfacesWant(t *testing.T) {
	t.Parallel()
	const all = `["*"]`
	first := streamtest.First
	tests := []struct {
		name  string
		write func(t *testing.T, w *world)
		want  []string
	}{
		{"created, updated and deleted, each told", func(t *testing.T, w *world) {
			w.told(t, "a", all, "")
			w.stream.Put(first, record("acme#order", "1", "x"))
			w.stream.Put(first, record("acme#order", "1", "y"))
			w.stream.Remove(first, "acme#order", "1")
		}, []string{"a order.created order/1", "a order.updated order/1", "a order.deleted order/1"}},
		{"a delete of ours, and the removal later", func(t *testing.T, w *world) {
			w.told(t, "a", all, "")
			w.stream.Put(first, ours("order", "1", "x", "api", 1))
			buried := ours("order", "1", "x", "api", 2)
			buried["deleted"] = true
			w.stream.Put(first, buried)
			w.stream.Remove(first, "acme#order", "1")
		}, []string{"a order.created order/1", "a order.deleted order/1"}},
		{"put over a deleted one is created", func(t *testing.T, w *world) {
			w.told(t, "a", `["order.created"]`, "")
			buried := ours("order", "1", "x", "api", 1)
			buried["deleted"] = true
			w.stream.Put(first, buried)
			w.stream.Put(first, ours("order", "1", "x", "api", 2))
		}, []string{"a order.created order/1"}},
		{"a write that changes nothing", func(t *testing.T, w *world) {
			w.told(t, "a", all, "")
			w.stream.Put(first, ours("order", "1", "x", "api", 1))
			w.stream.Put(first, ours("order", "1", "x", "bulk", 2))
		}, []string{"a order.created order/1"}},
		{"by type, entity and all, in any entity", func(t *testing.T, w *world) {
			w.told(t, "type", `["order.updated","contact.created","order.shipped"]`, "")
			w.told(t, "entity", `["order.*","order.created"]`, "")
			w.told(t, "all", all, "")
			w.told(t, "other", `["ordered.*","orde.created"]`, "")
			w.stream.Put(first, record("acme#order", "1", "x"))
			w.stream.Put(first, record("acme#contact", "2", "x"))
			w.stream.Put(first, record("other#order", "3", "x"))
		}, []string{"entity order.created order/1", "all order.created order/1", "type contact.created contact/2", "all contact.created contact/2"}},
		{"origins", func(t *testing.T, w *world) {
			w.told(t, "console", all, `,"origins":["agent-console"]`)
			w.told(t, "no-echo", all, `,"ignoreOrigins":["inbound:Shopify"]`)
			w.stream.Put(first, ours("order", "1", "x", "inbound:Shopify", 1))
			w.stream.Put(first, ours("order", "2", "x", "agent-console", 1))
		}, []string{"console order.created order/2", "no-echo order.created order/2"}},
		{"filter, on the last state of a deleted one", func(t *testing.T, w *world) {
			w.told(t, "a", all, `,"filter":"name=y"`)
			w.stream.Put(first, record("acme#order", "1", "x"))
			w.stream.Put(first, record("acme#order", "1", "y"))
			w.stream.Remove(first, "acme#order", "1")
			w.stream.Put(first, record("acme#order", "2", "x"))
			w.stream.Remove(first, "acme#order", "2")
		}, []string{"a order.updated order/1", "a order.deleted order/1"}},
		{"filter on a contact's number that only the key holds", func(t *testing.T, w *world) {
			w.told(t, "a", all, `,"filter":"contactNumber=4.*"`)
			w.stream.Put(first, map[string]any{"pk": "acme#contact", "sk": "47", "data": map[string]any{}})
			w.stream.Remove(first, "acme#contact", "47")
			w.stream.Put(first, map[string]any{"pk": "acme#order", "sk": "47", "data": map[string]any{}})
		}, []string{"a contact.created contact/47", "a contact.deleted contact/47"}},
		{"none while an interface does not work", func(t *testing.T, w *world) {
			w.told(t, "paused", all, `,"state":"paused"`)
			disabled := parsed(t, "acme", "disabled", `{"type":"event-webhook","url":"https://crm.example.com/","events":["*"]}`)
			disabled.State = hook.Disabled
			w.keep(t, disabled)
			w.keep(t, hook.Interface{Organization: "acme", Name: "invalid", Generation: "g1", State: hook.Invalid, Type: hook.EventWebhook})
			w.contact("1", "x")
		}, nil},
		{"beside a contact webhook", func(t *testing.T, w *world) {
			w.told(t, "a", `["contact.*"]`, "")
			w.save(t, "acme", "contacts", "")
			w.contact("1", "x")
		}, []string{"a contact.created contact/1"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				tt.write(t, w)
				w.scan(t)
				if diff := cmp.Diff(tt.want, w.made(t)); diff != "" {
					t.Errorf("events differ (-want +got):\n%s", diff)
				}
				for row := range w.waiting() {
					if row != "contacts contact/1" {
						t.Errorf("%s waits in the backlog, where no event belongs", row)
					}
				}
				if aside := w.ledger.AllAside(); len(aside) != 0 {
					t.Errorf("set aside: %v", aside)
				}
			})
		})
	}
}

// TestWhatAnEventTells: the time of a write of ours, else the stream's; the stream's sequence number; what was before.
func TestWhatAnEventTells(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.told(t, "a", `["order.*"]`, `,"includePrevious":true`)
		sequence := w.stream.Put(streamtest.First, ours("order", "1", "x", "api", 1))
		w.stream.Put(streamtest.First, ours("order", "1", "y", "api", 2))
		w.scan(t)
		messages := w.messages(t)
		if len(messages) != 2 {
			t.Fatalf("%d events, want 2", len(messages))
		}
		want := fmt.Sprintf(`{"type":"order.created","timestamp":"2026-12-01T08:00:00.5Z","sequence":"%s","record":{"entity":"order","id":"1"},`+
			`"data":{"contactNumber":"1","name":"x"}}`, sequence)
		if diff := cmp.Diff(want, messages[0].Event.Body); diff != "" {
			t.Errorf("the first event's body (-want +got):\n%s", diff)
		}
		if !strings.HasSuffix(messages[1].Event.Body, `,"data":{"contactNumber":"1","name":"y"},"previous":{"name":"x"}}`) {
			t.Errorf("the second event does not tell what was before: %s", messages[1].Event.Body)
		}
		if line := w.line(t); line["events"] != 2.0 {
			t.Errorf("log line %v, want 2 events", line)
		}
	})
}

// TestWhatCannotBeToldIsSetAside: an image that cannot be decoded, and an event that no message can carry; their
// neighbours go on.
func TestWhatCannotBeToldIsSetAside(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.told(t, "a", `["*"]`, "")
		w.stream.Put(streamtest.First, record("acme#order", "1", "x"))
		broken := w.stream.Put(streamtest.First, map[string]any{"pk": "acme#order", "sk": "2", "data": "text"})
		w.stream.Put(streamtest.First, record("acme#order", "3", strings.Repeat("x", 6_000_000)))
		w.stream.Put(streamtest.First, record("acme#order", "4", "x"))
		w.scan(t)
		w.scan(t)
		if diff := cmp.Diff([]string{"a order.created order/1", "a order.created order/4"}, w.made(t)); diff != "" {
			t.Errorf("events differ (-want +got):\n%s", diff)
		}
		causes := map[string]string{}
		for _, item := range w.ledger.AllAside() {
			causes[item.Subject] = item.Cause
			if item.Subject == "order/2" && item.ID != broken {
				t.Errorf("set aside as %s, want the sequence number %s", item.ID, broken)
			}
		}
		if len(causes) != 2 || !strings.Contains(causes["order/2"], "must be a map") || !strings.Contains(causes["order/3"], "cannot be told to a") {
			t.Errorf("set aside %v, want what is wrong with 2 and 3", causes)
		}
		if log := w.log.String(); !strings.Contains(log, `"events":2`) || !strings.Contains(log, `"set_aside":2`) || !strings.Contains(log, `"level":"WARN"`) {
			t.Errorf("the log does not warn of 2 set aside: %s", log)
		}
	})
}

// TestEventsCutAPage: 1,000 changes that five interfaces are told are written in three batches.
func TestEventsCutAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		for n := range 5 {
			w.told(t, fmt.Sprint("i", n), `["order.*"]`, "")
		}
		for n := range 1000 {
			w.stream.Put(streamtest.First, record("acme#order", fmt.Sprint(n), "x"))
		}
		w.scan(t)
		if got := len(w.messages(t)); got != 5000 {
			t.Errorf("%d events, want 5,000", got)
		}
		if got := w.checkpoints.Calls["Save"]; got != 3 {
			t.Errorf("the checkpoint moved %d times, want 3", got)
		}
		if got := w.configuration.Calls; got["Stamps"] != 1 || got["Routes"] != 1 {
			t.Errorf("calls %v, want one of each", got)
		}
		if got, want := w.ledger.Calls["Open"]+w.ledger.Calls["KeepBodies"]+w.deliveries.Calls["Send"], 200+200+500; got != want {
			t.Errorf("%d calls to make 5,000 events, want %d", got, want)
		}
	})
}

// BenchmarkInterfacesOfOtherEvents scans 1,000 orders beside no interface and 1,000 interfaces that want other events.
func BenchmarkInterfacesOfOtherEvents(b *testing.B) {
	for _, n := range []int{0, 1000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			w := newWorld()
			for i := range n {
				events := fmt.Sprintf(`["contact.*","other%d.created"]`, i)
				w.keep(b, parsed(b, "acme", fmt.Sprint("i", i), `{"type":"event-webhook","url":"https://crm.example.com/","filter":"name=.*y","events":`+events+`}`))
			}
			w.keep(b, parsed(b, "acme", "one", `{"type":"event-webhook","url":"https://crm.example.com/","events":["order.deleted"]}`))
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
