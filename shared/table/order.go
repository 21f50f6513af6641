package table

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
)

// A place's pk is its lane, `order` and the record, so that each line is a partition of its own; its sk is the event's
// order and its delivery.
func linePK(ref backlog.Ref) string { return ref.Lane.String() + "#order#" + ref.Record }

func placeSK(p backlog.Place) string { return p.Order + "#" + p.Delivery }

// Enter gives events their places, 25 a call: those of a line one after another in the order given, each acknowledged
// before the next is written. A place that is there already is written again. Places must be distinct.
func (b Backlog) Enter(ctx context.Context, places []backlog.Place) error {
	for _, round := range backlog.Rounds(places) {
		writes := make([]types.WriteRequest, len(round))
		for i, p := range round {
			item := key(linePK(p.Ref), placeSK(p))
			item["event"], item["since"] = text(p.Event), instant(p.Since)
			writes[i] = put(item)
		}
		if err := b.writeAll(ctx, writes); err != nil {
			return fmt.Errorf("give places: %w", err)
		}
	}
	return nil
}

// First reads who is first in distinct lines, strongly consistent, one call a line and several at once. Lines in which
// nobody waits are left out.
func (b Backlog) First(ctx context.Context, lines []backlog.Ref) (map[backlog.Ref]backlog.Place, error) {
	var mu sync.Mutex
	first := make(map[backlog.Ref]backlog.Place, len(lines))
	err := eachChunk(lines, 1, func(line []backlog.Ref) error {
		out, err := b.Client.Query(ctx, &dynamodb.QueryInput{
			TableName: &b.Name, KeyConditionExpression: aws.String("pk = :pk"), Limit: aws.Int32(1), ConsistentRead: aws.Bool(true),
			ExpressionAttributeValues: Item{":pk": text(linePK(line[0]))},
		})
		if err != nil {
			return fmt.Errorf("read who is first: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, item := range out.Items {
			first[line[0]] = placeOf(line[0], item)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return first, nil
}

func placeOf(line backlog.Ref, item Item) backlog.Place {
	order, delivery, _ := strings.Cut(textOf(item, "sk"), "#")
	return backlog.Place{Ref: line, Order: order, Delivery: delivery, Event: textOf(item, "event"), Since: instantOf(item, "since")}
}

// Leave takes places away, 25 a call, also those that are gone already. Places must be distinct.
func (b Backlog) Leave(ctx context.Context, places []backlog.Place) error {
	writes := make([]types.WriteRequest, len(places))
	for i, p := range places {
		writes[i] = remove(linePK(p.Ref), placeSK(p))
	}
	if err := b.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("take places away: %w", err)
	}
	return nil
}
