package linetest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
)

func v2(bucket int, extra string) string {
	return linetest.V2(linetest.Schedule(1, 100, bucket) + extra)
}

func scenarios() []scenario {
	return []scenario{
		{name: "bucket of one", configuration: v2(1, "")},
		{name: "bucket of three", configuration: v2(3, "")},
		{name: "fails twice", configuration: v2(2, ""), answer: func(n int) int {
			if n == 0 || n == 2 {
				return 500
			}
			return 200
		}},
		{name: "stopped early", configuration: v2(2, `,"retriesBeforeStop":1,"retriesBeforeWarning":0`), mayStop: true, answer: failing(2)},
		{name: "stopped at once", configuration: v2(2, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`), mayStop: true, answer: failing(2), verify: stoppedWereTold},
		{name: "changed between the last attempt and the stop", configuration: v2(1, `,"retriesBeforeStop":1,"retriesBeforeWarning":0`), mayStop: true, answer: failing(2), run: changedBeforeTheStop},
		{name: "changed before the attempt that fails last", configuration: v2(1, `,"retriesBeforeStop":0,"retriesBeforeWarning":0`), mayStop: true, answer: failing(9), run: changedInTheQueue, verify: sentOnce},
		{name: "once a day", configuration: linetest.V2(linetest.Schedule(1440, 100, 2)), run: daily, limit: 49 * time.Hour, verify: arrivedThatDay},
		{name: "identifiers once a day", configuration: identifiers, run: daily, after: noIdentifiers, limit: 49 * time.Hour, verify: arrivedThatDay},
		{name: "paused and active again", configuration: v2(2, ""), answer: failing(1), run: paused, after: func(ctx context.Context, t *testing.T, w *linetest.World) {
			if err := w.Resume(ctx); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "deleted and made anew", configuration: v2(2, ""), answer: failing(2), run: remade, after: func(ctx context.Context, t *testing.T, w *linetest.World) {
			if err := remake(ctx, w); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "contact deleted in flight", configuration: v2(2, ""), answer: failing(2), run: deleted},
		{name: "filter no longer matches", configuration: v2(2, `,"filter":"version=1"`), answer: failing(2), run: unmatched, lost: []string{"C1"}, verify: neverSentState2},
		{name: "tests beside live traffic", configuration: v2(2, `,"retriesBeforeStop":1,"retriesBeforeWarning":0`), mayStop: true, answer: failing(3), run: testedBeside, verify: testsSound},
		{name: "queue refuses", configuration: v2(1, ""), run: refused, after: accept, limit: 40 * time.Minute, verify: arrivedSoon},
	}
}

// stoppedWereTold checks that each stop was mailed, whatever crashed.
func stoppedWereTold(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	told := ""
	for _, n := range w.Mail.Notices() {
		if strings.Contains(n.Subject, "stopped") {
			told += n.Text
		}
	}
	for _, d := range w.Ended(delivery.Stopped) {
		if !strings.Contains(told, d.ID) {
			t.Errorf("step %d: %s was stopped and nobody was told", at, d.ID)
		}
		if !d.Expires.IsZero() || !w.Ledger.KeptForever(d.Ref()) {
			t.Errorf("step %d: what the ledger keeps of the stopped %s has an expiry", at, d.ID)
		}
	}
}

// changedBeforeTheStop changes a contact after its last attempt, while its delivery waits to be stopped.
func changedBeforeTheStop(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	w.Clock.Advance(time.Minute)
	if err := w.Dispatch().Run(ctx); err != nil {
		return err
	}
	for range 2 {
		if _, err := w.Deliver(ctx, w.Fast, 1); err != nil {
			return err
		}
		w.Clock.Advance(30 * time.Second)
	}
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	return w.Drain(ctx)
}

// changedInTheQueue changes a contact between its mark and the one attempt, which sends the newer state and is the last.
func changedInTheQueue(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	w.Clock.Advance(time.Minute)
	if err := w.Dispatch().Run(ctx); err != nil {
		return err
	}
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	for range 3 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sentOnce checks that a state which was given up does not go again.
func sentOnce(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	if n := len(w.Receiver.Requests()); at == 0 && n != 1 {
		t.Errorf("%d requests of a state whose only attempt has failed, want 1", n)
	}
}

// daily lets a day pass and runs a few minutes of the next.
func daily(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	w.Clock.Advance(linetest.Start.Add(24 * time.Hour).Sub(w.Clock.Now()))
	if err := w.Plan(ctx, w.Lane, backlog.Run); err != nil {
		return err
	}
	for range 2 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

const identifiers = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],"retryDelaySeconds":30,` +
	`"schedules":[{"name":"s","frequencyMinutes":1440,"batchSize":1,"bucketSize":2,"identifiers":["C1","C2","C3"]}]}`

// noIdentifiers ends the daily sending three hours after its first time, so that the line comes to rest.
func noIdentifiers(ctx context.Context, t *testing.T, w *linetest.World) {
	t.Helper()
	until := linetest.Start.Add(27 * time.Hour)
	for w.Clock.Now().Before(until) {
		if err := w.Step(ctx); err != nil {
			t.Fatal(err)
		}
		w.Jump()
	}
	w.Hook.Schedules[0].Identifiers, w.Hook.Schedules[0].BatchSize = nil, 100
	w.Set(w.Lane, w.Hook, hook.Active)
}

// arrivedThatDay checks that a crash did not delay a contact to the next day's run.
func arrivedThatDay(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	first := map[string]time.Time{}
	for _, r := range w.Receiver.Requests() {
		for id := range r.Contacts() {
			if first[id].IsZero() {
				first[id] = r.At
			}
		}
	}
	for id := range w.Newest() {
		if due := linetest.Start.Add(24 * time.Hour); first[id].Sub(due) > time.Hour {
			t.Errorf("step %d: %s was sent first at %s, due at %s", at, id, first[id], due)
		}
	}
}

// paused pauses the interface with a delivery that failed once and one that nobody has received, and changes a contact.
func paused(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	w.Clock.Advance(time.Minute)
	if err := w.Dispatch().Run(ctx); err != nil {
		return err
	}
	if _, err := w.Deliver(ctx, w.Fast, 1); err != nil {
		return err
	}
	w.Pause()
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	for range 2 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	if err := w.Resume(ctx); err != nil {
		return err
	}
	return w.Minute(ctx)
}

// remade deletes the interface with deliveries in flight and makes one of the same name.
func remade(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	for range 2 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return remake(ctx, w)
}

func remake(ctx context.Context, w *linetest.World) error {
	old := w.Lane
	old.Generation = "g1"
	w.Lane.Generation = "g2"
	w.Set(w.Lane, w.Hook, hook.Active)
	if err := w.Plan(ctx, old, backlog.Sweep); err != nil {
		return err
	}
	if err := w.Plan(ctx, w.Lane, backlog.Run); err != nil {
		return err
	}
	return w.Write(ctx, "C1", "C2", "C3")
}

func deleted(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	for range 2 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	if err := w.Delete(ctx, "C1"); err != nil {
		return err
	}
	return w.Minute(ctx)
}

func unmatched(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	for range 2 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	if err := w.Write(ctx, "C1"); err != nil {
		return err
	}
	return w.Minute(ctx)
}

func neverSentState2(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	for _, r := range w.Receiver.Requests() {
		if r.Contacts()["C1"] == 2 {
			t.Errorf("step %d: a state that does not match the filter was sent", at)
		}
	}
}

// refused has the queue refuse two of three entries. Their rows wait again at once.
func refused(ctx context.Context, w *linetest.World) error {
	if err := w.Write(ctx, "C1", "C2", "C3"); err != nil {
		return err
	}
	w.Clock.Advance(time.Minute)
	w.Fast.Refuse(2)
	if err := w.Dispatch().Run(ctx); !errors.Is(err, queuetest.ErrRefused) {
		return errors.Join(err, errors.New("no entry was refused"))
	}
	for range 3 {
		if err := w.Minute(ctx); err != nil {
			return err
		}
	}
	return nil
}

func accept(_ context.Context, _ *testing.T, w *linetest.World) { w.Fast.Refuse(0) }

// arrivedSoon checks that without a crash the refused waited for no lease.
func arrivedSoon(t *testing.T, w *linetest.World, at int) {
	t.Helper()
	for _, r := range w.Receiver.Requests() {
		if at == 0 && r.At.Sub(linetest.Start) > 5*time.Minute {
			t.Errorf("%v went at %s, minutes after the queue refused it", r.Contacts(), r.At.Format(time.TimeOnly))
		}
	}
}
