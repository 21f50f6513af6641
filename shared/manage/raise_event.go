package manage

import (
	"cmp"
	"encoding/json"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/record"
	"crmhook/shared/setaside"
)

// isEventID reports whether an id is an event's (delivery.EventID): those of changes are digits, or hold a hyphen.
func isEventID(id string) bool {
	return len(id) == 32 && !strings.Contains(id, "-") && strings.Trim(id, "0123456789") != ""
}

// untold is the event that no message could carry, with the record as it is now.
func untold(item setaside.Item, is record.Record, interfaces []hook.Interface) ([]event.Event, error) {
	eventType, sequence := headOf(item.Body)
	for _, i := range interfaces {
		if !i.Working() || item.ID != delivery.EventID(i.Organization, i.Name, i.Generation, item.Subject, eventType, sequence) {
			continue
		}
		e := event.Of(i, change.Change{Key: is.Key, Kind: change.Edit, Sequence: sequence, At: item.At, New: is.Data})
		e.Type, e.Previous, e.Ordered = eventType, nil, false
		if _, err := e.Message(); err != nil {
			return nil, conflict("the record %s still cannot be told to %s: %s: correct it first", is.Key, i.Name, err)
		}
		return []event.Event{e}, nil
	}
	return nil, conflict("the event tells what was when it happened, and whom it was for is gone or does not work now: change the record %s, which tells a new event, and dismiss this", is.Key)
}

// headOf are the type and the sequence that an envelope begins with, of which the end may be missing.
func headOf(body string) (eventType, sequence string) {
	head := map[string]string{}
	decoder := json.NewDecoder(strings.NewReader(body))
	_, _ = decoder.Token()
	for range 3 {
		name, _ := decoder.Token()
		value, _ := decoder.Token()
		key, _ := name.(string)
		head[key], _ = value.(string)
	}
	return head["type"], head["sequence"]
}

// unread is what a change of the record as it is now concerns.
func unread(item setaside.Item, is record.Record, interfaces []hook.Interface) raised {
	c := change.Change{Key: is.Key, Kind: change.Edit, Origin: cmp.Or(is.Origin, change.OriginAPI), At: item.At, New: is.Data}
	if strings.Trim(item.ID, "0123456789") == "" {
		c.Sequence = item.ID
	}
	var r raised
	for _, i := range interfaces {
		switch wants := i.Hook == nil || i.Hook.Wants(c.Origin); {
		case !wants:
		case i.Type.TellsEvents():
			if i.Working() && tells(i.Hook, c) {
				e := event.Of(i, c)
				e.Source, e.Previous, e.Ordered = item.ID, nil, false
				r.events = append(r.events, e)
			}
		case c.Entity == change.Contact && (i.Hook == nil || i.Hook.Matches(event.Data(c))):
			r.lanes = append(r.lanes, i)
		}
	}
	return r
}

// tells reports whether an interface is told an edit of a record.
func tells(h *hook.Hook, c change.Change) bool {
	if h.Type == hook.CRMTrigger {
		return h.URLs[c.Entity][c.Kind] != ""
	}
	return h.Type == hook.EventWebhook && h.WantsEvent(event.TypeOf(c)) && h.Matches(event.Data(c))
}
