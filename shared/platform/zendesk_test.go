package platform

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestZendeskEvents(t *testing.T) {
	t.Parallel()
	checkEvents(t, "Zendesk", "Ticket/Update")
}

func TestZendeskRequester(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, requester string
		find            []string
		contact         string
	}{
		{
			"e-mail and phone", `{"first_name":"Jane","last_name":"Example","email":" Jane@Example.com","phone":"+33 1 99 00 12 34"}`,
			[]string{"email jane@example.com", "phone +33199001234"},
			`{"individualContact":{"individualFirstname":"Jane","individualLastname":"Example","email":" Jane@Example.com","phoneNumber1":"+33 1 99 00 12 34"}}`,
		},
		{"phone with the country after 00", `{"phone":"0033199001234"}`, []string{"phone +33199001234"}, `{"individualContact":{"phoneNumber1":"0033199001234"}}`},
		{"phone without its country finds nobody", `{"email":"jane@example.com","phone":"0199001234"}`, []string{"email jane@example.com"}, `{"individualContact":{"email":"jane@example.com","phoneNumber1":"0199001234"}}`},
		{"phone without its country alone", `{"first_name":"Jane","email":"","phone":"0199001234"}`, nil, ``},
		{"neither", `{"first_name":"Jane","email":"","phone":null}`, nil, ``},
		{"none", `null`, nil, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := `{"id":"35436","status":"Open","new":{"a":1},"requester":` + tt.requester + `}`
			plan := goodPlan(t, sent("Zendesk/Ticket/Update", body))
			ticket := parsed(t, body)
			want := shownPlan{Writes: []shownWrite{{"ticket/Zendesk-3-35436", true, ticket}}}
			if tt.find != nil {
				ticket["contactNumber"] = "C1"
				want = shownPlan{People: []shownPerson{{Find: tt.find, Create: true, New: parsed(t, tt.contact), Writes: want.Writes}}}
			}
			if diff := cmp.Diff(want, shownOf(plan)); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
			checkIdempotent(t, plan, parsed(t, richContact))
		})
	}
}

func TestZendeskLeavesContactsAsTheyAre(t *testing.T) {
	t.Parallel()
	plan := goodPlan(t, sent("Zendesk/Ticket/Update", eventOfSample(t, "zendesk-ticket-update")))
	if diff := cmp.Diff(parsed(t, richContact), plan.People[0].Change(parsed(t, richContact))); diff != "" {
		t.Errorf("a contact that was there (-want +got):\n%s", diff)
	}
}

func TestZendeskTicketKeepsItsContact(t *testing.T) {
	t.Parallel()
	const jane = `{"email":"jane@example.com"}`
	plan := goodPlan(t, sent("Zendesk/Ticket/Update", `{"id":1,"contactNumber":"C9","requester":`+jane+`}`))
	for _, tt := range []struct {
		name, before, contact string
		want                  any
	}{
		{"found", `{"contactNumber":"C2","requester":` + jane + `}`, "C1", "C1"},
		{"not found any more", `{"contactNumber":"C2","requester":` + jane + `}`, "", "C2"},
		{"not found, another requester", `{"contactNumber":"C2","requester":{"email":"joan@example.com"}}`, "", nil},
		{"not found, a new ticket", ``, "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := plan.People[0].Writes[0].Change(parsed(t, tt.before), tt.contact)["contactNumber"]; got != tt.want {
				t.Errorf("contactNumber %v, want %v", got, tt.want)
			}
		})
	}
}

func TestZendeskFaults(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"not JSON", `{"title":"a "quoted" one"}`, []string{"the body must be a JSON object: not JSON at line 1, column 14: expected a comma or }, found 'q'"}},
		{"nothing", `{}`, []string{"id: must be given"}},
		{"a placeholder that was not filled", `{"id":"{{ticket.id}}","requester":{"email":"{{ticket.requester.email}}"}}`, []string{
			"id: must be the ticket's number, as {{ticket.id}} gives it", "requester.email: must be an e-mail address, or empty",
		}},
		{"other types", `{"id":{},"requester":{"email":1,"phone":true,"first_name":[],"last_name":2}}`, []string{
			"id: must be an id (a string or a whole number), found an object",
			"requester.email: must be a string, found a number",
			"requester.phone: must be an id (a string or a whole number), found true or false",
			"requester.first_name: must be a string, found a list",
			"requester.last_name: must be a string, found a number",
		}},
		{"no object", `{"id":1,"requester":"Jane"}`, []string{"requester: must be an object, found a string"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFaults(t, sent("Zendesk/Ticket/Update", tt.body), tt.want...)
		})
	}
}

func FuzzZendesk(f *testing.F) {
	fuzzBodies(f, []string{"Zendesk/Ticket/Update"}, eventOfSample(f, "zendesk-ticket-update"), `{"id":1,"requester":{"phone":"0033199001234"}}`)
}
