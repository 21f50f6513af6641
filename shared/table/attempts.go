package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/delivery"
)

// KeepAttempts writes attempts after the first, each an item of its own that the ledger forgets at expires. Writing one
// again changes nothing.
func (l Ledger) KeepAttempts(ctx context.Context, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) error {
	writes := make([]types.WriteRequest, 0, len(attempts))
	for ref, attempt := range attempts {
		kept, err := json.Marshal(attempt)
		if err != nil {
			return fmt.Errorf("encode attempt: %w", err)
		}
		item := key(deliveryPK(ref.Organization, ref.ID), attemptSK(attempt.Number))
		item["attempt"], item["expires"] = text(string(kept)), expiry(expires)
		writes = append(writes, put(item))
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("keep attempts: %w", err)
	}
	return nil
}

const (
	keepForever = `UPDATE %s REMOVE expires WHERE pk = ? AND sk = ?`
	keepUntil   = `UPDATE %s SET expires = ? WHERE pk = ? AND sk = ?`
)

// KeepForever takes the expiry from a delivery's attempts 2 to attempts, and from what lets its records find it, so that a
// stopped delivery stays whole. Attempts that were never written (their sender crashed) are passed over.
func (l Ledger) KeepForever(ctx context.Context, ref delivery.Ref, attempts int) error {
	beside, err := l.beside(ctx, ref, recordsSK, recordsSK+"~")
	if err == nil {
		_, err = l.execute(ctx, eachBeside(ref, keepForever, attempts, beside))
	}
	if err != nil {
		return fmt.Errorf("keep what lies beside a stopped delivery: %w", err)
	}
	return nil
}

// Expire lets a delivery that is stopped no more be forgotten whole: its attempts 2 to attempts and what lets its records
// find it at the time given, the body of its event at once. It may be repeated.
func (l Ledger) Expire(ctx context.Context, ref delivery.Ref, attempts int, expires time.Time) error {
	beside, err := l.beside(ctx, ref, bodySK, recordsSK+"~")
	if err != nil {
		return fmt.Errorf("read what lies beside a delivery: %w", err)
	}
	var records []string
	var bodies []types.WriteRequest
	for _, sk := range beside {
		switch {
		case strings.HasPrefix(sk, recordsSK):
			records = append(records, sk)
		case strings.HasPrefix(sk, bodySK):
			bodies = append(bodies, remove(deliveryPK(ref.Organization, ref.ID), sk))
		}
	}
	if _, err := l.execute(ctx, eachBeside(ref, keepUntil, attempts, records, expiry(expires))); err != nil {
		return fmt.Errorf("let what lies beside a delivery expire: %w", err)
	}
	if err := l.writeAll(ctx, bodies); err != nil {
		return fmt.Errorf("forget a body: %w", err)
	}
	return nil
}

// eachBeside makes a statement for each attempt after the first and each sort key.
func eachBeside(ref delivery.Ref, of string, attempts int, beside []string, parameters ...types.AttributeValue) []statement {
	for n := 2; n <= attempts; n++ {
		beside = append(beside, attemptSK(n))
	}
	statements := make([]statement, len(beside))
	for i, sk := range beside {
		statements[i] = statement{text: of}
		statements[i].add(parameters...)
		statements[i].add(text(deliveryPK(ref.Organization, ref.ID)), text(sk))
	}
	return statements
}

// beside reads which items of a delivery's lie between two sort keys, strongly consistent.
func (l Ledger) beside(ctx context.Context, ref delivery.Ref, first, last string) ([]string, error) {
	var beside []string
	pages := dynamodb.NewQueryPaginator(l.Client, &dynamodb.QueryInput{
		TableName: &l.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ProjectionExpression: aws.String("sk"), ExpressionAttributeValues: Item{
			":pk": text(deliveryPK(ref.Organization, ref.ID)), ":first": text(first), ":last": text(last),
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			beside = append(beside, textOf(item, "sk"))
		}
	}
	return beside, nil
}

// Attempt reads one attempt after the first; nil when it was never written.
func (l Ledger) Attempt(ctx context.Context, ref delivery.Ref, n int) (*delivery.Attempt, error) {
	item, err := l.get(ctx, deliveryPK(ref.Organization, ref.ID), attemptSK(n))
	if err != nil || item == nil {
		return nil, err
	}
	attempt := new(delivery.Attempt)
	if err := json.Unmarshal([]byte(textOf(item, "attempt")), attempt); err != nil {
		return nil, fmt.Errorf("read attempt %d of %s: %w", n, ref.ID, err)
	}
	return attempt, nil
}

// Log reads a delivery's attempts after the first, in their order, strongly consistent; those that were never written are
// not among them.
func (l Ledger) Log(ctx context.Context, ref delivery.Ref) ([]delivery.Attempt, error) {
	var log []delivery.Attempt
	pages := dynamodb.NewQueryPaginator(l.Client, &dynamodb.QueryInput{
		TableName: &l.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :attempt)"),
		ExpressionAttributeValues: Item{":pk": text(deliveryPK(ref.Organization, ref.ID)), ":attempt": text(attemptsSK)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read attempts of %s: %w", ref.ID, err)
		}
		for _, item := range page.Items {
			var attempt delivery.Attempt
			if err := json.Unmarshal([]byte(textOf(item, "attempt")), &attempt); err != nil {
				return nil, fmt.Errorf("read attempts of %s: %w", ref.ID, err)
			}
			log = append(log, attempt)
		}
	}
	return log, nil
}
