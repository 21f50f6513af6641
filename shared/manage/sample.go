package manage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// Test has an interface, whatever its state, sent one request with a sample, or with the record that the body names
// ({"record":"contact/4711"}), and answers with the delivery that tells what came of it. Refusals: 400, 404, 409 where the
// configuration has faults, 422.
func (h *Handler) Test(ctx context.Context, who Who, name string, body []byte) (Started, error) {
	is, err := h.current(ctx, who.Organization, name)
	if err != nil {
		return Started{}, err
	}
	a, err := read(body, "record")
	if err != nil {
		return Started{}, err
	}
	if is.Hook == nil {
		return Started{}, idle(is)
	}
	s := a.sample(is)
	if err := a.refused(); err != nil {
		return Started{}, err
	}
	if s.data, err = h.sampled(ctx, s); err != nil {
		return Started{}, err
	}
	s.at = h.Now()
	m, err := s.message(is)
	if err != nil {
		return Started{}, refusal.New(http.StatusConflict, "%s cannot be sent: %s", s.key, err)
	}
	return h.try(ctx, who, m)
}

// sampled is the data of a sample, read where it is a record's.
func (h *Handler) sampled(ctx context.Context, s sample) (map[string]any, error) {
	if !s.named {
		return madeUp(s.key), nil
	}
	is, err := h.recordNow(ctx, s.key)
	return is.Data, err
}

// madeUp is the data of a record that is not there, in which nothing is anybody's.
func madeUp(key change.Key) map[string]any {
	if key.Entity != change.Contact {
		return map[string]any{"sample": true, "accountId": sampleID, "caseId": sampleID}
	}
	return map[string]any{
		"contactNumber": key.ID, "contactId": key.ID, "role": "MEMBER", "type": "INDIVIDUAL", "state": "ACTIVE", "email": "sample@example.com",
		"tags": []any{"sample"}, "score": json.Number("1"),
	}
}

// try sends a test: the delivery with what it tells first, then its execution, by which it is counted, then the message. One
// that does not come so far ends; where that fails too, or the process died, it counts as ended after a while (lapsed).
func (h *Handler) try(ctx context.Context, who Who, m delivery.Message) (Started, error) {
	now := h.Now()
	id, err := delivery.NewExecution(now, h.Random)
	if err != nil {
		return Started{}, err
	}
	m.Execution, m.ID, m.Test, m.Event.Order = id, delivery.ID(id, 0), true, ""
	if err := h.record(ctx, who, audit.TestInterface, "interface "+m.Interface, "delivery "+m.ID); err != nil {
		return Started{}, err
	}
	text, err := json.Marshal(m)
	if err != nil {
		return Started{}, fmt.Errorf("write test: %w", err)
	}
	d := delivery.Delivery{Message: m, Status: delivery.Pending, CreatedAt: now, Expires: now.Add(delivery.LedgerTime)}
	if err = h.open(ctx, d); err == nil {
		err = put(ctx, h.Outbox, m.Group(), string(text))
	}
	if err != nil {
		return Started{}, errors.Join(err, h.endUnsent(ctx, d))
	}
	return Started{ID: m.ID}, nil
}

// open writes a test to the ledger, and its execution after all that this is about.
func (h *Handler) open(ctx context.Context, d delivery.Delivery) error {
	if _, err := h.Tests.Open(ctx, []delivery.Delivery{d}); err != nil {
		return fmt.Errorf("make test: %w", err)
	}
	if err := h.Tests.KeepTest(ctx, d.Message, d.Expires); err != nil {
		return fmt.Errorf("keep what the test tells: %w", err)
	}
	row := backlog.Execution{Lane: d.Lane(), ID: d.Execution, StartedBy: job.ByTest, At: d.CreatedAt, Taken: 1, Deliveries: 1}
	return h.Executed.Begin(ctx, row, d.Expires)
}

// contactMessage is the test of a contact webhook: the contact as it is, of which the sender chooses the details.
func contactMessage(is hook.Interface, key change.Key, body []byte) delivery.Message {
	return delivery.Message{
		Organization: is.Organization, Interface: is.Name, Generation: is.Generation, Records: []string{key.String()},
		Event: &delivery.Event{Type: delivery.TestEvent, Body: string(body)},
	}
}
