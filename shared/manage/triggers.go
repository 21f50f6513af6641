package manage

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/fault"
	"crmhook/shared/refusal"
	"crmhook/shared/trigger"
)

// Triggers lists triggers, newest first: all of the last 90 days, or those that failed or wait. Refusal: 422.
func (h *Handler) Triggers(ctx context.Context, organization, status string, l List) (Page[Trigger], error) {
	var faults fault.List
	is := trigger.Status(status)
	if is != "" && is != trigger.Failed && is != trigger.Waiting {
		faults.AddValue("query.status", fault.Shown(status), "must be failed or waiting")
	}
	checkTimes(&faults, "query.since", l.Since, l.Until)
	if len(faults) > 0 {
		return Page[Trigger]{}, refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	after, err := before(l)
	if err != nil {
		return Page[Trigger]{}, err
	}
	var list []trigger.Entry
	var next string
	if is == "" {
		list, next, err = h.Triggered.Entries(ctx, organization, after, l.Most())
	} else {
		list, next, err = h.Triggered.Open(ctx, organization, is, after, l.Most())
	}
	if err != nil {
		return Page[Trigger]{}, fmt.Errorf("list triggers: %w", err)
	}
	list, next = since(list, next, l.Since)
	return pageOf(list, next, triggerOf), nil
}

// before is the id that a list of triggers begins before: ids sort by time.
func before(l List) (string, error) {
	if l.After != "" || l.Until.IsZero() {
		return l.After, nil
	}
	return trigger.NewID(l.Until, bytes.NewReader(make([]byte, idRandom)))
}

// idRandom is how many random bytes an id takes.
const idRandom = 10

// since leaves out the end of a list that is older than a time.
func since(list []trigger.Entry, next string, at time.Time) ([]trigger.Entry, string) {
	for i, e := range list {
		if made, ok := trigger.Time(e.ID); ok && made.Before(at) {
			return list[:i], ""
		}
	}
	return list, next
}

// triggerOf is a trigger as it is shown; one that failed or waits is kept.
func triggerOf(e trigger.Entry) Trigger {
	return Trigger{
		ID: e.ID, Platform: e.Platform, Entity: e.Entity, Action: e.Action, SourceID: e.SourceID, At: e.At, EndedAt: moment(e.EndedAt),
		Status: e.Status, Cause: e.Cause, Tries: e.Tries, Records: e.Records, Kept: e.Status == trigger.Failed || e.Status == trigger.Waiting,
	}
}

// Trigger is what became of one trigger. Refusal: 404.
func (h *Handler) Trigger(ctx context.Context, organization, id string) (Trigger, error) {
	e, err := h.trigger(ctx, organization, id)
	if err != nil {
		return Trigger{}, err
	}
	is := triggerOf(e)
	is.Kept = len(e.Message) > 0
	return is, nil
}

func (h *Handler) trigger(ctx context.Context, organization, id string) (trigger.Entry, error) {
	e, there, err := h.Triggered.Entry(ctx, organization, id)
	if err != nil {
		return e, fmt.Errorf("read trigger: %w", err)
	}
	if !there {
		return e, notFound("trigger")
	}
	return e, nil
}

// ReplayTrigger has a failed trigger carried out again. Refusals: 404, 409 where it has not failed or is not kept.
func (h *Handler) ReplayTrigger(ctx context.Context, who Who, id string) error {
	e, err := h.trigger(ctx, who.Organization, id)
	switch {
	case err != nil:
		return err
	case e.Status != trigger.Failed:
		return refusal.New(http.StatusConflict, "the trigger is %s: only a failed one can be replayed", e.Status)
	case len(e.Message) == 0:
		return refusal.New(http.StatusConflict, "the trigger itself is not kept any more: have the platform send it again")
	}
	if err := h.record(ctx, who, audit.ReplayTrigger, "trigger "+id, e.Platform+"/"+e.Entity+"/"+e.Action); err != nil {
		return err
	}
	kept, err := json.Marshal(trigger.Kept{Organization: who.Organization, ID: id})
	if err != nil {
		return fmt.Errorf("name the trigger: %w", err)
	}
	return put(ctx, h.Inbox, "", string(kept))
}

// put puts one message on a queue.
func put(ctx context.Context, q Queue, group, body string) error {
	sent, err := q.SendText(ctx, group, []string{body})
	if err == nil && !sent[0] {
		err = errors.New("the queue did not take the message")
	}
	if err != nil {
		return fmt.Errorf("send message: %w", err)
	}
	return nil
}
