package linetest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
)

const organization = "demo"

// install puts an interface into the line's configuration and returns its lane.
func install(t *testing.T, l *linetest.Line, name, text string) backlog.Lane {
	t.Helper()
	h, faults := hook.Parse([]byte(text), hook.Context{FirstSeen: linetest.Start})
	if err := faults.Err(); err != nil {
		t.Fatalf("configuration: %v", err)
	}
	l.Configuration.Set(hook.Interface{
		Organization: organization, Name: name, Generation: "g1", Version: 1, Modified: linetest.Start, FirstSeen: linetest.Start,
		State: h.State, Hook: h,
	})
	return backlog.Lane{Organization: organization, Interface: name, Generation: "g1"}
}

func v2(extra string) string {
	return `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],"retryDelaySeconds":30` + extra + `}`
}

func contact(id string, version int) map[string]any {
	return map[string]any{"contactNumber": id, "version": json.Number(strconv.Itoa(version))}
}

// states lists what a V2 request carried: contact number → version.
func states(t *testing.T, r linetest.Request) map[string]int {
	t.Helper()
	var contacts []struct {
		ContactNumber string `json:"contactNumber"`
		Version       int    `json:"version"`
	}
	if err := json.Unmarshal(r.Body, &contacts); err != nil {
		t.Fatalf("request body %q: %v", r.Body, err)
	}
	found := map[string]int{}
	for _, c := range contacts {
		found[c.ContactNumber] = c.Version
	}
	return found
}

// settle runs minutes until nothing waits, is in flight or lies in a queue.
func settle(ctx context.Context, t *testing.T, l *linetest.Line) {
	t.Helper()
	for range 240 {
		if len(l.Backlog.All()) == 0 && l.Fast.Len()+l.Slow.Len()+l.Stopped.Len() == 0 {
			return
		}
		if err := l.Minute(ctx); err != nil {
			t.Fatalf("a minute after the crash: %v", err)
		}
	}
	t.Fatalf("not settled after four hours: rows %v, queues %d/%d/%d", l.Backlog.All(), l.Fast.Len(), l.Slow.Len(), l.Stopped.Len())
}

// A scenario runs the line once from an empty state; it stops at the first error, which is the crash.
type scenario struct {
	name string
	// configuration of the one interface.
	configuration string
	// answer to the n-th request, from 0; nil: always 200.
	answer func(n int) int
	// mayStop says that deliveries may end stopped, so that not every state arrives.
	mayStop bool
}

func scenarios() []scenario {
	schedules := func(bucket int) string {
		return fmt.Sprintf(`,"schedules":[{"name":"s","frequencyMinutes":1,"batchSize":100,"bucketSize":%d}]`, bucket)
	}
	return []scenario{
		{name: "bucket of one", configuration: v2(schedules(1))},
		{name: "bucket of three", configuration: v2(schedules(3))},
		{name: "fails twice", configuration: v2(schedules(2)), answer: func(n int) int {
			if n == 0 || n == 2 {
				return 500
			}
			return 200
		}},
		{name: "stopped early", configuration: v2(schedules(2) + `,"retriesBeforeStop":1,"retriesBeforeWarning":0`), mayStop: true, answer: func(n int) int {
			if n < 2 {
				return 500
			}
			return 200
		}},
	}
}

// run writes three contacts, changes one while its request is under way and one between two minutes.
func (s scenario) run(ctx context.Context, l *linetest.Line, lane backlog.Lane, written map[string]*atomic.Int64) error {
	write := func(id string) error {
		n := int(written[id].Add(1))
		return l.Change(ctx, lane, id, contact(id, n))
	}
	var requests atomic.Int64
	var once atomic.Bool
	l.Receiver.Answer = func(r linetest.Request) delivery.Attempt {
		n := int(requests.Add(1)) - 1
		if strings.Contains(string(r.Body), `"C1"`) && once.CompareAndSwap(false, true) {
			if err := write("C1"); err != nil {
				return delivery.Attempt{Error: delivery.Connect} // The process died while it wrote for us; so did the sender.
			}
		}
		status := 200
		if s.answer != nil {
			status = s.answer(n)
		}
		a := delivery.Attempt{Status: status, Duration: time.Millisecond}
		if status != 200 {
			a.Error, a.Answer = delivery.BadStatus, "no"
		}
		return a
	}
	for _, id := range []string{"C1", "C2", "C3"} {
		if err := write(id); err != nil {
			return err
		}
	}
	l.Clock.Advance(time.Minute)
	if err := l.Minute(ctx); err != nil {
		return err
	}
	if err := write("C2"); err != nil {
		return err
	}
	for range 4 {
		if err := l.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

func TestACrashAtAnyWriteLosesNothingAndBlocksNothing(t *testing.T) {
	t.Parallel()
	for _, s := range scenarios() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			steps := s.check(t, 0)
			if steps < 20 {
				t.Fatalf("%d steps: the scenario writes too little to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				s.check(t, at)
			}
		})
	}
}

// check kills the process at one step, goes on with new processes, and looks at what arrived.
func (s scenario) check(t *testing.T, at int) int {
	t.Helper()
	ctx := t.Context()
	l := linetest.New()
	lane := install(t, l, "crm", s.configuration)
	written := map[string]*atomic.Int64{"C1": {}, "C2": {}, "C3": {}}
	l.Kill.At(at)
	err := s.run(ctx, l, lane, written)
	steps := l.Kill.Steps()
	if died := l.Kill.Dead(); died != (err != nil) && at == 0 {
		t.Fatalf("step %d: %v", at, err)
	}
	l.Kill.At(0)
	// scan reads on from its checkpoint, which the crash left behind the change: it counts it again.
	for id, n := range written {
		if n.Load() > 0 {
			if err := l.Scan(ctx, lane, id); err != nil {
				t.Fatal(err)
			}
		}
	}
	settle(ctx, t, l)
	s.arrived(t, l, at, written)
	return steps
}

func (s scenario) arrived(t *testing.T, l *linetest.Line, at int, written map[string]*atomic.Int64) {
	t.Helper()
	last := map[string]int{}
	for i, r := range l.Receiver.Requests() {
		for id, version := range states(t, r) {
			if version < last[id] {
				t.Errorf("step %d: request %d sent state %d of %s after state %d", at, i, version, id, last[id])
			}
			last[id] = version
		}
	}
	for id, n := range written {
		if want := int(n.Load()); last[id] != want {
			t.Errorf("step %d: the last state of %s that was sent is %d, want %d", at, id, last[id], want)
		}
	}
	if s.mayStop {
		return
	}
	for ref, d := range l.Ledger.All() {
		if d.Status == delivery.Stopped {
			t.Errorf("step %d: delivery %s was stopped after %d attempts", at, ref.ID, d.Attempts)
		}
	}
}
