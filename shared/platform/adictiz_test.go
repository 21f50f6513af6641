package platform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

func TestAdictizEvents(t *testing.T) {
	t.Parallel()
	checkEvents(t, "Adictiz", "User/Participate", func(from *trigger.Trigger) {
		zone := int64(12)
		from.ZoneID = &zone
	})
}

func TestAdictizParticipation(t *testing.T) {
	t.Parallel()
	const (
		form  = `{"email":"jane@example.com","firstname":"Jane","campaignId":"winter","date":"2026-12-01T09:30:00Z","new":[1,null]}`
		state = `{"campaignId":"winter","at":"2026-12-01T09:30:00Z","sourceId":3,"email":"jane@example.com","firstname":"Jane","date":"2026-12-01T09:30:00Z","new":[1,null]}`
	)
	for _, tt := range []struct{ name, body, before, want string }{
		{"a new contact", form, ``, `{"individualContact":{"email":"jane@example.com","individualFirstname":"Jane"},"participations":[` + state + `]}`},
		{
			"a contact that is there", form, `{"individualContact":{"individualFirstname":"Joan"},"participations":[{"campaignId":"summer","at":"2026-07-01T00:00:00Z"}]}`,
			`{"individualContact":{"individualFirstname":"Joan"},"participations":[{"campaignId":"summer","at":"2026-07-01T00:00:00Z"},` + state + `]}`,
		},
		{"a later state of the campaign", form, `{"participations":[{"campaignId":"winter","at":"2026-12-01T10:29:59+01:00","old":true}]}`, `{"participations":[` + state + `]}`},
		{"an older state", form, `{"participations":[{"campaignId":"winter","at":"2026-12-01T09:30:01Z","newer":true}]}`, `{"participations":[{"campaignId":"winter","at":"2026-12-01T09:30:01Z","newer":true}]}`},
		{"a name alone, and numbers", `{"email":"jane@example.com","campaign":"Winter game","phone":33199001234,"date":"today"}`, ``, `{
			"individualContact":{"email":"jane@example.com","phoneNumber1":"33199001234"},
			"participations":[{"campaignId":"Winter game","campaignName":"Winter game","at":"2026-12-01T10:00:00Z","sourceId":3,"email":"jane@example.com","campaign":"Winter game","phone":33199001234,"date":"today"}]}`},
		{"an envelope", `{"timestamp":"1796119200","data":{"email":"jane@example.com","operation_id":7,"operation_name":"Game","campaignId":"other"}}`, ``, `{
			"individualContact":{"email":"jane@example.com"},
			"participations":[{"campaignId":"7","campaignName":"Game","at":"2026-12-01T10:00:00Z","sourceId":3,"timestamp":"1796119200","data":{"email":"jane@example.com","operation_id":7,"operation_name":"Game","campaignId":"other"}}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan := goodPlan(t, sent("Adictiz/User/Participate", tt.body))
			got := plan.People[0].Change(parsed(t, tt.before))
			if diff := cmp.Diff(parsed(t, tt.want), got); diff != "" {
				t.Errorf("contact (-want +got):\n%s", diff)
			}
			checkIdempotent(t, plan, parsed(t, tt.before), parsed(t, richContact))
		})
	}
}

func TestAdictizFaults(t *testing.T) {
	t.Parallel()
	const noCampaign = "must be given: participations are told apart by their campaign"
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"not JSON", `email=jane`, []string{"the body must be a JSON object: not JSON at line 1, column 1: expected a value, found 'e'"}},
		{"nothing", `{}`, []string{"campaignId: " + noCampaign, "email: must be given"}},
		{"an empty form", `{"data":{"email":"","operation_id":""}}`, []string{"data.operation_id: " + noCampaign, "data.email: must be given"}},
		{"no form", `{"data":"jane"}`, []string{"data: must be an object, found a string"}},
		{"fields", `{"timestamp":-1,"data":{"email":"jane","firstname":1,"lastname":[],"mobilePhone":1.5,"operation_id":{},"operation_name":"Game"}}`, []string{
			"data.operation_id: must be an id (a string or a whole number), found an object",
			"data.email: must be an e-mail address",
			"timestamp: must be a whole number from 0 to 253402300799",
			"data.firstname: must be a string, found a number",
			"data.lastname: must be a string, found a list",
			"data.mobilePhone: must be an id: a string or a whole number",
		}},
		{"a time that is none", `{"timestamp":"now","email":"jane@example.com","campaignId":1}`, []string{"timestamp: must be a number, found another string"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFaults(t, sent("Adictiz/User/Participate", tt.body), tt.want...)
		})
	}
}

func FuzzAdictiz(f *testing.F) {
	fuzzBodies(f, []string{"Adictiz/User/Participate"}, eventOfSample(f, "adictiz-user-participate"),
		`{"email":"jane@example.com","campaign":"winter","date":"2026-12-01 10:00:00"}`)
}
