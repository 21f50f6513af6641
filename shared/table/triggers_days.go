package table

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// mostMarked bounds how many days a process remembers.
const mostMarked = 10_000

// dayListed is how long a day is listed: while a page is looked for so far back, and some days more.
const dayListed = (daysWalked + 10) * 24 * time.Hour

// marked are the days, by their pk, that this process has listed, so that it writes each once.
type marked struct {
	mu   sync.Mutex
	days map[string]bool
}

// wanting are the days of entries that are not known to be listed, and the writes that list them.
func (m *marked) wanting(keys []Item) (days []string, writes []types.WriteRequest) {
	m.mu.Lock()
	defer m.mu.Unlock()
	asked := map[string]bool{}
	for _, k := range keys {
		pk := textOf(k, "pk")
		if m.days[pk] || asked[pk] {
			continue
		}
		asked[pk] = true
		cut := strings.LastIndexByte(pk, '#')
		at, err := time.Parse(time.DateOnly, pk[cut+1:])
		if err != nil {
			continue // No entry's id is of such a day.
		}
		item := key(pk[:cut], pk[cut+1:])
		item["expires"] = expiry(at.Add(dayListed))
		days, writes = append(days, pk), append(writes, put(item))
	}
	return days, writes
}

// note remembers days that were listed.
func (m *marked) note(days []string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.days) > mostMarked {
		clear(m.days)
	}
	for _, day := range days {
		m.days[day] = true
	}
}

// days are the pks of the days up to one that have triggers, newest first, as far back as a page is looked for.
func (t Triggers) days(ctx context.Context, organization string, last time.Time) ([]string, error) {
	pages := dynamodb.NewQueryPaginator(t.Client, &dynamodb.QueryInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"), ProjectionExpression: aws.String("sk"),
		ExpressionAttributeValues: Item{
			":pk": text(organization + "#triggers"), ":first": text(last.AddDate(0, 0, 1-daysWalked).Format(time.DateOnly)),
			":last": text(last.UTC().Format(time.DateOnly)),
		},
	})
	var days []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			days = append(days, organization+"#triggers#"+textOf(item, "sk"))
		}
	}
	return days, nil
}
