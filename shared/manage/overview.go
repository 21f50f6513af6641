package manage

import (
	"context"

	"crmhook/shared/hook"
)

// Overview lists interfaces by name, each with what waits for it and how it fared in the last hours: for a page one query, one
// batch of lanes and one of hours. Refusals: 422.
func (h *Handler) Overview(ctx context.Context, organization string, l List) (Page[Summary], error) {
	if err := refusePosition(l); err != nil {
		return Page[Summary]{}, err
	}
	list, next, err := h.Pages.Page(ctx, organization, l.After, l.Most())
	if err != nil || len(list) == 0 {
		return Page[Summary]{Items: []Summary{}}, err
	}
	states, err := h.statesOf(ctx, list)
	if err != nil {
		return Page[Summary]{}, err
	}
	keys := make([]hook.Key, len(list))
	for i, is := range list {
		keys[i] = is.Key()
	}
	counts, err := h.Hours.Hours(ctx, keys, h.Now())
	if err != nil {
		return Page[Summary]{}, err
	}
	return pageOf(list, next, func(is hook.Interface) Summary {
		lane := states[is.Lane()]
		s := Summary{Interface: h.interfaceOf(is, lane), Hours: counts[is.Key()]}
		if lane.Waiting > 0 {
			s.Oldest = moment(lane.Oldest)
		}
		return s
	}), nil
}

// Organizations lists the organizations that have or had interfaces or rules, by name. Refusals: 422.
func (h *Handler) Organizations(ctx context.Context, l List) (Page[string], error) {
	if err := refusePosition(l); err != nil {
		return Page[string]{}, err
	}
	list, next, err := h.Pages.Organizations(ctx, l.After, l.Most())
	if err != nil {
		return Page[string]{}, err
	}
	return Page[string]{Items: append([]string{}, list...), Next: next}, nil
}
