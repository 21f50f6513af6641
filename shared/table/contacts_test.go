package table_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/once"
	kept "crmhook/shared/record"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestDirectoryOnEmulator(t *testing.T) {
	t.Parallel()
	tabletest.RunDirectory(t, table.NewDirectory(awstest.Table(t, awstest.Config(t))))
}

func TestContactsOnEmulator(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	client, records := awstest.Table(t, config)
	_, entries := awstest.Table(t, config)
	tabletest.RunContacts(t, table.NewContacts(client, records, entries), table.NewRecords(client, records), table.NewDirectory(client, entries))
}

// TestCancelledTransactions answers the first transactions as DynamoDB does that of two which meet.
func TestCancelledTransactions(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		reasons []string
		times   int64
		made    bool
		failed  string
		calls   int64
	}{
		{"two that meet", []string{"TransactionConflict", "None"}, 2, true, "", 3},
		{"throttled", []string{"None", "ThrottlingError"}, 1, true, "", 2},
		{"meeting all the time", []string{"None", "TransactionConflict"}, 100, false, "refused part of a batch six times", 6},
		{"a condition beside a conflict", []string{"TransactionConflict", "ConditionalCheckFailed"}, 100, false, "", 1},
		{"not valid", []string{"ValidationError", "None"}, 100, false, "ValidationError", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			config := awstest.Config(t)
			_, records := awstest.Table(t, config)
			_, entries := awstest.Table(t, config)
			var calls atomic.Int64
			config.APIOptions = append(config.APIOptions, cancelled(&calls, tt.times, tt.reasons))
			contact := kept.Record{Key: change.Key{Organization: "demo", Entity: change.Contact, ID: "C1"}, Data: map[string]any{}}
			claim := directory.Claim{Entry: directory.Entry{Ref: directory.Ref{Organization: "demo", Kind: directory.Email, Value: "a@example.com"}, Contact: "C1"}}
			made, err := table.NewContacts(dynamodb.NewFromConfig(config), records, entries).Create(t.Context(), contact, []directory.Claim{claim})
			if made != tt.made || (err != nil) != (tt.failed != "") || err != nil && !strings.Contains(err.Error(), tt.failed) {
				t.Errorf("made is %v, error %v; want %v, an error of %q", made, err, tt.made, tt.failed)
			}
			if calls.Load() != tt.calls {
				t.Errorf("%d calls, want %d", calls.Load(), tt.calls)
			}
		})
	}
}

// cancelled counts transactions, and cancels the first of them for these reasons.
func cancelled(calls *atomic.Int64, times int64, reasons []string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Cancelled", func(
			ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
		) (middleware.InitializeOutput, middleware.Metadata, error) {
			if _, ok := in.Parameters.(*dynamodb.TransactWriteItemsInput); !ok || calls.Add(1) > times {
				return next.HandleInitialize(ctx, in)
			}
			failed := &types.TransactionCanceledException{Message: aws.String(fmt.Sprint(reasons))}
			for _, code := range reasons {
				failed.CancellationReasons = append(failed.CancellationReasons, types.CancellationReason{Code: aws.String(code)})
			}
			return middleware.InitializeOutput{}, middleware.Metadata{}, failed
		}), middleware.Before)
	}
}

// TestCallsOfContacts counts what the inbound side's smaller parts cost in calls.
func TestCallsOfContacts(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Table(t, config)
	found, claims := table.NewDirectory(client, name), table.NewOnce(client, name)
	triggers := table.NewTriggers(client, name, func() time.Time { return time.UnixMilli(0) })
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	refs := list(30, func(i int) directory.Ref {
		return directory.Ref{Organization: "demo", Kind: directory.Email, Value: fmt.Sprintf("%d@example.com", i)}
	})
	entries := list(60, func(i int) directory.Entry { return directory.Entry{Ref: refs[i%30], Contact: fmt.Sprint(i / 30)} })
	c, limit := once.Claim{Organization: "demo", Key: "k"}, &once.Limit{Name: "n", Day: "d", Most: 1}
	claim := func(key string, limit *once.Limit, now time.Time) func() error {
		return func() error {
			_, _, err := claims.Claim(t.Context(), once.Claim{Organization: "demo", Key: key}, limit, now)
			return err
		}
	}
	for _, step := range []struct {
		name string
		do   func() error
		want map[string]int
	}{
		{"add 60 entries", func() error { return found.Add(t.Context(), entries) }, map[string]int{"BatchWriteItem": 3}},
		{"find 30 values", func() error { _, err := found.Find(t.Context(), refs); return err }, map[string]int{"Query": 30}},
		{"remove 60 entries", func() error { return found.Remove(t.Context(), entries) }, map[string]int{"BatchWriteItem": 3}},
		{"claim", claim("k", nil, now), map[string]int{"PutItem": 1}},
		{"claim what is busy", claim("k", nil, now), map[string]int{"PutItem": 1}},
		{"claim after the lease", claim("k", limit, now.Add(once.Lease)), map[string]int{"TransactWriteItems": 1, "UpdateItem": 1}},
		{"claim and count", claim("l", limit, now), map[string]int{"TransactWriteItems": 1}},
		{"claim on a full day", claim("m", limit, now), map[string]int{"TransactWriteItems": 1}},
		{"done", func() error { return claims.Done(t.Context(), c, now) }, map[string]int{"UpdateItem": 1}},
		{"release", func() error { return claims.Release(t.Context(), c) }, map[string]int{"UpdateItem": 1}},
		{"count", func() error { _, err := claims.Count(t.Context(), "demo", "n", "d"); return err }, map[string]int{"GetItem": 1}},
		{"keep nothing", func() error { return triggers.Keep(t.Context(), nil) }, map[string]int{}},
		{"a list of ninety empty days", func() error { _, _, err := triggers.Entries(t.Context(), "demo", "", 10); return err }, map[string]int{"Query": 1}},
	} {
		calls.Take()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}
