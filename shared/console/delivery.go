package console

import (
	"fmt"
	"strconv"
	"strings"

	"crmhook/shared/delivery"
	"crmhook/shared/manage"
)

// deliveryPage is one delivery with its attempts, the last first.
type deliveryPage struct {
	manage.Delivery
	// Live says that something is still to come, so that the page is asked for again.
	Live bool
}

// Newest are the attempts, the last first.
func (p deliveryPage) Newest() []delivery.Attempt {
	list := make([]delivery.Attempt, len(p.Log))
	for i, a := range p.Log {
		list[len(p.Log)-1-i] = a
	}
	return list
}

// Banner says in words what became of it: how the last attempt failed, and what follows. Empty where nothing needs saying.
func (p deliveryPage) Banner() string {
	if len(p.Log) == 0 || p.Log[len(p.Log)-1].OK() {
		return p.Reason
	}
	last := p.Log[len(p.Log)-1]
	what := causeText(last.Error)
	if last.Status != 0 && last.Error == delivery.BadStatus {
		what = strconv.Itoa(last.Status)
	}
	text := fmt.Sprintf("The last attempt failed: %s after %s.", what, took(last.Duration))
	switch {
	case p.Status == delivery.Pending:
		return text + " It is tried again."
	case p.Status == delivery.Stopped && p.Reason == delivery.GivenUp:
		return text + " It was given up after " + plural(p.Attempts, "attempt") + "."
	case p.Status == delivery.Stopped || p.Status == delivery.Cancelled:
		return text + " " + sentence(p.Reason)
	}
	return p.Reason
}

// sentence is a reason as a sentence of its own.
func sentence(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.TrimSuffix(text[1:], ".") + "."
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

func (s *site) askDismissOne(v *visit) error {
	id := v.path("id")
	return v.sure(surePage{
		Heading: "Dismiss this delivery?", Name: id, Text: "It leaves the list of what is stopped and cannot be replayed afterwards.",
		Button: "Dismiss", Back: v.link(nil, v.organization, "deliveries", id),
	})
}

func (s *site) dismiss(v *visit) error {
	id := v.path("id")
	if err := s.Manage.Dismiss(v.http.Context(), v.who(), id); err != nil {
		return err
	}
	return v.done("dismissed", "deliveries", id)
}
