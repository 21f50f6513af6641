package table_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/awstest"
	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
	"crmhook/shared/table"
	"crmhook/shared/tabletest"
)

func TestLedgerOnEmulator(t *testing.T) {
	t.Parallel()
	ledger := table.NewLedger(awstest.Ledger(t, awstest.Config(t)))
	tabletest.RunLedger(t, ledger, content(ledger))
	tabletest.RunLists(t, ledger, content(ledger))
	tabletest.RunRuns(t, ledger)
	tabletest.RunShown(t, ledger)
}

// content reads the ledger's items as they lie in the table.
type content table.Ledger

func (c content) Expiry(t *testing.T, ref delivery.Ref, attempt int) time.Time {
	t.Helper()
	out, err := c.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &c.Name, Key: table.Item{
		"pk": &types.AttributeValueMemberS{Value: ref.Organization + "#delivery#" + ref.ID},
		"sk": &types.AttributeValueMemberS{Value: fmt.Sprintf("attempt#%04d", attempt)},
	}})
	if err != nil || out.Item == nil {
		t.Fatalf("attempt %d of %s: item %v, error %v", attempt, ref.ID, out, err)
	}
	if n := number(out.Item, "expires"); n != 0 {
		return time.Unix(n, 0)
	}
	return time.Time{}
}

func (c content) Beside(t *testing.T, ref delivery.Ref) map[string]time.Time {
	t.Helper()
	beside := map[string]time.Time{}
	for _, item := range query(t, c.Client, c.Name, ref.Organization+"#delivery#"+ref.ID) {
		switch n := number(item, "expires"); {
		case text(item, "sk") == "delivery":
		case n == 0:
			beside[text(item, "sk")] = time.Time{}
		default:
			beside[text(item, "sk")] = time.Unix(n, 0).UTC()
		}
	}
	return beside
}

func (c content) SetAsideOf(t *testing.T, organization string) []setaside.Item {
	t.Helper()
	var items []setaside.Item
	pages := dynamodb.NewQueryPaginator(c.Client, &dynamodb.QueryInput{
		TableName: &c.Name, KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: table.Item{":pk": &types.AttributeValueMemberS{Value: organization + "#setaside"}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.Items {
			source, id, _ := strings.Cut(text(item, "sk"), "#")
			items = append(items, setaside.Item{
				Organization: organization, Source: setaside.Source(source), ID: id, At: time.UnixMilli(number(item, "at")),
				Subject: text(item, "subject"), Cause: text(item, "cause"), Body: text(item, "body"),
			})
		}
	}
	return items
}

func text(item table.Item, name string) string {
	v, _ := item[name].(*types.AttributeValueMemberS)
	if v == nil {
		return ""
	}
	return v.Value
}

func number(item table.Item, name string) int64 {
	v, _ := item[name].(*types.AttributeValueMemberN)
	if v == nil {
		return 0
	}
	n, _ := strconv.ParseInt(v.Value, 10, 64)
	return n
}
