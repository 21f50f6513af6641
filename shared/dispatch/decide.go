package dispatch

import (
	"context"
	"slices"

	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

// decidedAtOnce is how many stopped deliveries one step replays or dismisses.
const decidedAtOnce = 200

// page is how far a job came that goes through a list.
type page struct {
	After string `json:"after,omitempty"`
}

// decide replays or dismisses the next page of the stopped deliveries that match. What was decided is in the list no more,
// so that a step which is done twice finds only the rest; what cannot be replayed is passed over and stays, as does what was
// stopped only after the job had been asked for.
func (h *Handler) decide(ctx context.Context, l *lane, j job.Job) (outcome, error) {
	at, err := positionOf[page](j)
	if err != nil {
		return waits, err
	}
	m := j.Bound()
	list, next, err := h.Stopped.Listed(ctx, delivery.Selection{
		Organization: l.lane.Organization, Interface: m.Interface, Record: m.Record, Status: delivery.Stopped, Since: m.Since, Until: m.Until,
	}, at.After, decidedAtOnce)
	if err != nil {
		return waits, err
	}
	list = slices.DeleteFunc(list, func(d delivery.Delivery) bool { return d.EndedAt.After(j.At) })
	decide := h.Replayer.Replay
	if j.Kind == job.Dismiss {
		decide = h.Replayer.Dismiss
	}
	done, err := decide(ctx, list)
	l.done.decided += count(done)
	if err != nil {
		return waits, err
	}
	l.done.steps++
	if next == "" {
		return over, h.Jobs.DropJob(ctx, j)
	}
	return goesOn, h.saveJob(ctx, &j, page{After: next})
}
