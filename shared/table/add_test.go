package table_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go/middleware"

	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/table"
)

// TestAddToRowThatGoes ends a row's delivery just when Add has found the row there and is about to count on it: the change
// makes the row anew. A row that goes each time is an error in the end.
func TestAddToRowThatGoes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		goes   int
		failed bool
	}{{"once", 1, false}, {"three times", 3, false}, {"always", 100, true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := awstest.Config(t)
			client, name := awstest.Table(t, config)
			plain := table.NewBacklog(client, name)
			one := []backlog.Addition{{Lane: lane(), Record: contactOf(1), Changes: 1, Since: time.UnixMilli(1)}}
			if err := plain.Add(t.Context(), one); err != nil {
				t.Fatal(err)
			}
			left := tt.goes
			config.APIOptions = append(config.APIOptions, before(func(statement string) {
				switch there := strings.HasPrefix(statement, "INSERT"); {
				case there && left > 0 && left < tt.goes:
					// It has gone with the last count; somebody makes it again.
					if err := plain.Add(t.Context(), one); err != nil {
						t.Error(err)
					}
				case !there && left > 0:
					left--
					if _, err := plain.Sweep(t.Context(), lane(), 10); err != nil {
						t.Error(err)
					}
				}
			}))
			err := table.NewBacklog(dynamodb.NewFromConfig(config), name).Add(t.Context(), one)
			if (err != nil) != tt.failed || err != nil && !strings.Contains(err.Error(), "came and went") {
				t.Fatalf("error is %v, want one: %v", err, tt.failed)
			}
			rows, err := plain.Held(t.Context(), []backlog.Ref{{Lane: lane(), Record: contactOf(1)}})
			if err != nil {
				t.Fatal(err)
			}
			if !tt.failed && (len(rows) != 1 || rows[0].Changes != 1) {
				t.Errorf("rows are %+v, want one with the change that was added", rows)
			}
		})
	}
}

// before calls do with the first statement of each batch before the batch is sent.
func before(do func(statement string)) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("Before", func(
			ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler,
		) (middleware.SerializeOutput, middleware.Metadata, error) {
			if input, ok := in.Parameters.(*dynamodb.BatchExecuteStatementInput); ok {
				do(*input.Statements[0].Statement)
			}
			return next.HandleSerialize(ctx, in)
		}), middleware.Before)
	}
}
