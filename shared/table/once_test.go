package table_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"

	"crmhook/shared/awstest"
	"crmhook/shared/once"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestOnceOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunOnce(t, table.NewOnce(awstest.Table(t, awstest.Config(t))))
}

// TestWritesBesideTransactions refuses the first single writes as DynamoDB does while a transaction is at the same item.
func TestWritesBesideTransactions(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	_, name := awstest.Table(t, config)
	var left atomic.Int64
	config.APIOptions = append(config.APIOptions, met(&left))
	client := dynamodb.NewFromConfig(config)
	claims, records, now := table.NewOnce(client, name), table.NewRecords(client, name), time.UnixMilli(1)
	c := once.Claim{Organization: "demo", Key: "k", Lease: now.Add(once.Lease)}
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
	}{
		{"claim", func(ctx context.Context) error { _, _, err := claims.Claim(ctx, c, nil, now); return err }},
		{"release", func(ctx context.Context) error { return claims.Release(ctx, c) }},
		{"claim again", func(ctx context.Context) error { _, _, err := claims.Claim(ctx, c, nil, now); return err }},
		{"done", func(ctx context.Context) error { return claims.Done(ctx, c, now) }},
		{"a new record", rewrite(records, "a", 1, "1")},
		{"a record again", rewrite(records, "a", 1, "2")},
	} {
		left.Store(2)
		if err := step.do(t.Context()); err != nil || left.Load() > 0 {
			t.Errorf("%s: error %v, met %d transactions less than it was to", step.name, err, left.Load())
		}
	}
	left.Store(100)
	if err := claims.Done(t.Context(), c, now); err == nil || left.Load() != 94 {
		t.Errorf("all the time: error %v after %d tries, want one after six", err, 100-left.Load())
	}
}

// met refuses single writes while any are left to refuse.
func met(left *atomic.Int64) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Met", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			switch in.Parameters.(type) {
			case *dynamodb.PutItemInput, *dynamodb.UpdateItemInput:
				if left.Add(-1) >= 0 {
					return middleware.InitializeOutput{}, middleware.Metadata{}, &types.TransactionConflictException{}
				}
			}
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
}

// TestClaimsExpire: DynamoDB itself forgets claims and days.
func TestClaimsExpire(t *testing.T) {
	t.Parallel()
	client, name := awstest.Table(t, awstest.Config(t))
	claims := table.NewOnce(client, name)
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	c := once.Claim{Organization: "demo", Key: "k"}
	if _, _, err := claims.Claim(t.Context(), c, &once.Limit{Name: "n", Day: "2026-11-02", Most: 1}, now); err != nil {
		t.Fatal(err)
	}
	check := func(pk string, want time.Time) {
		t.Helper()
		items := query(t, client, name, pk)
		if len(items) != 1 || number(items[0], "expires") != want.Unix() {
			t.Errorf("%s is %v, want one that expires at %d", pk, items, want.Unix())
		}
	}
	check("demo#once#k", now.Add(once.Kept))
	check("demo#count#n", now.Add(3*24*time.Hour))
	if err := claims.Done(t.Context(), c, now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	check("demo#once#k", now.Add(time.Hour+once.Kept))
}
