package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/trigger"
)

// Triggers keeps what became of triggers, in the ledger's table: pk organization#triggers#day, sk the trigger's id. Messages
// lie apart, so that a list of triggers does not read them: pk organization#triggers#day#messages, sk id#0001 and so on. The
// days that have any are listed under pk organization#triggers, sk the day, so that a list looks at no others.
type Triggers struct {
	Table
	now    func() time.Time
	marked *marked
}

// NewTriggers is the triggers in a ledger's table.
func NewTriggers(client *dynamodb.Client, name string, now func() time.Time) Triggers {
	return Triggers{Table{Client: client, Name: name}, now, &marked{days: map[string]bool{}}}
}

// daysWalked is how many days back a page of triggers is looked for. A day is listed for somewhat longer.
const daysWalked = 90

func triggersPK(organization string, day time.Time) string {
	return organization + "#triggers#" + day.UTC().Format(time.DateOnly)
}

// Keep keeps entries, 25 a call, the message of each before its entry, and then removes what is left of the messages that
// they had before; so an entry that is there has its message. Of entries of one id the last is kept.
func (t Triggers) Keep(ctx context.Context, entries []trigger.Entry) error {
	entries = lastOfEach(entries)
	keys := make([]Item, len(entries))
	for i, e := range entries {
		at, ok := trigger.Time(e.ID)
		if !ok {
			return fmt.Errorf("keep triggers: %q is no trigger's id", e.ID)
		}
		keys[i] = key(triggersPK(e.Organization, at), e.ID)
	}
	before, err := t.piecesOf(ctx, keys)
	if err != nil {
		return fmt.Errorf("keep triggers: %w", err)
	}
	days, messages := t.marked.wanting(keys)
	var kept, left []types.WriteRequest
	for i, e := range entries {
		pk := textOf(keys[i], "pk")
		pieces := piecesItems(pk, e)
		for _, piece := range pieces {
			messages = append(messages, put(piece))
		}
		kept = append(kept, put(entryItem(keys[i], e, len(pieces))))
		for n := len(pieces); n < before[pk+" "+e.ID]; n++ {
			left = append(left, remove(messagesPK(pk), pieceOf(e.ID, n)))
		}
	}
	for _, writes := range [][]types.WriteRequest{messages, kept, left} {
		if err := t.writeAll(ctx, writes); err != nil {
			return fmt.Errorf("keep triggers: %w", err)
		}
	}
	t.marked.note(days)
	return nil
}

// lastOfEach leaves the last entry of each id.
func lastOfEach(entries []trigger.Entry) []trigger.Entry {
	type place struct{ organization, id string }
	last := make(map[place]int, len(entries))
	for i, e := range entries {
		last[place{e.Organization, e.ID}] = i
	}
	var list []trigger.Entry
	for i, e := range entries {
		if last[place{e.Organization, e.ID}] == i {
			list = append(list, e)
		}
	}
	return list
}

// Entry reads an entry with its message, strongly consistent; false if there is none.
func (t Triggers) Entry(ctx context.Context, organization, id string) (trigger.Entry, bool, error) {
	at, ok := trigger.Time(id)
	if !ok {
		return trigger.Entry{}, false, nil
	}
	pk := triggersPK(organization, at)
	for again := false; ; again = true {
		item, err := t.get(ctx, pk, id)
		if err != nil || item == nil {
			return trigger.Entry{}, false, err
		}
		e := entryOfTrigger(organization, item)
		pieces := numberOf(item, "pieces")
		if pieces == 0 {
			return e, true, nil
		}
		if e.Message, err = t.message(ctx, pk, id, int(pieces)); err != nil {
			return e, true, fmt.Errorf("read the message of %s: %w", id, err)
		}
		switch {
		case int64(len(e.Message)) == numberOf(item, "bytes"):
			return e, true, nil
		case again:
			return e, true, fmt.Errorf("read the message of %s: %d of its %d bytes are there", id, len(e.Message), numberOf(item, "bytes"))
		}
		// It was kept again between the two reads.
	}
}

// Entries reads an organization's entries without their messages, strongly consistent and newest first: those before an id,
// or all where it is empty, at most limit of them. Next is the id to go on before; it is empty where no more are found within
// 90 days. The days are a query, and each that has any is one.
func (t Triggers) Entries(ctx context.Context, organization, before string, limit int) (page []trigger.Entry, next string, err error) {
	day := t.now().UTC()
	if before != "" {
		at, ok := trigger.Time(before)
		if !ok {
			return nil, "", nil
		}
		day = at
	}
	days, err := t.days(ctx, organization, day)
	if err != nil {
		return nil, "", fmt.Errorf("read the days of triggers: %w", err)
	}
	for _, pk := range days {
		found, err := t.day(ctx, organization, pk, before, limit+1-len(page))
		if err != nil {
			return nil, "", fmt.Errorf("read triggers: %w", err)
		}
		if page = append(page, found...); len(page) > limit {
			return page[:limit], page[limit-1].ID, nil
		}
	}
	return page, "", nil
}

// day reads the newest entries of a day.
func (t Triggers) day(ctx context.Context, organization, pk, before string, limit int) ([]trigger.Entry, error) {
	input := &dynamodb.QueryInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(false),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: Item{":pk": text(pk)},
	}
	if before != "" {
		input.KeyConditionExpression, input.ExpressionAttributeValues[":before"] = aws.String("pk = :pk AND sk < :before"), text(before)
	}
	var entries []trigger.Entry
	for {
		input.Limit = aws.Int32(int32(limit - len(entries)))
		out, err := t.Client.Query(ctx, input)
		if err != nil {
			return nil, err
		}
		for _, item := range out.Items {
			entries = append(entries, entryOfTrigger(organization, item))
		}
		if input.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil || len(entries) >= limit {
			return entries, nil
		}
	}
}
