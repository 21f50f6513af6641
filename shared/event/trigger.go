package event

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// trigger is the message that tells a crm-trigger: its body is an object of the ids that the URL's query needs. The URL is
// the configuration's of the attempt's time. Where an id is missing the body is the envelope, for whoever looks at what was
// set aside.
func (e Event) trigger(m delivery.Message) (delivery.Message, error) {
	ids, err := e.ids()
	if err == nil {
		var body []byte
		body, err = contact.AppendJSON(nil, ids)
		m.Event.Body = string(body)
	}
	if err == nil {
		return m, nil
	}
	envelope, unwritable := e.envelope()
	if unwritable == nil {
		m.Event.Body = string(envelope) + "}"
	}
	return m, err
}

// ids are those that the record's URL is called with, by their parameters; the error names all that are missing.
func (e Event) ids() (map[string]any, error) {
	ids := map[string]any{}
	var missing []string
	for _, p := range hook.TriggerParameters(e.Record.Entity) {
		id, wrong := e.id(p)
		if wrong != "" {
			missing = append(missing, wrong)
		}
		ids[p.Name] = id
	}
	if missing != nil {
		return nil, errors.New("the record " + strings.Join(missing, ", and "))
	}
	return ids, nil
}

// id is the one that a parameter of the query tells: of the record itself, or of one that it belongs to. Where there is
// none, wrong says why.
func (e Event) id(p hook.TriggerParameter) (id, wrong string) {
	if p.Field == "" {
		return e.Record.ID, ""
	}
	switch value := e.Data[p.Field].(type) {
	case json.Number:
		id = value.String()
	case string:
		id = value
	case nil:
	default:
		return "", fmt.Sprintf("has a field %s (for %s) that is neither text nor a number", p.Field, p.Name)
	}
	switch length := utf8.RuneCountInString(id); {
	case length == 0:
		return "", fmt.Sprintf("has no %s (for %s)", p.Field, p.Name)
	case length > change.MaxID:
		return "", fmt.Sprintf("has a field %s (for %s) of %d characters, more than the %d of an id", p.Field, p.Name, length, change.MaxID)
	}
	return id, ""
}
