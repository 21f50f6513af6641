package console

import (
	"net/http"
	"net/url"
	"strings"

	"crmhook/shared/delivery"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// selection is what a list of deliveries is asked for by.
type selection struct {
	Interface, Record, Status string
	span
}

// selectionOf reads the filter's form. Without any of them it is those that need somebody: the stopped ones.
func selectionOf(values url.Values) selection {
	s := selection{
		Interface: strings.TrimSpace(values.Get("interface")), Record: recordOf(values.Get("record")),
		Status: values.Get("status"), span: spanOf(values),
	}
	if s.Status != string(delivery.Stopped) && s.Status != string(delivery.Pending) {
		s.Status = ""
	}
	if s.Interface == "" && s.Record == "" && s.Status == "" {
		s.Status = string(delivery.Stopped)
	}
	return s
}

// recordOf is a record's key; a bare id means a contact.
func recordOf(text string) string {
	text = strings.TrimSpace(text)
	if text == "" || strings.Contains(text, "/") {
		return text
	}
	return "contact/" + text
}

// Query is the filter in an address, without a status.
func (s selection) Query() string {
	q := url.Values{}
	for name, value := range map[string]string{"interface": s.Interface, "record": s.Record, "since": s.Since, "until": s.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q.Encode()
}

func (s selection) parts() []string {
	return []string{"deliveries", s.Interface, s.Record, s.Status, s.Since, s.Until}
}

// deliveriesPage lists deliveries.
type deliveriesPage struct {
	selection
	Deliveries []manage.Delivery
	Pager      pager
	// Bulk says that what is listed can be replayed or dismissed as a whole.
	Bulk bool
}

func (s *site) deliveries(v *visit) error {
	asked := selectionOf(v.http.URL.Query())
	p := deliveriesPage{selection: asked}
	if len(asked.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "deliveries", "Deliveries", p)
	}
	list, err := v.list(asked.parts()...)
	if err != nil {
		return err
	}
	list.Since, list.Until = asked.since, asked.until
	found, err := s.Manage.Deliveries(v.http.Context(), delivery.Selection{
		Organization: v.organization, Interface: asked.Interface, Record: asked.Record, Status: delivery.Status(asked.Status),
		Since: asked.since, Until: asked.until,
	}, list)
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		p.Faults = r.Faults
		return v.show(r.Status, "deliveries", "Deliveries", p)
	}
	if err != nil {
		return err
	}
	p.Deliveries, p.Pager = found.Items, v.pager(found.Next, asked.parts()...)
	p.Bulk = asked.Status == string(delivery.Stopped) && len(found.Items) > 0
	return v.show(http.StatusOK, "deliveries", "Deliveries", p)
}

// deliveryPage is one delivery with its attempts, the last first.
type deliveryPage struct {
	manage.Delivery
	// Live says that something is still to come, so that the page is asked for again.
	Live bool
}

// Last is the attempt whose answer the page shows first; nil before there is one.
func (p deliveryPage) Last() *delivery.Attempt {
	if len(p.Log) == 0 {
		return nil
	}
	return &p.Log[len(p.Log)-1]
}

// Newest are the attempts, the last first.
func (p deliveryPage) Newest() []delivery.Attempt {
	list := make([]delivery.Attempt, len(p.Log))
	for i, a := range p.Log {
		list[len(p.Log)-1-i] = a
	}
	return list
}

func (s *site) delivery(v *visit) error {
	d, err := s.Manage.Delivery(v.http.Context(), v.organization, v.path("id"))
	if err != nil {
		return err
	}
	title := "Delivery"
	if d.Test {
		title = "Sample"
	}
	return v.live("delivery", title+" to "+d.Interface, deliveryPage{d, d.Status == delivery.Pending})
}

func (s *site) replay(v *visit) error {
	id := v.path("id")
	if _, err := s.Manage.Replay(v.http.Context(), v.who(), id); err != nil {
		return err
	}
	return v.done("replayed", "deliveries", id)
}

func (s *site) dismiss(v *visit) error {
	id := v.path("id")
	if err := s.Manage.Dismiss(v.http.Context(), v.who(), id); err != nil {
		return err
	}
	return v.done("dismissed", "deliveries", id)
}

// bulkPage asks whether all that match are meant.
type bulkPage struct {
	selection
	Kind    job.Kind
	Matched int
}

func (s *site) askReplay(v *visit) error  { return v.ask(job.Replay) }
func (s *site) askDismiss(v *visit) error { return v.ask(job.Dismiss) }

// ask counts what matches.
func (v *visit) ask(kind job.Kind) error {
	asked := selectionOf(v.http.URL.Query())
	asked.Status = string(delivery.Stopped)
	if len(asked.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "deliveries", "Deliveries", deliveriesPage{selection: asked})
	}
	counted, err := v.Manage.BulkMatching(v.http.Context(), v.who(), kind, asked.matching(), true)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "bulk", bulkTitle(kind), bulkPage{asked, kind, counted.Matched})
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

func (s *site) replayAll(v *visit) error  { return v.all(job.Replay, "replaying") }
func (s *site) dismissAll(v *visit) error { return v.all(job.Dismiss, "dismissing") }

// all begins what was asked about.
func (v *visit) all(kind job.Kind, done string) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	asked := selectionOf(form)
	if len(asked.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "deliveries", "Deliveries", deliveriesPage{selection: asked})
	}
	if _, err := v.Manage.BulkMatching(v.http.Context(), v.who(), kind, asked.matching(), false); err != nil {
		return err
	}
	query := url.Values{"done": {done}, "status": {string(delivery.Stopped)}}
	if asked.Interface != "" {
		query.Set("interface", asked.Interface)
	}
	return v.goTo(v.link(query, v.organization, "deliveries"))
}
