package console

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
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
func (s selection) Query() string { return s.query().Encode() }

func (s selection) query() url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"interface": s.Interface, "record": s.Record, "since": s.Since, "until": s.Until} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

func (s selection) parts() []string {
	return []string{"deliveries", s.Interface, s.Record, s.Status, s.Since, s.Until}
}

// deliveriesPage lists deliveries.
type deliveriesPage struct {
	selection
	// Fields are the interface and the record of the filter; Left are faults that stand beside no field.
	Fields     []field
	Left       fault.List
	Names      []string
	Deliveries []manage.Delivery
	Pager      pager
	// Bulk says that what is listed can be replayed or dismissed as a whole; not while that goes on.
	Bulk bool
}

// Timed reports whether the list is bounded in time.
func (p deliveriesPage) Timed() bool { return p.Since != "" || p.Until != "" }

// Contact reports whether the record that is asked for is a contact.
func (p deliveriesPage) Contact() bool { return strings.HasPrefix(p.Record, change.Contact+"/") }

func (s *site) deliveries(v *visit) error {
	if id := deliveryID(v.query("record")); id != "" {
		return v.goTo(v.link(nil, v.organization, "deliveries", id))
	}
	asked := selectionOf(v.http.URL.Query())
	if len(asked.Faults) > 0 {
		return v.showDeliveries(http.StatusUnprocessableEntity, deliveriesPage{selection: asked})
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
		return v.showDeliveries(r.Status, deliveriesPage{selection: asked.refused(r.Faults)})
	}
	if err != nil {
		return err
	}
	going := v.query("done") == replaying || v.query("done") == dismissing
	return v.showDeliveries(http.StatusOK, deliveriesPage{
		selection: asked, Deliveries: found.Items, Pager: v.pager(found.Next, asked.parts()...),
		Bulk: asked.Status == string(delivery.Stopped) && len(found.Items) > 0 && !going,
	})
}

// refused is the selection with what is wrong with it, which is named as the filter's fields are.
func (s selection) refused(faults fault.List) selection {
	for _, found := range faults {
		found.Location = strings.TrimPrefix(found.Location, "query.")
		s.Faults = append(s.Faults, found)
	}
	return s
}

// showDeliveries fills in the filter.
func (v *visit) showDeliveries(status int, p deliveriesPage) error {
	if p.Interface == "" {
		p.Names = v.interfaceNames()
	}
	p.Fields = []field{
		{Name: "interface", Label: "Interface", Kind: line, Suggest: "interfaces"},
		{Name: "record", Label: "Record or contact", Kind: line, Default: "contact/4711"},
	}
	left := fill(p.Fields, newDocument(), url.Values{"interface": {p.Interface}, "record": {p.Record}}, p.Faults)
	for _, found := range left {
		if found.Location != "since" && found.Location != "until" {
			p.Left = append(p.Left, found)
		}
	}
	return v.show(status, "deliveries", "Deliveries", p)
}

// interfaceNames are those to suggest, of a page; without them the filter works too.
func (v *visit) interfaceNames() []string {
	found, err := v.Manage.Interfaces(v.http.Context(), v.organization, manage.List{})
	if err != nil {
		v.answer.trouble = fmt.Errorf("list interfaces to suggest: %w", err)
		return nil
	}
	list := make([]string, len(found.Items))
	for i, is := range found.Items {
		list[i] = is.Name
	}
	return list
}

// A webhook-id is a delivery's id, with what was sent behind it; that of an event is its id. No contact's number is so long.
var (
	webhookID = regexp.MustCompile(`^([0-9a-z]{26}-\d{5})(-[0-9a-f]{8})?$`)
	eventID   = regexp.MustCompile(`^[0-9a-hjkmnp-tv-z]{32}$`)
)

// deliveryID is the delivery that a webhook-id names; empty where the text is none.
func deliveryID(text string) string {
	text = strings.TrimSpace(text)
	if m := webhookID.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	if eventID.MatchString(text) {
		return text
	}
	return ""
}
