package manage

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/audit"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/refusal"
	"crmhook/shared/replay"
)

// Deliveries lists deliveries, newest first: of an interface, about a record (a bare id is a contact's), or of a status,
// stopped or pending; pending ones are those that have failed at least once. The times are the selection's, or else the
// list's. Refusal: 422.
func (h *Handler) Deliveries(ctx context.Context, s delivery.Selection, l List) (Page[Delivery], error) {
	if s.Since.IsZero() && s.Until.IsZero() {
		s.Since, s.Until = l.Since, l.Until
	}
	if err := checkSelection(&s); err != nil {
		return Page[Delivery]{}, err
	}
	list, next, err := h.Delivered.Listed(ctx, s, l.After, l.Most())
	if err != nil {
		return Page[Delivery]{}, fmt.Errorf("list deliveries: %w", err)
	}
	return pageOf(list, next, func(d delivery.Delivery) Delivery { return deliveryOf(h.lapseTest(d)) }), nil
}

// checkSelection refuses what selects nothing that can be listed, and gives the record its whole key.
func checkSelection(s *delivery.Selection) error {
	var faults fault.List
	if s.Interface == "" && s.Record == "" && s.Status == "" {
		faults.Add("query", "must name at least one of interface, record and status: deliveries are listed by these")
	}
	if s.Interface != "" {
		checkInterface(&faults, "query.interface", s.Interface)
	}
	if s.Record != "" {
		s.Record = checkRecord(&faults, "query.record", s.Organization, s.Record).String()
	}
	if s.Status != "" && s.Status != delivery.Stopped && s.Status != delivery.Pending {
		faults.AddValue("query.status", fault.Shown(string(s.Status)), "must be stopped or pending")
	}
	checkTimes(&faults, "query.since", s.Since, s.Until)
	if len(faults) > 0 {
		return refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	return nil
}

// Delivery is one delivery with all its attempts, and what its event tells while that is kept. Refusal: 404.
func (h *Handler) Delivery(ctx context.Context, organization, id string) (Delivery, error) {
	d, err := h.delivery(ctx, organization, id)
	if err != nil {
		return Delivery{}, err
	}
	is := deliveryOf(d)
	if d.First != nil {
		is.Log = []delivery.Attempt{*d.First}
	}
	if d.Attempts > 1 {
		later, err := h.Delivered.Log(ctx, d.Ref())
		if err != nil {
			return Delivery{}, fmt.Errorf("read attempts: %w", err)
		}
		is.Log = append(is.Log, later...)
	}
	if len(is.Log) > 0 {
		is.WebhookID = webhookID(d, is.Log[len(is.Log)-1])
	}
	if d.Event != nil {
		if is.Body, err = h.Delivered.Body(ctx, d.Ref()); err != nil {
			return Delivery{}, fmt.Errorf("read what the event tells: %w", err)
		}
	}
	return is, nil
}

// delivery is one that is there.
func (h *Handler) delivery(ctx context.Context, organization, id string) (delivery.Delivery, error) {
	ref := delivery.Ref{Organization: organization, ID: id}
	found, err := h.Delivered.Deliveries(ctx, []delivery.Ref{ref})
	if err != nil {
		return delivery.Delivery{}, fmt.Errorf("read delivery: %w", err)
	}
	d, there := found[ref]
	if !there {
		return d, refusal.New(http.StatusNotFound, "there is no such delivery")
	}
	return h.lapseTest(d), nil
}

// deliveryOf is a delivery as it is shown in a list.
func deliveryOf(d delivery.Delivery) Delivery {
	is := Delivery{
		ID: d.ID, WebhookID: d.Identity(), Interface: d.Interface, Execution: d.Execution, Test: d.Test, Status: d.Status, Reason: d.Reason,
		Records: d.Records, CreatedAt: d.CreatedAt, EndedAt: moment(d.EndedAt), Attempts: d.Attempts, LastStatus: d.LastStatus, LastError: d.LastError,
		ReplayOf: d.ReplayOf,
	}
	if d.Event != nil {
		is.Event = d.Event.Type
	}
	if d.First != nil {
		is.WebhookID = webhookID(d, *d.First)
	}
	return is
}

// webhookHeader is the one that an attempt keeps the webhook-id in.
const webhookHeader = "webhook-id"

// webhookID is the one that an attempt was sent under, which names what was sent beside the delivery.
func webhookID(d delivery.Delivery, a delivery.Attempt) string {
	if id := a.Headers[webhookHeader]; id != "" {
		return id
	}
	return d.Identity()
}

// Replay sends what a stopped delivery was for once more: the records as they are now in new deliveries, or the same event
// under the same webhook-id. The answer names the delivery. Refusals: 404, 409 where it is not stopped or its interface does
// not take it.
func (h *Handler) Replay(ctx context.Context, who Who, id string) (Started, error) {
	d, err := h.delivery(ctx, who.Organization, id)
	if err != nil {
		return Started{}, err
	}
	k := hook.KeyOf(d.Message)
	found, err := h.Current.Interfaces(ctx, []hook.Key{k})
	if err != nil {
		return Started{}, fmt.Errorf("read interface: %w", err)
	}
	if why := replay.Refusal(d, found[k]); why != nil {
		return Started{}, why
	}
	if err := h.record(ctx, who, audit.Replay, "delivery "+id, ""); err != nil {
		return Started{}, err
	}
	since := h.Now()
	done, err := h.Replayer.Replay(ctx, []delivery.Delivery{d})
	if err != nil {
		return Started{}, fmt.Errorf("replay delivery: %w", err)
	}
	if !done[0] {
		if err := h.otherwise(ctx, d, delivery.Replayed, since); err != nil {
			return Started{}, err
		}
	}
	h.hurry(ctx)
	return Started{ID: id}, nil
}

// Dismiss gives a stopped delivery up for good. Refusals: 404, 409 where it is not stopped.
func (h *Handler) Dismiss(ctx context.Context, who Who, id string) error {
	d, err := h.delivery(ctx, who.Organization, id)
	if err != nil {
		return err
	}
	if why := replay.NotStopped(d); why != nil {
		return why
	}
	if err := h.record(ctx, who, audit.Dismiss, "delivery "+id, ""); err != nil {
		return err
	}
	since := h.Now()
	done, err := h.Replayer.Dismiss(ctx, []delivery.Delivery{d})
	if err != nil {
		return fmt.Errorf("dismiss delivery: %w", err)
	}
	if !done[0] {
		return h.otherwise(ctx, d, delivery.Dismissed, since)
	}
	return nil
}

// otherwise says why a delivery that was stopped a moment ago was left as it is. Nil: since then it has ended as was asked, by a
// write whose answer was lost, and whose repetition found it done.
func (h *Handler) otherwise(ctx context.Context, d delivery.Delivery, asked delivery.Status, since time.Time) error {
	is, err := h.delivery(ctx, d.Organization, d.ID)
	if err != nil {
		return err
	}
	if is.Status == asked && !is.EndedAt.Before(since.Truncate(time.Millisecond)) { // The ledger counts in milliseconds.
		return nil
	}
	if why := replay.NotStopped(is); why != nil {
		return why
	}
	return refusal.New(http.StatusConflict, "what the delivery was to tell is not kept any more: dismiss it")
}
