package manage

import (
	"context"

	"crmhook/shared/audit"
	"crmhook/shared/fault"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

// Rules lists rules by id. Refusals: 422.
func (h *Handler) Rules(ctx context.Context, organization string, l List) (Page[Rule], error) {
	if err := refusePosition(l); err != nil {
		return Page[Rule]{}, err
	}
	list, next, err := h.Pages.RulePage(ctx, organization, l.After, l.Most())
	if err != nil {
		return Page[Rule]{}, err
	}
	return pageOf(list, next, ruleOf), nil
}

// Rule reads a rule. Refusals: 404.
func (h *Handler) Rule(ctx context.Context, organization, id string) (Rule, error) {
	if !possible(id) {
		return Rule{}, missing(parameter.Rule)
	}
	k := rule.Key{Organization: organization, ID: id}
	found, err := h.Kept.Rules(ctx, []rule.Key{k})
	if err != nil {
		return Rule{}, err
	}
	is, there := found[k]
	if !there {
		return Rule{}, missing(parameter.Rule)
	}
	return ruleOf(is), nil
}

func writingRule(who Who, id string) writing {
	return writing{
		who: who, path: parameter.Path{Organization: who.Organization, Kind: parameter.Rule, Name: id},
		put: audit.PutRule, delete: audit.DeleteRule,
	}
}

// PutRule makes the body a rule's configuration, whether it is there or not, and live. Refusals: 400, 409, 412, 413, 422,
// 429, and 503 where it is written but not live yet.
func (h *Handler) PutRule(ctx context.Context, who Who, id string, w Write) (Saved[Rule], error) {
	var saved Saved[Rule]
	created, err := h.write(ctx, writingRule(who, id), w, func(ctx context.Context) (err error) {
		saved.Is, err = h.Rule(ctx, who.Organization, id)
		return err
	})
	saved.Created = created
	return saved, err
}

// DeleteRule deletes a rule. Refusals: 404, 409, 412, 422, 429, and 503 where it is deleted but still live.
func (h *Handler) DeleteRule(ctx context.Context, who Who, id string, w Write) error {
	return h.remove(ctx, writingRule(who, id), w)
}

// ruleOf is a rule as it is shown.
func ruleOf(is rule.Rule) Rule {
	return Rule{
		ID: is.ID, State: string(is.State), Faults: append(fault.List{}, is.Faults...), Configuration: written(is.Text),
		ETag: stateOf(is.Version, is.Modified).etag(),
	}
}
