package console

import (
	"net/http"
	"slices"
	"strings"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/fault"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// homePage lists where a key leads.
type homePage struct {
	Organizations []string
	// Operator says that the key leads to every organization, so that one can be gone to by its name; Listed that it may see
	// which there are.
	Operator, Listed bool
	Name             string
	Faults           fault.List
	Pager            pager
}

// home leads to the key's organization, or lists those that it leads to.
func (s *site) home(v *visit) error {
	in, err := v.signedIn()
	if err != nil {
		return err
	}
	if !in {
		return v.askToSignIn()
	}
	own, operator, err := v.leadsTo()
	if err != nil {
		return v.notAdmitted(err)
	}
	switch {
	case operator:
		return v.showOrganizations(http.StatusOK, "", nil)
	case len(own) == 1:
		return v.goTo(v.link(nil, own[0]))
	}
	return v.show(http.StatusOK, "home", "Organizations", homePage{Organizations: own, Listed: true})
}

// leadsTo are the organizations that the session's keys manage, and whether one is an operator's, which is remembered.
func (v *visit) leadsTo() (own []string, operator bool, err error) {
	keys, err := v.Gate.SignedIn(v.http.Context(), v.session.KeyHash)
	if err != nil {
		return nil, false, err
	}
	for _, key := range keys {
		switch {
		case key.Organization != "" && !slices.Contains(own, key.Organization):
			own = append(own, key.Organization)
		case key.Organization == "" && (!operator || key.Allows(access.OperateRead)):
			v.key, operator = key, true
			v.answer.key = key.By()
		}
	}
	slices.Sort(own)
	return own, operator, nil
}

func (v *visit) showOrganizations(status int, name string, faults fault.List) error {
	p := homePage{Operator: true, Name: name, Faults: faults}
	if !v.key.Allows(access.OperateRead) {
		return v.show(status, "home", "Organizations", p)
	}
	list, err := v.list("organizations")
	if err != nil {
		return err
	}
	found, err := v.Manage.Organizations(v.http.Context(), list)
	if err != nil {
		return err
	}
	p.Organizations, p.Listed, p.Pager = found.Items, true, v.pager(found.Next, "organizations")
	return v.show(status, "home", "Organizations", p)
}

// goToOrganization leads an operator to an organization by its name.
func (s *site) goToOrganization(v *visit) error {
	in, err := v.signedIn()
	if err != nil {
		return err
	}
	if !in {
		return v.askToSignIn()
	}
	form, err := v.form()
	if err != nil {
		return err
	}
	_, operator, err := v.leadsTo()
	if err != nil {
		return v.notAdmitted(err)
	}
	name := strings.TrimSpace(form.Get("organization"))
	switch {
	case !operator:
		return refusal.New(http.StatusForbidden, "the key that you signed in with does not allow this here")
	case !change.ValidOrganization(name):
		var faults fault.List
		faults.Add("organization", "must be an organization's name")
		return v.showOrganizations(http.StatusUnprocessableEntity, name, faults)
	}
	return v.goTo(v.link(nil, name))
}

// overviewPage is an organization at a glance.
type overviewPage struct {
	Interfaces []glance
	Pager      pager
}

// glance is an interface with how it fared.
type glance struct {
	manage.Summary
	Plot plot
}

func (s *site) overview(v *visit) error {
	list, err := v.list("overview")
	if err != nil {
		return err
	}
	found, err := s.Manage.Overview(v.http.Context(), v.organization, list)
	if err != nil {
		return err
	}
	p := overviewPage{Pager: v.pager(found.Next, "overview")}
	for _, is := range found.Items {
		p.Interfaces = append(p.Interfaces, glance{is, plotOf(is.Hours, s.Now())})
	}
	return v.show(http.StatusOK, "overview", "Interfaces", p)
}

// auditPage is what was done in an organization.
type auditPage struct {
	Entries []manage.Recorded
	span
	Pager pager
}

func (s *site) audit(v *visit) error {
	list, err := v.list("audit", v.query("since"), v.query("until"))
	if err != nil {
		return err
	}
	when := spanOf(v.http.URL.Query())
	p := auditPage{span: when}
	if len(when.Faults) > 0 {
		return v.show(http.StatusUnprocessableEntity, "audit", "Audit", p)
	}
	list.Since, list.Until = when.since, when.until
	found, err := s.Manage.Recorded(v.http.Context(), v.organization, list)
	if err != nil {
		return err
	}
	p.Entries, p.Pager = found.Items, v.pager(found.Next, "audit", v.query("since"), v.query("until"))
	return v.show(http.StatusOK, "audit", "Audit", p)
}
