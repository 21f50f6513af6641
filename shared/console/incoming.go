package console

import (
	"net/http"

	"crmhook/shared/manage"
	"crmhook/shared/trigger"
)

// triggersPage lists what came in from outside.
type triggersPage struct {
	Status   string
	Triggers []manage.Trigger
	Pager    pager
}

func (s *site) triggers(v *visit) error {
	status := v.query("status")
	if status != string(trigger.Failed) && status != string(trigger.Waiting) {
		status = ""
	}
	list, err := v.list("triggers", status)
	if err != nil {
		return err
	}
	found, err := s.Manage.Triggers(v.http.Context(), v.organization, status, list)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "triggers", "Triggers", triggersPage{status, found.Items, v.pager(found.Next, "triggers", status)})
}

// Replayable says whether a trigger can be run again.
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
	Items []manage.SetAside
	Pager pager
}

func (s *site) setAside(v *visit) error {
	list, err := v.list("setaside")
	if err != nil {
		return err
	}
	found, err := s.Manage.SetAside(v.http.Context(), v.organization, list)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "setaside", "Set aside", setAsidePage{found.Items, v.pager(found.Next, "setaside")})
}

func (s *site) replaySetAside(v *visit) error {
	if err := s.Manage.ReplaySetAside(v.http.Context(), v.who(), v.path("id")); err != nil {
		return err
	}
	return v.done("replayed", "setaside")
}
