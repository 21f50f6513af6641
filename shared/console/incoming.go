package console

import (
	"net/http"

	"crmhook/shared/manage"
	"crmhook/shared/trigger"
)

// triggersPage lists what came in from outside.
type triggersPage struct {
	Status string
	span
	Triggers []manage.Trigger
	Pager    pager
}

func (s *site) triggers(v *visit) error {
	status := v.query("status")
	if status != string(trigger.Failed) && status != string(trigger.Waiting) {
		status = ""
	}
	p := triggersPage{Status: status, span: spanOf(v.http.URL.Query())}
	if len(p.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "triggers", "Triggers", p)
	}
	parts := []string{"triggers", status, p.Since, p.Until}
	list, err := v.list(parts...)
	if err != nil {
		return err
	}
	list.Since, list.Until = p.since, p.until
	found, err := s.Manage.Triggers(v.http.Context(), v.organization, status, list)
	if err != nil {
		return err
	}
	p.Triggers, p.Pager = found.Items, v.pager(found.Next, parts...)
	return v.show(http.StatusOK, "triggers", "Triggers", p)
}

// replayable reports whether a trigger can be run again.
func replayable(t manage.Trigger) bool { return t.Status == trigger.Failed && t.Kept }

// triggerPage is one trigger.
type triggerPage struct {
	manage.Trigger
	Replayable bool
}

func (s *site) trigger(v *visit) error {
	t, err := s.Manage.Trigger(v.http.Context(), v.organization, v.path("id"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "trigger", t.Platform+" "+t.Entity+" "+t.Action, triggerPage{t, replayable(t)})
}

func (s *site) replayTrigger(v *visit) error {
	id := v.path("id")
	if err := s.Manage.ReplayTrigger(v.http.Context(), v.who(), id); err != nil {
		return err
	}
	return v.done("replayed", "triggers", id)
}

// setAsidePage lists what nobody could read.
type setAsidePage struct {
	span
	Items []manage.SetAside
	Pager pager
}

func (s *site) setAside(v *visit) error {
	p := setAsidePage{span: spanOf(v.http.URL.Query())}
	if len(p.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "setaside", "Set aside", p)
	}
	parts := []string{"setaside", p.Since, p.Until}
	list, err := v.list(parts...)
	if err != nil {
		return err
	}
	list.Since, list.Until = p.since, p.until
	found, err := s.Manage.SetAside(v.http.Context(), v.organization, list)
	if err != nil {
		return err
	}
	p.Items, p.Pager = found.Items, v.pager(found.Next, parts...)
	return v.show(http.StatusOK, "setaside", "Set aside", p)
}

func (s *site) replaySetAside(v *visit) error {
	if err := s.Manage.ReplaySetAside(v.http.Context(), v.who(), v.path("id")); err != nil {
		return err
	}
	return v.done("replayed", "setaside")
}

// askDismissAside says what dismissing means before it is done.
func (s *site) askDismissAside(v *visit) error {
	return v.sure(surePage{
		Heading: "Dismiss what was set aside?", Text: "It is removed, with what is kept of it, and cannot be run again afterwards.",
		Button: "Dismiss", Back: v.link(nil, v.organization, "setaside"),
	})
}

func (s *site) dismissAside(v *visit) error {
	if err := s.Manage.DismissSetAside(v.http.Context(), v.who(), v.path("id")); err != nil {
		return err
	}
	return v.done("dismissed", "setaside")
}
