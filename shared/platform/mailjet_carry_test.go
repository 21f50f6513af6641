package platform_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/platform"
	"crmhook/shared/reach"
	"crmhook/shared/trigger"
)

// doorTime is when the tests' triggers are at the door.
var doorTime = time.Date(2026, 12, 1, 11, 0, 0, 0, time.UTC)

// post is a trigger with a body; name is platform/entity/action.
func post(name, body string) trigger.Trigger {
	part := strings.Split(name, "/")
	return trigger.Trigger{
		ID: "06dc1t2k9m7x4vq8z3f5r1w0ab", Organization: "demo", Platform: part[0], Entity: part[1], Action: part[2], SourceID: 3,
		At: doorTime, Method: "POST", Headers: map[string]string{"content-type": "application/json"}, Body: []byte(body),
	}
}

// call is a trigger with a query alone.
func call(t testing.TB, name, query string) trigger.Trigger {
	t.Helper()
	values, err := document.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	of := post(name, "")
	of.Method, of.Query, of.Headers = "GET", values, nil
	return of
}

// form is a trigger with a form.
func form(name string, fields url.Values) trigger.Trigger {
	of := post(name, fields.Encode())
	of.Headers = map[string]string{"content-type": document.FormType}
	return of
}

func planOf(t testing.TB, of trigger.Trigger) (platform.Plan, fault.List) {
	t.Helper()
	action, known := platform.Find(of.Platform, of.Entity, of.Action)
	if !known {
		t.Fatalf("no action %s", of.Name())
	}
	return action.Plan(of)
}

// sample is an event of the folder events.
func sample(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// crmState are contacts by their number and other records as entity/id.
type crmState struct{ contacts, records map[string]map[string]any }

// stateOf reads {"contacts":{…},"records":{…}}; either may be missing.
func stateOf(t testing.TB, text string) crmState {
	t.Helper()
	s := crmState{map[string]map[string]any{}, map[string]map[string]any{}}
	if text == "" {
		return s
	}
	value, faults, err := document.ParseObject([]byte(text))
	if err != nil || len(faults) > 0 {
		t.Fatalf("state: %v %v\n%s", err, faults, text)
	}
	for name, into := range map[string]map[string]map[string]any{"contacts": s.contacts, "records": s.records} {
		all, _ := value[name].(map[string]any)
		for id, data := range all {
			into[id] = data.(map[string]any)
		}
	}
	return s
}

// carryOut does what a plan says, as apply does: everybody is found first, records are told a contact's number where there
// is exactly one, and each change gets a copy of what is there.
func (s crmState) carryOut(plan platform.Plan) {
	type doing func()
	var all []doing
	for _, person := range plan.People {
		found := s.find(person.Find)
		number := ""
		if len(found) == 1 {
			number = found[0]
		}
		if person.Change != nil && (number != "" || person.All) {
			for _, n := range found {
				all = append(all, func() { put(s.contacts, n, person.Change(copied(s.contacts[n]))) })
			}
		}
		for _, write := range person.Writes {
			all = append(all, func() { s.write(write, number) })
		}
	}
	for _, write := range plan.Writes {
		all = append(all, func() { s.write(write, "") })
	}
	for _, do := range all {
		do()
	}
}

func (s crmState) write(w platform.Write, contact string) {
	key := w.Entity + "/" + w.ID
	put(s.records, key, w.Change(copied(s.records[key]), contact))
}

// put keeps a copy of what a change gave, and spoils what it gave: a plan may not share anything with it.
func put(into map[string]map[string]any, key string, data map[string]any) {
	if data == nil {
		delete(into, key)
		return
	}
	into[key] = copied(data)
	spoil(data)
}

func spoil(value any) {
	switch v := value.(type) {
	case map[string]any:
		for _, inner := range v {
			spoil(inner)
		}
		v["spoiled"] = true
	case []any:
		for i, inner := range v {
			spoil(inner)
			v[i] = "spoiled"
		}
	}
}

func (s crmState) find(lookups []platform.Lookup) []string {
	for _, lookup := range lookups {
		var found []string
		for _, number := range slices.Sorted(maps.Keys(s.contacts)) {
			ref := directory.Ref{Organization: "demo", Kind: lookup.Kind, Value: lookup.Value}
			if number == lookup.Number || lookup.Number == "" && reach.Has(s.contacts[number], ref) {
				found = append(found, number)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}

func copied(data map[string]any) map[string]any {
	of, _ := document.Clone(data).(map[string]any)
	return of
}

func (s crmState) copy() crmState {
	of := crmState{map[string]map[string]any{}, map[string]map[string]any{}}
	for number, data := range s.contacts {
		of.contacts[number] = copied(data)
	}
	for key, data := range s.records {
		of.records[key] = copied(data)
	}
	return of
}

// diff compares two states.
func (s crmState) diff(want crmState) string {
	return cmp.Diff(map[string]any{"contacts": want.contacts, "records": want.records}, map[string]any{"contacts": s.contacts, "records": s.records})
}

// take plans a trigger and carries it out; the same plan, and another of the same trigger, must change nothing more.
func (s crmState) take(t testing.TB, of trigger.Trigger) {
	t.Helper()
	before := string(of.Body)
	plan, faults := planOf(t, of)
	if len(faults) > 0 {
		t.Fatalf("faults of a good trigger: %v", faults)
	}
	s.carryOut(plan)
	again, _ := planOf(t, of)
	for name, plan := range map[string]platform.Plan{"the same plan": plan, "the same trigger": again} {
		was := s.copy()
		s.carryOut(plan)
		if diff := s.diff(was); diff != "" {
			t.Fatalf("%s changes more the second time (-first +second):\n%s", name, diff)
		}
	}
	if string(of.Body) != before {
		t.Fatal("the handler changed the body")
	}
}

// taken is one line of a table of triggers that are good.
type taken struct {
	name   string
	before string
	of     []trigger.Trigger
	after  string
}

func testTaken(t *testing.T, tests []taken) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			state := stateOf(t, test.before)
			for _, of := range test.of {
				state.take(t, of)
			}
			if diff := state.diff(stateOf(t, test.after)); diff != "" {
				got, _ := json.Marshal(map[string]any{"contacts": state.contacts, "records": state.records})
				t.Errorf("state (-want +got):\n%s\n%s", diff, got)
			}
		})
	}
}

