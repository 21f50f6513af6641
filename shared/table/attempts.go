package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/delivery"
	"crmhook/shared/setaside"
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

const keepForever = `UPDATE %s REMOVE expires WHERE pk = ? AND sk = ?`

// KeepForever takes the expiry from a delivery's attempts 2 to attempts, so that a stopped delivery stays whole. Attempts
// that were never written (their sender crashed) are passed over.
func (l Ledger) KeepForever(ctx context.Context, ref delivery.Ref, attempts int) error {
	var statements []statement
	for n := 2; n <= attempts; n++ {
		statements = append(statements, statement{keepForever, []types.AttributeValue{text(deliveryPK(ref.Organization, ref.ID)), text(attemptSK(n))}})
	}
	if _, err := l.execute(ctx, statements); err != nil {
		return fmt.Errorf("keep attempts of a stopped delivery: %w", err)
	}
	return nil
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

// SetAside keeps what nobody could read, without expiry; the same thing twice is kept once.
func (l Ledger) SetAside(ctx context.Context, items []setaside.Item) error {
	writes := map[string]types.WriteRequest{}
	for _, it := range items {
		item := key(it.Organization+"#setaside", string(it.Source)+"#"+it.ID)
		item["at"], item["subject"], item["cause"], item["body"] = instant(it.At), text(it.Subject), text(it.Cause), text(it.Body)
		writes[it.Organization+" "+string(it.Source)+" "+it.ID] = put(item)
	}
	list := make([]types.WriteRequest, 0, len(writes))
	for _, write := range writes {
		list = append(list, write)
	}
	if err := l.writeAll(ctx, list); err != nil {
		return fmt.Errorf("set aside: %w", err)
	}
	return nil
}
