package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/delivery"
)

// Ledger keeps deliveries, their attempts, executions and what was set aside. A delivery's pk is organization#delivery#id,
// its sk `delivery`; attempts after the first lie beside it under `attempt#0002` and so on, the body of an event under
// `body#0000` and so on, what lets several records find it under `record#0000` and so on.
type Ledger struct{ Table }

// NewLedger is the ledger on a table.
func NewLedger(client *dynamodb.Client, name string) Ledger {
	return Ledger{Table{Client: client, Name: name}}
}

const deliverySK = "delivery"

func deliveryPK(organization, id string) string { return organization + "#delivery#" + id }

const attemptsSK = "attempt#"

func attemptSK(number int) string { return fmt.Sprintf(attemptsSK+"%04d", number) }

const insertDelivery = `INSERT INTO %s VALUE {'pk':?,'sk':?,'status':?,'interface':?,'generation':?,'execution':?,'records':?,'changes':?,` +
	`'createdAt':?,'attempts':?,'claim':?,'lease':?,'reason':?`

// Open makes the items of deliveries that have none yet, and answers for each whether it did: not where another sender,
// or dispatch that gave the delivery up, was first. They are new or have ended without an attempt: of what attempts leave
// behind it keeps nothing, and of an event the type only. Deliveries must be distinct.
func (l Ledger) Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error) {
	statements := make([]statement, len(deliveries))
	for i, d := range deliveries {
		statements[i] = openStatement(d)
	}
	done, err := l.execute(ctx, statements)
	if err != nil {
		return done, fmt.Errorf("open deliveries: %w", err)
	}
	return done, nil
}

func openStatement(d delivery.Delivery) statement {
	s := statement{insertDelivery, []types.AttributeValue{
		text(deliveryPK(d.Organization, d.ID)), text(deliverySK), text(string(d.Status)), text(d.Interface), text(d.Generation),
		text(d.Execution), texts(d.Records), numbers(d.Changes), instant(d.CreatedAt), number(int64(d.Attempts)), instant(d.Claim),
		instant(d.Lease), text(d.Reason),
	}}
	if d.Event != nil {
		s.text += ",'event':?"
		s.add(text(d.Event.Type))
	}
	if !d.EndedAt.IsZero() {
		s.text += ",'endedAt':?"
		s.add(instant(d.EndedAt))
	}
	if !d.Expires.IsZero() {
		s.text += ",'expires':?"
		s.add(expiry(d.Expires))
	}
	if d.ReplayOf != "" {
		s.text += ",'replayOf':?"
		s.add(text(d.ReplayOf))
	}
	if d.Test {
		s.text += ",'test':?"
		s.add(flag(true))
	}
	s.list(d)
	s.text += "}"
	return s
}

// Update writes deliveries as Now, each on the condition that its status, claim, lease and attempts are still those of
// Was, and answers for each whether it took effect. What Now leaves empty of the reason, the first attempt, the changes
// seen, the end, the expiry and the warning stays as it is; the message never changes, and Was has its interface.
func (l Ledger) Update(ctx context.Context, updates []delivery.Update) ([]bool, error) {
	statements := make([]statement, len(updates))
	for i, u := range updates {
		s, err := updateStatement(u)
		if err != nil {
			return nil, err
		}
		statements[i] = s
	}
	done, err := l.execute(ctx, statements)
	if err != nil {
		return done, fmt.Errorf("update deliveries: %w", err)
	}
	return done, nil
}

func updateStatement(u delivery.Update) (statement, error) {
	s := statement{text: `UPDATE %s SET "status" = ? SET attempts = ? SET claim = ? SET lease = ?`}
	s.add(text(string(u.Now.Status)), number(int64(u.Now.Attempts)), instant(u.Now.Claim), instant(u.Now.Lease))
	s.set("reason", text(u.Now.Reason), u.Now.Reason != "")
	s.set("warned", flag(true), u.Now.Warned)
	s.set("endedAt", instant(u.Now.EndedAt), !u.Now.EndedAt.IsZero())
	s.set("expires", expiry(u.Now.Expires), !u.Now.Expires.IsZero())
	s.set("seen", numbers(u.Now.Seen), u.Now.Seen != nil)
	s.set("lastStatus", number(int64(u.Now.LastStatus)), true)
	s.set("lastError", text(string(u.Now.LastError)), true)
	if u.Now.First != nil {
		first, err := json.Marshal(u.Now.First)
		if err != nil {
			return s, fmt.Errorf("encode attempt: %w", err)
		}
		s.set("attempt", text(string(first)), true)
	}
	s.relist(u)
	s.text += ` WHERE pk = ? AND sk = ? AND "status" = ? AND attempts = ? AND claim = ? AND lease = ?`
	s.add(text(deliveryPK(u.Was.Organization, u.Was.ID)), text(deliverySK), text(string(u.Was.Status)),
		number(int64(u.Was.Attempts)), instant(u.Was.Claim), instant(u.Was.Lease))
	return s, nil
}

func (s *statement) add(parameters ...types.AttributeValue) {
	s.parameters = append(s.parameters, parameters...)
}

func (s *statement) set(name string, v types.AttributeValue, wanted bool) {
	if wanted {
		s.text += " SET " + name + " = ?"
		s.add(v)
	}
}

// Deliveries reads distinct deliveries, strongly consistent, 100 a call; those that have no item yet are left out.
func (l Ledger) Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error) {
	keys := make([]Item, len(refs))
	for i, ref := range refs {
		keys[i] = key(deliveryPK(ref.Organization, ref.ID), deliverySK)
	}
	items, err := l.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read deliveries: %w", err)
	}
	deliveries := make(map[delivery.Ref]delivery.Delivery, len(items))
	for _, item := range items {
		d, err := deliveryOf(item)
		if err != nil {
			return nil, err
		}
		deliveries[delivery.Ref{Organization: d.Organization, ID: d.ID}] = d
	}
	return deliveries, nil
}

func deliveryOf(item Item) (delivery.Delivery, error) {
	organization, id, ok := strings.Cut(textOf(item, "pk"), "#delivery#")
	if !ok {
		return delivery.Delivery{}, fmt.Errorf("read delivery: key %q is not organization#delivery#id", textOf(item, "pk"))
	}
	d := delivery.Delivery{
		Message: delivery.Message{
			ID: id, Organization: organization, Interface: textOf(item, "interface"), Generation: textOf(item, "generation"),
			Execution: textOf(item, "execution"), Records: textsOf(item, "records"), Changes: numbersOf(item, "changes"),
			ReplayOf: textOf(item, "replayOf"), Test: flagOf(item, "test"),
		},
		Status: delivery.Status(textOf(item, "status")), CreatedAt: instantOf(item, "createdAt"), EndedAt: instantOf(item, "endedAt"),
		Attempts: int(numberOf(item, "attempts")), Claim: instantOf(item, "claim"), Lease: instantOf(item, "lease"),
		Seen: numbersOf(item, "seen"), LastStatus: int(numberOf(item, "lastStatus")), LastError: delivery.Cause(textOf(item, "lastError")),
		Reason: textOf(item, "reason"), Warned: flagOf(item, "warned"), Expires: expiryOf(item),
	}
	if event := textOf(item, "event"); event != "" {
		d.Event = &delivery.Event{Type: event}
	}
	if first := textOf(item, "attempt"); first != "" {
		d.First = new(delivery.Attempt)
		if err := json.Unmarshal([]byte(first), d.First); err != nil {
			return d, fmt.Errorf("read delivery %s: attempt: %w", id, err)
		}
	}
	return d, nil
}