// refused is one line of a table of triggers with faults, each as location: message.
type refused struct {
	name string
	of   trigger.Trigger
	want []string
}

func testRefused(t *testing.T, tests []refused) {
	t.Helper()
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			plan, faults := planOf(t, test.of)
			var got []string
			for _, f := range faults {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
			if len(plan.People)+len(plan.Writes) > 0 || plan.SMS != nil || plan.Email != nil {
				t.Error("there is a plan beside the faults")
			}
		})
	}
}

// fuzzed checks that a trigger never panics and, where it is good, does the same again: on what there is and on nothing.
func fuzzed(t *testing.T, of trigger.Trigger) {
	plan, faults := planOf(t, of)
	again, faultsAgain := planOf(t, of)
	if len(faults) != len(faultsAgain) {
		t.Fatalf("other faults the second time: %v, then %v", faults, faultsAgain)
	}
	if len(faults) > 0 || len(plan.People) != len(again.People) {
		return
	}
	state := stateOf(t, everybody)
	for range 2 {
		state.take(t, of)
	}
	for _, person := range plan.People {
		if person.Change != nil {
			person.Change(nil)
		}
	}
}

// everybody are contacts that the fuzzed triggers may concern.
const everybody = `{"contacts":{
	"4711":{"email":"jane@example.com","phone":"+33600000000","addresses":[{"contactAddressId":9007199254740993,"main":true}],"state":"ACTIVE"},
	"4712":{"email":"jane@example.com","addresses":[{"street1":"x"},7,null],"contactConnections":[null,{"type":1}],"communicationMeans":[3]},
	"4713":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":true}],"addresses":{"a":1}}}}`
