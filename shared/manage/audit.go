package manage

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/trigger"
)

// Audit keeps who did what, for good.
type Audit interface {
	Record(ctx context.Context, e audit.Entry) error
	// Recorded reads entries, newest first, after the given position.
	Recorded(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []audit.Entry, next string, err error)
}

// record keeps that somebody does something, before it is done: once nothing is known that speaks against it.
func (h *Handler) record(ctx context.Context, who Who, action audit.Action, subject, detail string) error {
	now := h.Now()
	id, err := trigger.NewID(now, h.Random)
	if err != nil {
		return err
	}
	e := audit.Entry{ID: id, Organization: who.Organization, At: now, By: who.By, Action: action, Subject: subject, Detail: detail}
	if err := h.Audit.Record(ctx, e); err != nil {
		return fmt.Errorf("record %s of %s: %w", action, subject, err)
	}
	return nil
}

// Recorded lists who did what, newest first. Refusal: 422.
func (h *Handler) Recorded(ctx context.Context, organization string, l List) (Page[Recorded], error) {
	if err := refuseTimes(l); err != nil {
		return Page[Recorded]{}, err
	}
	list, next, err := h.Audit.Recorded(ctx, organization, l.After, l.Since, l.Until, l.Most())
	if err != nil {
		return Page[Recorded]{}, fmt.Errorf("read the audit: %w", err)
	}
	return pageOf(list, next, func(e audit.Entry) Recorded {
		return Recorded{ID: e.ID, At: e.At, By: e.By, Action: string(e.Action), Subject: e.Subject, Detail: e.Detail}
	}), nil
}
