package configure

import (
	"context"
	"encoding/json"

	"crmhook/shared/parameter"
)

// Event is what configure is called with: the change of one parameter, or nothing for a sweep.
type Event struct {
	// Name is the parameter's; empty for a sweep.
	Name string `json:"name"`
	// Operation is what was done: Create, Update, Delete or LabelParameterVersion.
	Operation string `json:"operation"`
}

// ParseEvent reads the function's input. EventBridge's "Parameter Store Change" names a parameter; everything else, such
// as the schedule's input, asks for a sweep, which finds every change.
func ParseEvent(input []byte) Event {
	var envelope struct {
		DetailType string          `json:"detail-type"`
		Detail     json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(input, &envelope) != nil || envelope.DetailType != "Parameter Store Change" {
		return Event{}
	}
	var event Event
	if json.Unmarshal(envelope.Detail, &event) != nil {
		return Event{}
	}
	return event
}

// one works in a single parameter. A name that nothing can hold is left to the sweep.
func (r *run) one(ctx context.Context, event Event) {
	path, err := parameter.ParsePath(r.Stage, event.Name)
	if err != nil {
		return
	}
	seen, err := r.Memory.ByName(ctx, []string{event.Name})
	if err != nil {
		r.failed(err)
		return
	}
	t := &task{Path: path, name: event.Name, removable: event.Operation == "Delete"}
	if len(seen) > 0 {
		t.seen = seen[0]
	}
	r.parameters = 1
	r.tasks[t.name] = t
	r.apply(ctx)
}
