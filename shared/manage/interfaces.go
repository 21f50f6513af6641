package manage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/schedule"
)

// Interfaces lists interfaces by name. Refusals: 422.
func (h *Handler) Interfaces(ctx context.Context, organization string, l List) (Page[Interface], error) {
	if err := refusePosition(l); err != nil {
		return Page[Interface]{}, err
	}
	list, next, err := h.Pages.Page(ctx, organization, l.After, l.Most())
	if err != nil {
		return Page[Interface]{}, err
	}
	states, err := h.statesOf(ctx, list)
	if err != nil {
		return Page[Interface]{}, err
	}
	return pageOf(list, next, func(is hook.Interface) Interface { return h.interfaceOf(is, states[is.Lane()]) }), nil
}

// Interface reads an interface. Refusals: 404.
func (h *Handler) Interface(ctx context.Context, organization, name string) (Interface, error) {
	if !possible(name) {
		return Interface{}, missing(parameter.Interface)
	}
	is, err := h.current(ctx, organization, name)
	if err != nil {
		return Interface{}, err
	}
	states, err := h.statesOf(ctx, []hook.Interface{is})
	return h.interfaceOf(is, states[is.Lane()]), err
}

func writingInterface(who Who, name string) writing {
	return writing{
		who: who, path: parameter.Path{Organization: who.Organization, Kind: parameter.Interface, Name: name},
		put: audit.PutInterface, delete: audit.DeleteInterface,
	}
}

// PutInterface makes the body an interface's configuration, whether it is there or not, and live. Refusals: 400, 409, 412,
// 413, 422, 429, and 503 where it is written but not live yet.
func (h *Handler) PutInterface(ctx context.Context, who Who, name string, w Write) (Saved[Interface], error) {
	var saved Saved[Interface]
	created, err := h.write(ctx, writingInterface(who, name), w, func(ctx context.Context) (err error) {
		saved.Is, err = h.Interface(ctx, who.Organization, name)
		return err
	})
	saved.Created = created
	return saved, err
}

// DeleteInterface deletes an interface; what waits for it is let go. Refusals: 404, 409, 412, 422, 429, and 503 where it is
// deleted but still live.
func (h *Handler) DeleteInterface(ctx context.Context, who Who, name string, w Write) error {
	return h.remove(ctx, writingInterface(who, name), w)
}

// statesOf reads what dispatch remembers of interfaces' lanes in one batch.
func (h *Handler) statesOf(ctx context.Context, list []hook.Interface) (map[backlog.Lane]backlog.State, error) {
	lanes := make([]backlog.Lane, len(list))
	for i, is := range list {
		lanes[i] = is.Lane()
	}
	states, err := h.States.States(ctx, lanes)
	if err != nil {
		return nil, fmt.Errorf("read what waits: %w", err)
	}
	return states, nil
}

// interfaceOf is an interface as it is shown.
func (h *Handler) interfaceOf(is hook.Interface, lane backlog.State) Interface {
	return Interface{
		Name: is.Name, Type: is.Type, State: is.State, Faults: append(fault.List{}, is.Faults...), Configuration: written(is.Text),
		NextExecution: next(is, h.Now()), LastExecution: moment(lane.LastRun), Waiting: lane.Waiting, WaitingAsOf: moment(lane.WaitingAsOf),
		ETag: stateOf(is.Version, is.Modified).etag(), Hook: is.Hook,
	}
}

// next is when a schedule of an interface is due next.
func next(is hook.Interface, now time.Time) *time.Time {
	if !is.Working() || is.Hook.Type.TellsEvents() {
		return nil
	}
	due, ok := schedule.Earliest(is.Hook.Schedules, now)
	if !ok {
		return nil
	}
	return moment(due.UTC())
}

// written is a parameter's text as it is shown: JSON as it was written, any other as a text, none as nil.
func written(text string) any {
	switch {
	case text == "":
		return nil
	case json.Valid([]byte(text)) && utf8.ValidString(text):
		return json.RawMessage(text)
	}
	return text
}
