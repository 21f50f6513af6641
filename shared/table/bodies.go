package table

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/delivery"
)

const bodySK = "body#"

func pieceSK(n int) string { return fmt.Sprintf(bodySK+"%04d", n) }

// KeepBodies writes the bodies of distinct events beside their deliveries, in pieces and without expiry, 25 pieces a call.
// Writing one again changes nothing.
func (l Ledger) KeepBodies(ctx context.Context, messages []delivery.Message) error {
	var writes []types.WriteRequest
	for _, m := range messages {
		for _, item := range bodyItems(m) {
			writes = append(writes, put(item))
		}
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("keep bodies: %w", err)
	}
	return nil
}

// bodyItems are the pieces of a message's body.
func bodyItems(m delivery.Message) []Item {
	pieces := m.Event.Pieces()
	items := make([]Item, len(pieces))
	for n, piece := range pieces {
		items[n] = key(deliveryPK(m.Organization, m.ID), pieceSK(n))
		items[n]["body"], items[n]["pieces"] = text(piece), number(int64(len(pieces)))
	}
	return items
}

// KeepTest writes the body of a test beside its delivery, in pieces that the ledger forgets at expires.
func (l Ledger) KeepTest(ctx context.Context, m delivery.Message, expires time.Time) error {
	var writes []types.WriteRequest
	for _, item := range bodyItems(m) {
		item["expires"] = expiry(expires)
		writes = append(writes, put(item))
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("keep the body of a test: %w", err)
	}
	return nil
}

// ForgetBodies removes what KeepBodies wrote for the same messages, 25 pieces a call.
func (l Ledger) ForgetBodies(ctx context.Context, messages []delivery.Message) error {
	var writes []types.WriteRequest
	for _, m := range messages {
		for n := range m.Event.Pieces() {
			writes = append(writes, remove(deliveryPK(m.Organization, m.ID), pieceSK(n)))
		}
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("forget bodies: %w", err)
	}
	return nil
}

// Body reads the body of an event, strongly consistent; empty when none is kept, or not all of it.
func (l Ledger) Body(ctx context.Context, ref delivery.Ref) (string, error) {
	var body strings.Builder
	found, whole := int64(0), int64(0)
	pages := dynamodb.NewQueryPaginator(l.Client, &dynamodb.QueryInput{
		TableName: &l.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :body)"),
		ExpressionAttributeValues: Item{":pk": text(deliveryPK(ref.Organization, ref.ID)), ":body": text(bodySK)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", fmt.Errorf("read body of %s: %w", ref.ID, err)
		}
		for _, item := range page.Items {
			if found == 0 {
				whole = numberOf(item, "pieces")
			}
			if found < whole {
				body.WriteString(textOf(item, "body"))
				found++
			}
		}
	}
	if found != whole {
		return "", nil
	}
	return body.String(), nil
}
