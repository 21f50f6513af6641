package manage

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"unicode/utf8"

	"crmhook/shared/audit"
	"crmhook/shared/fault"
	"crmhook/shared/refusal"
	"crmhook/shared/setaside"
)

// SetAside lists what nobody could read, newest first. Refusal: 422.
func (h *Handler) SetAside(ctx context.Context, organization string, l List) (Page[SetAside], error) {
	if err := refuseTimes(l); err != nil {
		return Page[SetAside]{}, err
	}
	list, next, err := h.Aside.AsideListed(ctx, organization, l.After, l.Since, l.Until, l.Most())
	if err != nil {
		return Page[SetAside]{}, fmt.Errorf("list what was set aside: %w", err)
	}
	return pageOf(list, next, func(i setaside.Item) SetAside {
		return SetAside{ID: asideID(i), Source: i.Source, At: i.At, Subject: i.Subject, Cause: i.Cause, Body: i.Body}
	}), nil
}

// asideID is how callers name an item: its key as base64url without padding, since a key may hold what no part of a path may.
func asideID(item setaside.Item) string {
	return base64.RawURLEncoding.EncodeToString([]byte(item.Key()))
}

// aside reads the item of an id. Refusal: 404.
func (h *Handler) aside(ctx context.Context, organization, id string) (setaside.Item, error) {
	key, err := base64.RawURLEncoding.Strict().DecodeString(id)
	if err != nil || !utf8.Valid(key) {
		return setaside.Item{}, notFound("thing set aside")
	}
	item, there, err := h.Aside.Aside(ctx, organization, string(key))
	switch {
	case err != nil:
		return item, fmt.Errorf("read what was set aside: %w", err)
	case !there:
		return item, notFound("thing set aside")
	}
	return item, nil
}

// ReplaySetAside runs again what was set aside, once what was wrong with it is mended: a message goes back to its queue, a
// record that can be read now goes to whom it did not. Then the item is gone; who dies before that runs it again. Where the
// item is of no known organization, the one that it concerns sees in its audit who did it. Refusals: 404, 409 that says what
// is still wrong.
func (h *Handler) ReplaySetAside(ctx context.Context, who Who, id string) error {
	item, err := h.aside(ctx, who.Organization, id)
	if err != nil {
		return err
	}
	run, err := h.again(ctx, item)
	if err != nil {
		return err
	}
	for _, organization := range concerned(who.Organization, run.organization) {
		by := Who{Organization: organization, By: who.By}
		if err := h.record(ctx, by, audit.ReplaySetAside, "set aside "+item.Key(), run.what); err != nil {
			return err
		}
	}
	if err := run.do(ctx); err != nil {
		return err
	}
	return h.dropAside(ctx, item)
}

// DismissSetAside gives up what was set aside: it is gone then. Refusal: 404.
func (h *Handler) DismissSetAside(ctx context.Context, who Who, id string) error {
	item, err := h.aside(ctx, who.Organization, id)
	if err != nil {
		return err
	}
	if err := h.record(ctx, who, audit.Dismiss, "set aside "+item.Key(), item.Subject); err != nil {
		return err
	}
	return h.dropAside(ctx, item)
}

func (h *Handler) dropAside(ctx context.Context, item setaside.Item) error {
	if err := h.Aside.DropAside(ctx, item.Organization, item.Key()); err != nil {
		return fmt.Errorf("drop what was set aside: %w", err)
	}
	return nil
}

// refuseTimes refuses times without moments in them.
func refuseTimes(l List) error {
	var faults fault.List
	checkTimes(&faults, "query.since", l.Since, l.Until)
	if len(faults) == 0 {
		return nil
	}
	return refusal.Faulty(http.StatusUnprocessableEntity, faults)
}
