package table_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
	"crmhook/shared/setaside"
	"crmhook/shared/table"
)

// TestCalls counts what each method costs in calls, which is what an invocation's time goes into.
func TestCalls(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Table(t, config)
	work := work{table.NewBacklog(client, name), table.NewAgenda(client, name), table.NewLedger(client, name), table.NewRecords(client, name)}
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	// The steps build on one another: what one has written the next reads.
	steps := []struct {
		name string
		do   func(ctx context.Context) error
		want map[string]int
	}{
		{"add 100 new rows", func(ctx context.Context) error { return work.Add(ctx, additions(100)) }, map[string]int{"BatchExecuteStatement": 4}},
		{"add to 100 rows that are there", func(ctx context.Context) error { return work.Add(ctx, additions(100)) }, map[string]int{"BatchExecuteStatement": 8}},
		{"add nothing", func(ctx context.Context) error { return work.Add(ctx, nil) }, map[string]int{}},
		{"mark 100 rows", work.mark(100), map[string]int{"BatchExecuteStatement": 4}},
		{"read 1,000 rows", work.held(1000), map[string]int{"BatchGetItem": 10}},
		{"read a page of a shard", work.rows, map[string]int{"Query": 1}},
		{"settle 100 rows that changed since", work.settle(100, 1), map[string]int{"BatchExecuteStatement": 8}},
		{"settle 100 rows that did not", work.remark(100, 2), map[string]int{"BatchExecuteStatement": 8}},
		{"read 101 states", work.states(101), map[string]int{"BatchGetItem": 2}},
		{"save a state", work.save, map[string]int{"PutItem": 1}},
		{"sweep an empty lane", work.sweep, map[string]int{"Query": backlog.Shards + 1, "BatchWriteItem": 1}},
		{"write 60 entries", func(ctx context.Context) error { return work.Put(ctx, entries(60, now)) }, map[string]int{"BatchWriteItem": 3}},
		{"read what is due", work.due(now), map[string]int{"Query": 1}},
		{"drop 60 entries", work.drop(60, now), map[string]int{"BatchExecuteStatement": 3}},
		{"open 30 deliveries", work.open(30), map[string]int{"BatchExecuteStatement": 2}},
		{"update 30 deliveries", work.update(30), map[string]int{"BatchExecuteStatement": 2}},
		{"read 150 deliveries", work.deliveries(150), map[string]int{"BatchGetItem": 2}},
		{"keep an attempt each of 30", work.attempts(30, now), map[string]int{"BatchWriteItem": 2}},
		{"keep one attempt forever", work.forever(1), map[string]int{"Query": 1}},
		{"keep 13 attempts forever", work.forever(13), map[string]int{"Query": 1, "BatchExecuteStatement": 1}},
		{"keep the bodies of 60 events", func(ctx context.Context) error { return work.KeepBodies(ctx, list(60, told)) }, map[string]int{"BatchWriteItem": 3}},
		{"forget them", func(ctx context.Context) error { return work.ForgetBodies(ctx, list(60, told)) }, map[string]int{"BatchWriteItem": 3}},
		{"set 30 things aside", func(ctx context.Context) error { return work.SetAside(ctx, aside(30)) }, map[string]int{"BatchWriteItem": 2}},
		{"advance an execution", work.advance, map[string]int{"UpdateItem": 1}},
		{"claim an hour", work.hour(now), map[string]int{"UpdateItem": 1}},
		{"read 1,000 records", work.data(1000), map[string]int{"BatchGetItem": 10}},
	}
	calls.Take()
	for _, step := range steps {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}

// work is everything on one table.
type work struct {
	table.Backlog
	table.Agenda
	table.Ledger
	table.Records
}

func lane() backlog.Lane {
	return backlog.Lane{Organization: "demo", Interface: "crm", Generation: "g1"}
}

func contactOf(i int) string { return fmt.Sprintf("contact/%d", i) }

// list makes n of something.
func list[T any](n int, of func(i int) T) []T {
	made := make([]T, n)
	for i := range made {
		made[i] = of(i)
	}
	return made
}

func additions(n int) []backlog.Addition {
	return list(n, func(i int) backlog.Addition { return backlog.Addition{Lane: lane(), Record: contactOf(i), Changes: 1} })
}

func (w work) mark(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Mark(ctx, list(n, func(i int) backlog.Mark {
			return backlog.Mark{Row: backlog.Row{Lane: lane(), Record: contactOf(i)}, Delivery: "d1"}
		}))
		return err
	}
}

