package linetest_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/secret"
)

// firing is what happens to the calls of a crm-trigger until the process dies somewhere.
type firing struct {
	name string
	// extra members of the configuration.
	extra  string
	answer func(n int) int
	// later is the configuration from the first attempt on; nil: the same.
	later func(t *testing.T) *hook.Hook
	// stopped is how many deliveries end so; silent that nobody is told.
	stopped int
	silent  bool
}

// cases are a case of each change.
func cases() []change.Change {
	return []change.Change{linetest.Case(1, change.Create), linetest.Case(2, change.Edit), linetest.Case(3, change.Delete)}
}

func parsed(text string) func(t *testing.T) *hook.Hook {
	return func(t *testing.T) *hook.Hook { return linetest.Parse(t, text, nil) }
}

func firings() []firing {
	const moved = `{"type":"crm-trigger","urls":{"case":{"create":"https://new.example.com/a","edit":"https://new.example.com/b","delete":"https://new.example.com/c"}},"retryDelaySeconds":30}`
	return []firing{
		{name: "called at once"},
		{name: "called after failures", answer: failing(4)},
		{name: "only 200 is a success", answer: func(n int) int { return []int{201, 202, 204, 200}[min(n, 3)] }},
		{name: "stopped at once", extra: `,"retriesBeforeStop":0`, answer: failing(1000), stopped: 3},
		{name: "stopped after two attempts, warned", extra: `,"retriesBeforeStop":1,"retriesBeforeWarning":0`, answer: failing(1000), stopped: 3},
		{name: "moved meanwhile", answer: failing(3), later: parsed(moved)},
		{name: "without a URL meanwhile", answer: failing(1000), stopped: 3, silent: true, later: parsed(`{"type":"crm-trigger","urls":{"task":{"create":"https://crm.example.com/"}}}`)},
		{name: "an event-webhook meanwhile", answer: failing(1000), stopped: 3, silent: true, later: parsed(linetest.EventWebhook(""))},
		{name: "paused meanwhile", answer: failing(1000), stopped: 3, silent: true, later: func(t *testing.T) *hook.Hook {
			return linetest.Parse(t, linetest.CRMTrigger(`,"state":"paused"`), nil)
		}},
	}
}

// TestACrashAtAnyWriteLosesNoCall: each change calls its URL at least once, under one id, whoever dies where.
func TestACrashAtAnyWriteLosesNoCall(t *testing.T) {
	t.Parallel()
	for _, f := range firings() {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			steps := f.check(t, 0)
			if steps < 15 {
				t.Fatalf("%d steps: the scenario writes too little to be worth a test", steps)
			}
			for at := 1; at <= steps; at++ {
				f.check(t, at)
			}
		})
	}
}

func (f firing) check(t *testing.T, at int) int {
	t.Helper()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.CRMTrigger(f.extra))
	var requests atomic.Int64
	w.Receiver.Answer = func(r linetest.Request) delivery.Attempt {
		status := 200
		if n := int(requests.Add(1)) - 1; f.answer != nil {
			status = f.answer(n)
		}
		a := linetest.Status(status)
		if !r.Success(status) {
			a.Error = delivery.BadStatus
		}
		return a
	}
	configurations := []*hook.Hook{w.Hook}
	w.Kill.At(at)
	made, err := f.run(ctx, w)
	steps, died := w.Kill.Steps(), w.Kill.Dead()
	if err != nil && !died {
		t.Fatalf("step %d: %v", at, err)
	}
	w.Kill.At(0)
	if !made { // The checkpoint has not moved: scan reads the changes again.
		must(t, w.Tell(ctx, cases()...))
	}
	if f.later != nil {
		later := f.later(t)
		configurations = append(configurations, later)
		w.Set(w.Lane, later, later.State)
	}
	w.Settle(ctx, t, 4*time.Hour)
	f.look(ctx, t, w, at, configurations)
	return steps
}

