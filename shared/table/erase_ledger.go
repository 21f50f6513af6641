package table

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/delivery"
	"crmhook/shared/trigger"
)

const rewriteAttempt = `UPDATE %s SET attempt = ? WHERE pk = ? AND sk = ?`

// Rewrite writes attempts after the first in place of those that are there, 25 a call; when they are forgotten stays as it
// is. Those that are gone meanwhile are passed over.
func (l Ledger) Rewrite(ctx context.Context, attempts map[delivery.Ref][]delivery.Attempt) error {
	var statements []statement
	for ref, list := range attempts {
		for _, attempt := range list {
			kept, err := json.Marshal(attempt)
			if err != nil {
				return fmt.Errorf("encode attempt: %w", err)
			}
			statements = append(statements, statement{rewriteAttempt, []types.AttributeValue{
				text(string(kept)), text(deliveryPK(ref.Organization, ref.ID)), text(attemptSK(attempt.Number)),
			}})
		}
	}
	if _, err := l.execute(ctx, statements); err != nil {
		return fmt.Errorf("rewrite attempts: %w", err)
	}
	return nil
}

// EraseBodies removes the bodies of events, whatever of them is kept, and answers of how many deliveries there was any: a
// query each, several at once, and 25 pieces a call. Names must be distinct.
func (l Ledger) EraseBodies(ctx context.Context, refs []delivery.Ref) (int, error) {
	var mu sync.Mutex
	var writes []types.WriteRequest
	found := 0
	err := eachChunk(refs, 1, func(chunk []delivery.Ref) error {
		pk := deliveryPK(chunk[0].Organization, chunk[0].ID)
		keys, err := l.keysWith(ctx, pk, bodySK)
		if err != nil || len(keys) == 0 {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found++
		for _, sk := range keys {
			writes = append(writes, remove(pk, sk))
		}
		return nil
	})
	if err == nil {
		err = l.writeAll(ctx, writes)
	}
	if err != nil {
		return 0, fmt.Errorf("erase bodies: %w", err)
	}
	return found, nil
}

// keysWith lists the sort keys of a partition that begin with a prefix, strongly consistent.
func (t Table) keysWith(ctx context.Context, pk, prefix string) ([]string, error) {
	var keys []string
	pages := dynamodb.NewQueryPaginator(t.Client, &dynamodb.QueryInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("sk"),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: Item{":pk": text(pk), ":prefix": text(prefix)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			keys = append(keys, textOf(item, "sk"))
		}
	}
	return keys, nil
}

// Erase removes what is kept of a trigger's message. Its entry stays until it expires, as one that failed for this cause. The
// cause comes first, and that there is a message goes last, so that who dies in between leaves an entry that says both. A
// trigger that neither waits nor has failed by now has no message, and stays as it is.
func (t Triggers) Erase(ctx context.Context, organization, id, cause string, expires time.Time) error {
	at, ok := trigger.Time(id)
	if !ok {
		return fmt.Errorf("erase trigger: %q is no trigger's id", id)
	}
	pk := triggersPK(organization, at)
	took, err := t.alter(ctx, pk, id, "SET #status = :failed, cause = :cause, #expires = :expires, #open = :open", "#status IN (:failed, :waiting)",
		map[string]string{"#status": "status", "#expires": "expires", "#open": "open"},
		Item{
			":failed": text(string(trigger.Failed)), ":waiting": text(string(trigger.Waiting)), ":cause": text(cause), ":expires": expiry(expires),
			":open": text(openTriggers(organization, trigger.Failed)),
		})
	if err != nil {
		return fmt.Errorf("erase trigger: %w", err)
	}
	if !took {
		return nil
	}
	keys, err := t.keysWith(ctx, messagesPK(pk), id+"#")
	if err != nil {
		return fmt.Errorf("erase trigger: %w", err)
	}
	writes := make([]types.WriteRequest, len(keys))
	for i, sk := range keys {
		writes[i] = remove(messagesPK(pk), sk)
	}
	if err := t.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("erase trigger: %w", err)
	}
	if _, err := t.alter(ctx, pk, id, "REMOVE pieces, #bytes", "attribute_exists(pk)", map[string]string{"#bytes": "bytes"}, nil); err != nil {
		return fmt.Errorf("erase trigger: %w", err)
	}
	return nil
}

// alter updates an entry, and answers whether its condition held.
func (t Triggers) alter(ctx context.Context, pk, id, expression, condition string, names map[string]string, values Item) (bool, error) {
	_, err := t.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &t.Name, Key: key(pk, id), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	})
	return conditionHeld(err)
}
