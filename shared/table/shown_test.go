package table_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/access"
	"crmhook/shared/audit"
	"crmhook/shared/awstest"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/job"
	"crmhook/shared/table"
	"crmhook/shared/upload"
)

// TestWhatIsForgotten looks at where things lie and when DynamoDB removes them; 0: never.
func TestWhatIsForgotten(t *testing.T) {
	t.Parallel()
	client, name := awstest.Ledger(t, awstest.Config(t))
	ledger, jobs, sessions := table.NewLedger(client, name), table.NewBacklog(client, name), table.NewSessions(client, name)
	asked := table.NewAsked(client, name, name)
	now := time.Date(2026, 11, 24, 13, 30, 0, 0, time.UTC)
	bucket := delivery.Delivery{Message: delivery.Message{Organization: "demo", ID: "e1-00000", Interface: "crm", Records: []string{"contact/1", "contact/2"}}, CreatedAt: now}
	for _, err := range []error{
		ledger.Count(t.Context(), map[hook.Key]hours.Counts{{Organization: "demo", Name: "crm"}: {Delivered: 1}}, now),
		ledger.Record(t.Context(), audit.Entry{ID: "a1", Organization: "demo"}),
		ledger.KeepRefusals(t.Context(), lane(), "e1", []upload.Refusal{{Line: 1}}, now),
		ledger.Begin(t.Context(), backlog.Execution{Lane: lane(), ID: "e1", Open: true}, now.Add(time.Hour)),
		ledger.ListRecords(t.Context(), []delivery.Delivery{bucket}),
		put(t.Context(), asked, "j1", now.Add(3*time.Hour)),
		jobs.KeepNumbers(t.Context(), lane(), "j1", [][]string{{}, {}, {"1"}}, now.Add(4*time.Hour)),
		sessions.Put(t.Context(), access.Session{Hash: "h1", Expires: now.Add(2 * time.Hour)}),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		pk, sk  string
		expires time.Time
	}{
		{"demo#crm#hours", "2026-11-24", time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)},
		{"demo#audit", "a1", time.Time{}},
		{"demo#crm#executions#refused", "e1", now},
		{"demo#crm#executions", "e1", now.Add(time.Hour)},
		{"demo#delivery#e1-00000", "record#0000", now.Add(delivery.LedgerTime)},
		{"demo#crm#g1#jobs", "j1", time.Time{}},
		{"demo#crm#executions", "j1", now.Add(3 * time.Hour)},
		{"demo#crm#g1#numbers", "j1#0002", now.Add(4 * time.Hour)},
		{"#session#h1", "session", now.Add(2 * time.Hour)},
	} {
		items := query(t, client, name, tt.pk)
		lies := slices.IndexFunc(items, func(item map[string]types.AttributeValue) bool { return text(item, "sk") == tt.sk })
		if lies < 0 {
			t.Errorf("under %s lies %v, want %s", tt.pk, items, tt.sk)
			continue
		}
		if at := number(items[lies], "expires"); tt.expires.IsZero() && at != 0 || !tt.expires.IsZero() && at != tt.expires.Unix() {
			t.Errorf("%s %s expires at %v, want %v", tt.pk, tt.sk, time.Unix(at, 0).UTC(), tt.expires)
		}
	}
}

// put leaves a job that makes an execution.
func put(ctx context.Context, asked table.Asked, id string, expires time.Time) error {
	j := job.Job{Lane: lane(), ID: id, Kind: job.All, Pieces: 10}
	_, err := asked.Put(ctx, j, j.Entry(j.At, "t"), &backlog.Execution{Lane: lane(), ID: id, Open: true}, expires)
	return err
}

// TestIndexesHoldKeysOnly: what a list shows is read from the table, so an index holds and costs as little as it can.
func TestIndexesHoldKeysOnly(t *testing.T) {
	t.Parallel()
	client, name := awstest.Ledger(t, awstest.Config(t))
	ledger := table.NewLedger(client, name)
	d := opened(1)
	d.CreatedAt = time.UnixMilli(1_764_000_000_123)
	d = d.End(delivery.Stopped, "", d.CreatedAt)
	if _, err := ledger.Open(t.Context(), []delivery.Delivery{d}); err != nil {
		t.Fatal(err)
	}
	for index, hash := range map[string][2]string{
		"byInterface": {"ofInterface", "demo#crm#" + strconv.Itoa(backlog.Shard(d.ID))}, "byRecord": {"ofRecord", "demo#contact/1"},
		"byOpen": {"open", "demo#stopped"}, "byOpenInterface": {"openInterface", "demo#crm#stopped"},
	} {
		out, err := client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &name, IndexName: &index})
		if err != nil || len(out.Items) != 1 {
			t.Fatalf("%s: %v, error %v", index, out, err)
		}
		item := out.Items[0]
		if len(item) != 4 || text(item, "created") != "1764000000123#e1-00001" || text(item, hash[0]) != hash[1] {
			t.Errorf("%s holds %v, want the keys of the table and the index, %s = %s", index, item, hash[0], hash[1])
		}
	}
}
