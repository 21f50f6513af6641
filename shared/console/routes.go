package console

import (
	"strings"

	"crmhook/shared/access"
)

// first is the address of the first page below the console's. API Gateway takes a path that ends in a slash for none of ours,
// and no organization's name begins with a hyphen.
const first = "-/home"

// routes are all addresses. What stands behind an organization's is looked at by whoever may look, and done by whoever may
// do it: the needs are those of the API's same operations.
func (s *site) routes() {
	s.open("GET /console", s.home)
	s.open("GET /console/"+first, s.home)
	s.open("POST /console/"+first, s.goToOrganization)
	s.open("GET /console/sign-in", s.signInForm)
	s.open("POST /console/sign-in", s.signIn)
	s.open("POST /console/sign-out", s.signOut)
	for name, file := range s.assets.files {
		s.open("GET /console/-/"+name, file.serve)
	}
	s.configurationRoutes()
	s.runRoutes()
}

func (s *site) configurationRoutes() {
	s.within("GET /console/{organization}", access.Look, s.overview)
	s.within("GET /console/{organization}/new-interface", access.Alter, s.newInterface)
	s.within("POST /console/{organization}/new-interface", access.Alter, s.createInterface)
	s.within("GET /console/{organization}/interfaces/{name}", access.Look, s.general)
	s.within("POST /console/{organization}/interfaces/{name}", access.Alter, s.saveGeneral)
	s.within("GET /console/{organization}/interfaces/{name}/json", access.Look, s.interfaceText)
	s.within("POST /console/{organization}/interfaces/{name}/json", access.Alter, s.saveInterfaceText)
	s.within("POST /console/{organization}/interfaces/{name}/state", access.Alter, s.saveState)
	s.within("GET /console/{organization}/interfaces/{name}/delete", access.Alter, s.askDeleteInterface)
	s.within("POST /console/{organization}/interfaces/{name}/delete", access.Alter, s.deleteInterface)
	s.within("GET /console/{organization}/interfaces/{name}/schedules", access.Look, s.schedules)
	s.within("GET /console/{organization}/interfaces/{name}/schedules/{schedule}", access.Alter, s.schedule)
	s.within("POST /console/{organization}/interfaces/{name}/schedules/{schedule}", access.Alter, s.saveSchedule)
	s.within("POST /console/{organization}/interfaces/{name}/schedules/{schedule}/remove", access.Alter, s.removeSchedule)
	s.within("GET /console/{organization}/rules", access.Look, s.rules)
	s.within("GET /console/{organization}/new-rule", access.Alter, s.newRule)
	s.within("POST /console/{organization}/new-rule", access.Alter, s.createRule)
	s.within("GET /console/{organization}/rules/{id}", access.Look, s.rule)
	s.within("POST /console/{organization}/rules/{id}", access.Alter, s.saveRule)
	s.within("GET /console/{organization}/rules/{id}/delete", access.Alter, s.askDeleteRule)
	s.within("POST /console/{organization}/rules/{id}/delete", access.Alter, s.deleteRule)
	s.within("GET /console/{organization}/secrets", access.Look, s.secrets)
	s.within("POST /console/{organization}/secrets", access.Alter, s.saveSecret)
	s.within("GET /console/{organization}/secrets/{name}/delete", access.Alter, s.askDeleteSecret)
	s.within("POST /console/{organization}/secrets/{name}/delete", access.Alter, s.deleteSecret)
}

func (s *site) runRoutes() {
	s.within("GET /console/{organization}/interfaces/{name}/executions", access.Look, s.executions)
	s.within("POST /console/{organization}/interfaces/{name}/executions", access.Alter, s.start)
	s.within("GET /console/{organization}/interfaces/{name}/all", access.Alter, s.askAll)
	s.within("POST /console/{organization}/interfaces/{name}/upload", access.Alter, s.upload)
	s.within("GET /console/{organization}/interfaces/{name}/executions/{id}", access.Look, s.execution)
	s.within("POST /console/{organization}/interfaces/{name}/executions/{id}/cancel", access.Redo, s.cancel)
	s.within("POST /console/{organization}/interfaces/{name}/test", access.Alter, s.sample)
	s.within("GET /console/{organization}/deliveries", access.Look, s.deliveries)
	s.within("GET /console/{organization}/deliveries/replay", access.Redo, s.askReplay)
	s.within("POST /console/{organization}/deliveries/replay", access.Redo, s.replayAll)
	s.within("GET /console/{organization}/deliveries/dismiss", access.Redo, s.askDismiss)
	s.within("POST /console/{organization}/deliveries/dismiss", access.Redo, s.dismissAll)
	s.within("GET /console/{organization}/deliveries/{id}", access.Look, s.delivery)
	s.within("POST /console/{organization}/deliveries/{id}/replay", access.Redo, s.replay)
	s.within("GET /console/{organization}/deliveries/{id}/dismiss", access.Redo, s.askDismissOne)
	s.within("POST /console/{organization}/deliveries/{id}/dismiss", access.Redo, s.dismiss)
	s.within("GET /console/{organization}/triggers", access.Look, s.triggers)
	s.within("GET /console/{organization}/triggers/{id}", access.Look, s.trigger)
	s.within("POST /console/{organization}/triggers/{id}/replay", access.Redo, s.replayTrigger)
	s.within("GET /console/{organization}/setaside", access.Look, s.setAside)
	s.within("POST /console/{organization}/setaside/{id}/replay", access.Redo, s.replaySetAside)
	s.within("GET /console/{organization}/setaside/{id}/dismiss", access.Redo, s.askDismissAside)
	s.within("POST /console/{organization}/setaside/{id}/dismiss", access.Redo, s.dismissAside)
	s.within("GET /console/{organization}/audit", access.Look, s.audit)
	s.within("GET /console/{organization}/erase", access.Alter, s.eraseForm)
	s.within("POST /console/{organization}/erase", access.Alter, s.erase)
}

// open is a page that anybody may ask for.
func (s *site) open(pattern string, h handle) { s.mux.Handle(pattern, h) }

// within is a page of an organization, for those whose key allows what is needed there.
func (s *site) within(pattern string, need access.Need, h handle) {
	s.mux.Handle(pattern, handle(func(v *visit) error {
		v.organization = v.path("organization")
		admitted, err := v.admit(need)
		if err != nil || !admitted {
			v.organization = "" // who is not let in sees nothing of it
			return err
		}
		if !sound(v.path("name"), mostName) || !sound(v.path("id"), mostID) {
			return v.nothing()
		}
		return h(v)
	}))
}

// How long names and ids in addresses are at most: that of a parameter's name, and of the longest id, a message's that was
// set aside.
const (
	mostName = 900
	mostID   = 512
)

// sound reports whether a part of an address may name anything; one that the address does not have may.
func sound(part string, most int) bool {
	return len(part) <= most && !strings.ContainsFunc(part, func(r rune) bool { return r <= ' ' || r > '~' })
}