// run tells whether the events were all made, after which nobody makes them again.
func (f firing) run(ctx context.Context, w *linetest.World) (made bool, err error) {
	if err := w.Tell(ctx, cases()...); err != nil {
		return false, err
	}
	if err := w.Drain(ctx); err != nil || f.later != nil {
		return true, err
	}
	for range 3 {
		w.Clock.Advance(31 * time.Second)
		if err := w.Drain(ctx); err != nil {
			return true, err
		}
	}
	return true, nil
}

func (f firing) look(ctx context.Context, t *testing.T, w *linetest.World, at int, configurations []*hook.Hook) {
	t.Helper()
	for _, fault := range w.TriggerFaults(ctx, configurations, cases()...) {
		t.Errorf("step %d: %s", at, fault)
	}
	stopped := len(w.Ended(delivery.Stopped))
	if stopped != f.stopped {
		t.Errorf("step %d: %d were stopped, want %d", at, stopped, f.stopped)
	}
	if n, want := len(w.Mail.Notices()), stopped > 0 && !f.silent; (n > 0) != want {
		t.Errorf("step %d: people were told %d times, want some: %v", at, n, want)
	}
	if n := len(w.Ledger.AllExecutions()) + len(w.Backlog.All()) + w.Records.Calls["Data"]; n != 0 {
		t.Errorf("step %d: a call left something in the backlog, made an execution or read its record", at)
	}
}

// TestWhereCallsGo: the URL of each change, the ids in the query, and after the URLs' change the new ones.
func TestWhereCallsGo(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.CRMTrigger(`,"customParameters":{"tenant":"12"}`))
	w.Receiver.Answer = linetest.Always(503)
	must(t, w.Tell(ctx, cases()...))
	must(t, w.Drain(ctx))
	w.Receiver.Answer = nil
	w.Set(w.Lane, linetest.Parse(t, strings.ReplaceAll(linetest.CRMTrigger(""), "//crm.", "//new."), nil), hook.Active)
	w.Settle(ctx, t, time.Hour)
	var got []string
	for _, r := range w.Receiver.Requests() {
		got = append(got, r.Method+" "+r.URL)
	}
	want := []string{
		"GET https://crm.example.com/new?tenant=12&AccountID=A%201&CaseID=1",
		"GET https://crm.example.com/case?do=edit&tenant=12&AccountID=A%201&CaseID=2",
		"GET https://crm.example.com/gone?tenant=12&AccountID=A%201&CaseID=3",
		"GET https://new.example.com/new?AccountID=A%201&CaseID=1",
		"GET https://new.example.com/case?do=edit&AccountID=A%201&CaseID=2",
		"GET https://new.example.com/gone?AccountID=A%201&CaseID=3",
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("requests\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestACallsPassword goes to the hosts that the secret lists, whichever URL is called.
func TestACallsPassword(t *testing.T) {
	t.Parallel()
	ctx, w := t.Context(), linetest.NewWorld(t, linetest.CRMTrigger(""))
	text := strings.Replace(linetest.CRMTrigger(`,"authentication":{"mode":"BASIC","login":"crm","secret":"s"}`), "crm.example.com/gone", "other.example.com/gone", 1)
	hosts := []string{"crm.example.com", "other.example.com"}
	w.Set(w.Lane, linetest.Parse(t, text, map[string][]string{"s": hosts}), hook.Active)
	values := func(hosts ...string) map[secret.Name]secret.Secret {
		return map[secret.Name]secret.Secret{{Organization: linetest.Organization, Name: "s"}: {Value: "dummy", Hosts: hosts}}
	}
	w.Secrets.Values = values("crm.example.com")
	must(t, w.Tell(ctx, cases()...))
	must(t, w.Drain(ctx))
	if n := len(w.Receiver.Requests()); n != 2 {
		t.Errorf("%d requests, want none to the host that the secret does not list any more", n)
	}
	w.Secrets.Values = values(hosts...)
	w.Settle(ctx, t, time.Hour)
	for _, r := range w.Receiver.Requests() {
		if r.Login != "crm" || r.Password != "dummy" {
			t.Errorf("request to %s without the password", r.URL)
		}
	}
	if n := len(w.Receiver.Requests()); n != 3 {
		t.Errorf("%d requests, want 3", n)
	}
}
