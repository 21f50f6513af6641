package table_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

func TestTriggersOnEmulator(t *testing.T) {
	t.Parallel()
	client, name := awstest.Ledger(t, awstest.Config(t))
	tabletest.RunTriggers(t, func(now func() time.Time) tabletest.TriggersAPI { return table.NewTriggers(client, name, now) })
}

// TestMessagesGo: nothing is left of a message whose trigger is kept again without it, and what stays expires with its entry.
func TestMessagesGo(t *testing.T) {
	t.Parallel()
	client, name := awstest.Table(t, awstest.Config(t))
	now := time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)
	triggers := table.NewTriggers(client, name, func() time.Time { return now })
	id, err := trigger.NewID(now, bytes.NewReader(make([]byte, 10)))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		bytes   int
		expires time.Time
		want    int
	}{{1 << 20, time.Time{}, 3}, {400_000, now.Add(time.Hour), 2}, {350_000, time.Time{}, 1}, {0, now.Add(time.Hour), 0}, {1, time.Time{}, 1}, {0, time.Time{}, 0}} {
		entry := trigger.Entry{ID: id, Organization: "demo", Message: bytes.Repeat([]byte{'x'}, tt.bytes), Expires: tt.expires}
		if err := triggers.Keep(t.Context(), []trigger.Entry{entry}); err != nil {
			t.Fatal(err)
		}
		items := query(t, client, name, "demo#triggers#2026-11-02#messages")
		if len(items) != tt.want {
			t.Errorf("a message of %d bytes is in %d pieces, want %d", tt.bytes, len(items), tt.want)
		}
		for _, item := range items {
			if got := number(item, "expires"); tt.expires.IsZero() && got != 0 || !tt.expires.IsZero() && got != tt.expires.Unix() {
				t.Errorf("a piece expires at %d, its entry at %v", got, tt.expires)
			}
		}
	}
}

// TestCallsOfTriggers counts what the ledger of triggers costs in calls.
func TestCallsOfTriggers(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Table(t, config)
	now := time.Date(2026, 10, 3, 12, 0, 0, 0, time.UTC)
	triggers := table.NewTriggers(client, name, func() time.Time { return now })
	entries := func(n, bytes int) []trigger.Entry {
		return list(n, func(i int) trigger.Entry {
			return trigger.Entry{ID: fmt.Sprintf("06gfze075s%016d", i), Organization: "demo", Message: make([]byte, bytes)}
		})
	}
	keep := func(n, bytes int) func() error {
		return func() error { return triggers.Keep(t.Context(), entries(n, bytes)) }
	}
	entry := func() error {
		_, _, err := triggers.Entry(t.Context(), "demo", entries(1, 0)[0].ID)
		return err
	}
	for _, step := range []struct {
		name string
		do   func() error
		want map[string]int
	}{
		{"keep one, the first of its day", keep(1, 0), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 2}},
		{"keep one", keep(1, 0), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 1}},
		{"keep 30", keep(30, 0), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 2}},
		{"read one", entry, map[string]int{"GetItem": 1}},
		{"keep 30 with a message each", keep(30, 1000), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 4}},
		{"read one with its message", entry, map[string]int{"GetItem": 1, "Query": 1}},
		{"keep one with a large message", keep(1, 1<<20), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 2}},
		{"keep 30 without", keep(30, 0), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 4}},
		{"keep 30 without again", keep(30, 0), map[string]int{"BatchGetItem": 1, "BatchWriteItem": 2}},
		{"a page of a day", func() error { _, _, err := triggers.Entries(t.Context(), "demo", "", 29); return err }, map[string]int{"Query": 2}},
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

func query(t *testing.T, client *dynamodb.Client, name, pk string) []table.Item {
	t.Helper()
	var items []table.Item
	pages := dynamodb.NewQueryPaginator(client, &dynamodb.QueryInput{
		TableName: &name, KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: table.Item{":pk": &types.AttributeValueMemberS{Value: pk}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		items = append(items, page.Items...)
	}
	return items
}
