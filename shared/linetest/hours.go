package linetest

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// Counted is what the hours say of an interface since the line began, and Happened what the ledger says: the deliveries that
// were delivered and stopped, and the attempts that failed, those aside whose sender died.
func (w *World) Counted(ctx context.Context) (counted, happened hours.Counts, err error) {
	key := hook.Key{Organization: w.Lane.Organization, Name: w.Lane.Interface}
	for at := Start.Add((hours.Shown - 1) * time.Hour); at.Before(w.Clock.Now().Add(hours.Shown * time.Hour)); at = at.Add(hours.Shown * time.Hour) {
		found, err := w.Ledger.Hours(ctx, []hook.Key{key}, at)
		if err != nil {
			return counted, happened, err
		}
		for _, c := range found[key] {
			counted.Add(c)
		}
	}
	for ref, d := range w.Ledger.All() {
		if d.Test || d.Interface != key.Name {
			continue
		}
		log, err := w.Ledger.Log(ctx, ref)
		if err != nil {
			return counted, happened, err
		}
		happened.Add(came(d, log))
	}
	return counted, happened, nil
}

// came is what came of a delivery.
func came(d delivery.Delivery, log []delivery.Attempt) hours.Counts {
	var c hours.Counts
	switch d.Status {
	case delivery.Delivered:
		c.Delivered = 1
	case delivery.Stopped, delivery.Replayed, delivery.Dismissed:
		c.Stopped = 1
	}
	if d.First != nil {
		log = append(log, *d.First)
	}
	for _, a := range log {
		if !a.OK() && a.Error != delivery.Crashed {
			c.Failed++
		}
	}
	return c
}

// HourFaults says that the hours count other than what happened. Where something died they may count less, never more.
func (w *World) HourFaults(ctx context.Context, died bool) []string {
	counted, happened, err := w.Counted(ctx)
	switch {
	case err != nil:
		return []string{err.Error()}
	case counted == happened:
	case !died, counted.Delivered > happened.Delivered, counted.Failed > happened.Failed, counted.Stopped > happened.Stopped:
		return []string{fmt.Sprintf("the hours count %+v, and there were %+v", counted, happened)}
	}
	return nil
}
