package table_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestOrderOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunOrder(t, table.NewBacklog(awstest.Table(t, awstest.Config(t))))
}

// TestCallsOfPlaces: 50 lines of 20 take two calls a round to enter.
func TestCallsOfPlaces(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	order := table.NewBacklog(awstest.Table(t, config))
	places := list(50*20, func(i int) backlog.Place {
		return backlog.Place{Ref: backlog.Ref{Lane: lane(), Record: contactOf(i % 50)}, Order: fmt.Sprintf("%040d", i), Delivery: "d"}
	})
	calls.Take()
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
		want map[string]int
	}{
		{"enter", func(ctx context.Context) error { return order.Enter(ctx, places) }, map[string]int{"BatchWriteItem": 40}},
		{"look", func(ctx context.Context) error {
			first, err := order.First(ctx, list(50, func(i int) backlog.Ref { return places[i].Ref }))
			if err == nil && len(first) != 50 {
				err = fmt.Errorf("%d are first, want 50", len(first))
			}
			return err
		}, map[string]int{"Query": 50}},
		{"leave", func(ctx context.Context) error { return order.Leave(ctx, places[:50]) }, map[string]int{"BatchWriteItem": 2}},
		{"nothing", func(ctx context.Context) error { return order.Leave(ctx, nil) }, map[string]int{}},
	} {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}
