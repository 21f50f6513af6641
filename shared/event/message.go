package event

import (
	"encoding/json"
	"fmt"
	"time"

	"crmhook/shared/contact"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// Message is the delivery of the event:
//
//	{"type","timestamp","sequence","record":{"entity","id"},"data","previous"}
//
// in this order, compact, objects' members in order of their names, so that the same event is the same bytes. Where the
// message would pass delivery.LargestMessage, previous is left out and "previousOmitted":true says so. A crm-trigger's holds
// the ids alone: {"AccountID":"7","CaseID":"4711"}; where the event has a Body, it holds that. The error says what cannot be
// written as JSON, that the event is too large even so, or which ids the record lacks.
func (e Event) Message() (delivery.Message, error) {
	m := delivery.Message{
		ID: e.ID(), Organization: e.Record.Organization, Interface: e.Interface, Generation: e.Generation,
		Records: []string{e.Record.String()}, Event: &delivery.Event{Type: e.Type},
	}
	if e.Ordered && e.Sequence != "" {
		m.Event.Order = delivery.OrderOf(e.Sequence)
	}
	switch {
	case e.To == hook.CRMTrigger:
		return e.trigger(m)
	case e.Body != "":
		return m, finish(m, []byte(e.Body), "")
	}
	envelope, err := e.envelope()
	if err != nil {
		return m, err
	}
	if e.Previous == nil {
		err = finish(m, envelope, "}")
		return m, err
	}
	former, err := contact.AppendJSON(nil, e.Previous)
	if err != nil {
		return m, fmt.Errorf("previous.%w", err)
	}
	if err = finish(m, envelope, `,"previous":`+string(former)+"}"); err != nil {
		err = finish(m, envelope, `,"previousOmitted":true}`)
	}
	return m, err
}

// envelope is what every event has, without the closing bracket.
func (e Event) envelope() ([]byte, error) {
	text := []byte(`{"type":`)
	for _, member := range []struct {
		name  string
		value any
	}{
		{"", e.Type},
		{`,"timestamp":`, e.At.UTC().Format(time.RFC3339Nano)},
		{`,"sequence":`, e.Sequence},
		{`,"record":{"entity":`, e.Record.Entity},
		{`,"id":`, e.Record.ID},
		{`},"data":`, e.Data},
	} {
		if member.value == "" {
			continue // There is no sequence.
		}
		var err error
		if text, err = contact.AppendJSON(append(text, member.name...), member.value); err != nil {
			return nil, fmt.Errorf("data.%w", err)
		}
	}
	return text, nil
}

// safeBody is how long a body fits into a message whatever it holds.
const safeBody = 64 << 10

// finish gives the message's event the body of an envelope and its end; the error says that it does not fit.
func finish(m delivery.Message, envelope []byte, end string) error {
	body := append(envelope[:len(envelope):len(envelope)], end...)
	m.Event.Body = string(body)
	if len(body) > delivery.LargestBody {
		return fmt.Errorf("the event has %d bytes, a request at most %d", len(body), delivery.LargestBody)
	}
	if len(body) <= safeBody {
		return nil
	}
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(text) > delivery.LargestMessage {
		return fmt.Errorf("the event has %d bytes and takes %d in a message, which holds at most %d", len(body), len(text), delivery.LargestMessage)
	}
	return nil
}
