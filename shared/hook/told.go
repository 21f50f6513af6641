package hook

import (
	"bytes"
	"encoding/json"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/delivery"
)

// RequestTold is the request of a delivery that carries what is sent: an event, or a test, which a contact webhook sends its
// contact as in a bucket of one, whatever the filter says. The error says that what it carries does not fit the
// configuration. The sender adds the password.
func (h *Hook) RequestTold(m delivery.Message) (delivery.Request, error) {
	body := []byte(m.Event.Body)
	switch {
	case h.Type == CRMTrigger:
		return h.RequestTrigger(m.Event.Type, body)
	case h.Type.TellsEvents():
		return h.RequestEvent(body), nil
	}
	return h.requestContact(m, body)
}

func (h *Hook) requestContact(m delivery.Message, body []byte) (delivery.Request, error) {
	key, ok := change.ParseKey(m.Organization, m.Records[0])
	if !ok {
		return delivery.Request{}, fmt.Errorf("%q is no record's key", m.Records[0])
	}
	var data map[string]any
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber() // A number is sent as it is written.
	if err := decoder.Decode(&data); err != nil {
		return delivery.Request{}, fmt.Errorf("read the contact %s: %w", m.Records[0], err)
	}
	data = contact.Numbered(key.ID, data)
	if h.Type == ContactWebhookV1 {
		return h.RequestV1(contact.NumberOf(key.ID, data)), nil
	}
	text, err := contact.AppendJSON(nil, contact.Select(key.ID, data, h.Details))
	if err != nil {
		return delivery.Request{}, fmt.Errorf("write the contact %s: %w", m.Records[0], err)
	}
	return h.RequestV2([][]byte{text}), nil
}
