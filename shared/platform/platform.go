// Package platform knows what the triggers of outside platforms mean: one table of platform, entity and action (CRM360
// QueueProcess), and a file for each platform. A handler reads a trigger and makes a Plan, or names every fault. It must not
// know how a plan is carried out.
package platform

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// Bounds of a body, in bytes. Mailjet and RNVP send arrays.
const (
	MostBody  = 350 << 10
	MostArray = 700 << 10
)

// Answer is what a platform takes as success.
type Answer int

// The answers: 202 or 200 with {"id":"…"}, and 200 with the text OK.
const (
	Accepted Answer = iota
	OK
	TextOK
)

// Action is a row of the table.
type Action struct {
	Platform, Entity, Name string
	// Get: GET is taken besides POST.
	Get bool
	// Scope is what a key must have.
	Scope  access.Scope
	Answer Answer
	// MostBody is the longest body in bytes.
	MostBody int
	// Plan reads a trigger. With any fault there is no plan.
	Plan func(t trigger.Trigger) (Plan, fault.List)
}

// Methods are those that the action takes.
func (a Action) Methods() []string {
	if a.Get {
		return []string{http.MethodGet, http.MethodPost}
	}
	return []string{http.MethodPost}
}

// Find gives the row of a platform, entity and action, without regard to case.
func Find(platform, entity, action string) (Action, bool) {
	list := actions()
	i := slices.IndexFunc(list, func(a Action) bool {
		return strings.EqualFold(a.Platform, platform) && strings.EqualFold(a.Entity, entity) && strings.EqualFold(a.Name, action)
	})
	if i < 0 {
		return Action{}, false
	}
	return list[i], true
}

// Known lists what there is, as platform/entity/action, in the table's order.
func Known() []string {
	var names []string
	for _, a := range actions() {
		names = append(names, a.Platform+"/"+a.Entity+"/"+a.Name)
	}
	return names
}

// row is a line of the table with what most have in common.
func row(platform, entity, name string, plan func(trigger.Trigger) (Plan, fault.List), more ...func(*Action)) Action {
	a := Action{Platform: platform, Entity: entity, Name: name, Plan: plan}
	for _, set := range more {
		set(&a)
	}
	a.Scope, a.MostBody = cmp.Or(a.Scope, access.Triggers), cmp.Or(a.MostBody, MostBody)
	return a
}

func get(a *Action)     { a.Get = true }
func ok(a *Action)      { a.Answer = OK }
func textOK(a *Action)  { a.Answer = TextOK }
func array(a *Action)   { a.MostBody = MostArray }
func message(a *Action) { a.Scope = access.Messages }