func (w work) held(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Held(ctx, list(n, func(i int) backlog.Ref { return backlog.Ref{Lane: lane(), Record: contactOf(i)} }))
		return err
	}
}

func (w work) rows(ctx context.Context) error {
	_, _, _, err := w.Rows(ctx, lane(), backlog.Cursor{}, 1000)
	return err
}

func (w work) settle(n int, changes int64) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Settle(ctx, list(n, func(i int) backlog.Outcome {
			return backlog.Outcome{Lane: lane(), Record: contactOf(i), Delivery: "d1", Changes: changes, Done: true}
		}))
		return err
	}
}

// remark marks rows again and settles them.
func (w work) remark(n int, changes int64) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := w.mark(n)(ctx); err != nil {
			return err
		}
		return w.settle(n, changes)(ctx)
	}
}

func (w work) states(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.States(ctx, list(n, func(i int) backlog.Lane {
			return backlog.Lane{Organization: "demo", Interface: contactOf(i), Generation: "g1"}
		}))
		return err
	}
}

func (w work) save(ctx context.Context) error {
	_, err := w.Save(ctx, backlog.State{Lane: lane()})
	return err
}

func (w work) sweep(ctx context.Context) error {
	_, err := w.Sweep(ctx, lane(), 100)
	return err
}

func entries(n int, due time.Time) []backlog.Entry {
	return list(n, func(i int) backlog.Entry {
		return backlog.Entry{Lane: backlog.Lane{Organization: "demo", Interface: fmt.Sprint(i), Generation: "g1"}, Purpose: backlog.Run, Due: due, Token: "t"}
	})
}

func (w work) due(now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Due(ctx, now, 2000)
		return err
	}
}

func (w work) drop(n int, now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Drop(ctx, entries(n, now))
		return err
	}
}

func opened(i int) delivery.Delivery {
	return delivery.Delivery{
		Message: delivery.Message{ID: delivery.ID("e1", i), Organization: "demo", Interface: "crm", Records: []string{contactOf(i)}, Changes: []int64{1}},
		Status:  delivery.Pending,
	}
}

func told(i int) delivery.Message {
	return delivery.Message{ID: fmt.Sprint("x", i), Organization: "demo", Event: &delivery.Event{Type: "order.created", Body: "{}"}}
}

func (w work) open(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Open(ctx, list(n, opened))
		return err
	}
}

func (w work) update(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Update(ctx, list(n, func(i int) delivery.Update { return delivery.Update{Was: opened(i), Now: opened(i)} }))
		return err
	}
}

func (w work) deliveries(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Deliveries(ctx, list(n, func(i int) delivery.Ref { return opened(i).Ref() }))
		return err
	}
}

func (w work) attempts(n int, now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		attempts := map[delivery.Ref]delivery.Attempt{}
		for i := range n {
			attempts[opened(i).Ref()] = delivery.Attempt{Number: 2}
		}
		return w.KeepAttempts(ctx, attempts, now)
	}
}

func (w work) forever(attempts int) func(context.Context) error {
	return func(ctx context.Context) error { return w.KeepForever(ctx, opened(0).Ref(), attempts) }
}

func aside(n int) []setaside.Item {
	return list(n, func(i int) setaside.Item {
		return setaside.Item{Organization: "demo", Source: setaside.Queue, ID: fmt.Sprint(i)}
	})
}

func (w work) advance(ctx context.Context) error {
	return w.Advance(ctx, lane(), "e1", backlog.Progress{Ended: 1})
}

func (w work) hour(now time.Time) func(context.Context) error {
	return func(ctx context.Context) error {
		_, _, err := w.ClaimHour(ctx, notice.Notice{Kind: notice.Stopped, Organization: "demo", Interface: "crm"}, now)
		return err
	}
}

func (w work) data(n int) func(context.Context) error {
	return func(ctx context.Context) error {
		_, err := w.Data(ctx, list(n, func(i int) change.Key { return change.Key{Organization: "demo", Entity: "contact", ID: fmt.Sprint(i)} }))
		return err
	}
}
