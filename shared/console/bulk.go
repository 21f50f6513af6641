package console

import (
	"net/http"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// bulkPage asks whether all that match are meant.
type bulkPage struct {
	selection
	Kind    job.Kind
	Matched int
	// From and To are the times that it is about, zero for no beginning. Listed is the end of the list that is gone back to.
	From, To time.Time
	Listed   string
}

func (s *site) askReplay(v *visit) error  { return v.ask(job.Replay) }
func (s *site) askDismiss(v *visit) error { return v.ask(job.Dismiss) }

// What a list says while what was asked about all of it goes on.
const (
	replaying  = "replaying"
	dismissing = "dismissing"
)

// ask counts what matches. What is made after the count is not concerned, whenever the answer comes.
func (v *visit) ask(kind job.Kind) error {
	asked := selectionOf(v.http.URL.Query())
	asked.Status = string(delivery.Stopped)
	if len(asked.Faults) > 0 {
		return v.showDeliveries(http.StatusUnprocessableEntity, deliveriesPage{selection: asked})
	}
	listed := asked.Until
	if now := v.Now().UTC().Truncate(time.Second); asked.until.IsZero() || asked.until.After(now) {
		asked.until, asked.Until = now, local(now, "")
	}
	counted, err := v.Manage.BulkMatching(v.http.Context(), v.who(), kind, asked.matching(), true)
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		return v.showDeliveries(http.StatusUnprocessableEntity, deliveriesPage{selection: asked.refused(r.Faults)})
	}
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "bulk", bulkTitle(kind), bulkPage{asked, kind, counted.Matched, asked.since, asked.until, listed})
}

// Back is the list that was asked from.
func (p bulkPage) Back() string {
	p.Until = p.Listed
	return p.Query()
}

func bulkTitle(kind job.Kind) string {
	if kind == job.Replay {
		return "Replay all"
	}
	return "Dismiss all"
}

func (s selection) matching() job.Matching {
	return job.Matching{Interface: s.Interface, Record: s.Record, Since: s.since, Until: s.until}
}

func (s *site) replayAll(v *visit) error  { return v.all(job.Replay, replaying) }
func (s *site) dismissAll(v *visit) error { return v.all(job.Dismiss, dismissing) }

// all begins what was asked about.
func (v *visit) all(kind job.Kind, done string) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	asked := selectionOf(form)
	if len(asked.Faults) > 0 {
		return v.showDeliveries(http.StatusUnprocessableEntity, deliveriesPage{selection: asked})
	}
	_, err = v.Manage.BulkMatching(v.http.Context(), v.who(), kind, asked.matching(), false)
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		return v.showDeliveries(http.StatusUnprocessableEntity, deliveriesPage{selection: asked.refused(r.Faults)})
	}
	if err != nil {
		return err
	}
	asked.Until = form.Get("listed")
	query := asked.query()
	query.Set("done", done)
	query.Set("status", string(delivery.Stopped))
	return v.goTo(v.link(query, v.organization, "deliveries"))
}
