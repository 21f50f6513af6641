package platform

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sent is a trigger of source 3 with a body that came at ten.
func sent(name, body string) trigger.Trigger {
	platform, rest, _ := strings.Cut(name, "/")
	entity, action, _ := strings.Cut(rest, "/")
	return trigger.Trigger{
		ID: "06dc1t2k9m7x4vq8z3f5r1w0ab", Organization: "sample", Platform: platform, Entity: entity, Action: action, SourceID: 3,
		At: time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC), Body: []byte(body),
	}
}

// planOf is the plan that the table's handler makes, and what is wrong.
func planOf(t testing.TB, from trigger.Trigger) (Plan, fault.List) {
	t.Helper()
	action, known := Find(from.Platform, from.Entity, from.Action)
	if !known {
		t.Fatalf("%s is not in the table", from.Name())
	}
	return action.Plan(from)
}

func goodPlan(t testing.TB, from trigger.Trigger) Plan {
	t.Helper()
	plan, faults := planOf(t, from)
	if len(faults) > 0 {
		t.Fatalf("%s: %v, want no fault", from.Name(), faults)
	}
	return plan
}

func parsed(t testing.TB, text string) map[string]any {
	t.Helper()
	if text == "" {
		return nil
	}
	data, faults, err := document.ParseObject([]byte(text))
	if err != nil || len(faults) > 0 {
		t.Fatalf("%s: %v %v", text, faults, err)
	}
	return data
}

// checkFaults compares all faults, in their order, as "location: message".
func checkFaults(t *testing.T, from trigger.Trigger, want ...string) {
	t.Helper()
	plan, faults := planOf(t, from)
	var got []string
	for _, f := range faults {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("faults of %s (-want +got):\n%s", from.Body, diff)
	}
	if diff := cmp.Diff(Plan{}, plan); len(faults) > 0 && diff != "" {
		t.Errorf("a plan beside faults (+got):\n%s", diff)
	}
}

// changesOf are all changes of a plan, as functions of the present data.
func changesOf(plan Plan) []func(map[string]any) map[string]any {
	var changes []func(map[string]any) map[string]any
	add := func(writes []Write) {
		for _, write := range writes {
			for _, contact := range []string{"", "C1"} {
				changes = append(changes, func(data map[string]any) map[string]any { return write.Change(data, contact) })
			}
		}
	}
	for _, person := range plan.People {
		if person.Change != nil {
			changes = append(changes, person.Change)
		}
		add(person.Writes)
	}
	add(plan.Writes)
	return changes
}

// checkIdempotent applies each change to each state, and again to what came of it, which must change nothing; and again to
// the same state, after what came of it the first time was spoiled, which must give the same.
func checkIdempotent(t *testing.T, plan Plan, states ...map[string]any) {
	t.Helper()
	for _, change := range changesOf(plan) {
		for _, state := range append(states, nil) {
			once := change(copyOf(state))
			first := copyOf(once)
			if diff := cmp.Diff(first, change(copyOf(first))); diff != "" {
				t.Errorf("applied twice to %v (-once +twice):\n%s", state, diff)
			}
			spoil(once)
			if diff := cmp.Diff(first, change(copyOf(state))); diff != "" {
				t.Errorf("applied again to %v (-first +again):\n%s", state, diff)
			}
		}
	}
}

// spoil changes all that it reaches.
func spoil(value any) {
	switch v := value.(type) {
	case map[string]any:
		for name, member := range v {
			spoil(member)
			v[name] = "spoiled"
		}
	case []any:
		for i, item := range v {
			spoil(item)
			v[i] = "spoiled"
		}
	}
}

// shownPlan is a plan as a golden file has it: with what its changes make of nothing.
type shownPlan struct {
	At     string        `json:"at,omitempty"`
	People []shownPerson `json:"people,omitempty"`
	Writes []shownWrite  `json:"writes,omitempty"`
	Card   *Card         `json:"card,omitempty"`
}

type shownPerson struct {
	Find     []string       `json:"find"`
	Create   bool           `json:"create,omitempty"`
	Optional bool           `json:"optional,omitempty"`
	Ordered  bool           `json:"ordered,omitempty"`
	Found    bool           `json:"foundOnly,omitempty"`
	New      map[string]any `json:"new,omitempty"`
	Writes   []shownWrite   `json:"writes,omitempty"`
}

type shownWrite struct {
	Record  string         `json:"record"`
	Ordered bool           `json:"ordered,omitempty"`
	New     map[string]any `json:"new"`
}

func shownOf(plan Plan) shownPlan {
	shown := shownPlan{Card: plan.Card, Writes: shownWrites(plan.Writes, "")}
	if !plan.At.IsZero() {
		shown.At = plan.At.Format(time.RFC3339Nano)
	}
	for _, p := range plan.People {
		person := shownPerson{Create: p.Create, Optional: p.Optional, Ordered: p.Ordered, Found: p.Change == nil, Writes: shownWrites(p.Writes, "C1")}
		for _, by := range p.Find {
			way := string(by.Kind) + " " + by.Value
			if by.IfMatching {
				way += " if matching"
			}
			person.Find = append(person.Find, way)
		}
		if p.Change != nil {
			person.New = p.Change(nil)
		}
		shown.People = append(shown.People, person)
	}
	return shown
}

func shownWrites(writes []Write, contact string) []shownWrite {
	var shown []shownWrite
	for _, w := range writes {
		shown = append(shown, shownWrite{w.Entity + "/" + w.ID, w.Ordered, w.Change(nil, contact)})
	}
	return shown
}

// checkEvents makes the plan of each sample of a platform under events and compares it with its golden file.
func checkEvents(t *testing.T, platform, entityAction string, more ...func(*trigger.Trigger)) {
	t.Helper()
	name := strings.ToLower(strings.ReplaceAll(entityAction, "/", "-"))
	from := sent(platform+"/"+entityAction, eventOfSample(t, strings.ToLower(platform)+"-"+name))
	for _, set := range more {
		set(&from)
	}
	plan := goodPlan(t, from)
	checkIdempotent(t, plan, parsed(t, richContact))
	got, err := json.MarshalIndent(shownOf(plan), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", strings.ToLower(platform), name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("plan of %s (-want +got):\n%s", from.Name(), diff)
	}
}

func eventOfSample(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "events", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// richContact has something of all that handlers change.
const richContact = `{"contactNumber":"C1","email":"jane@example.com","tags":["staff","vip"],"role":"MEMBER",
	"individualContact":{"individualFirstname":"Joan","email":"joan@example.com"},
	"identifiers":[{"sourceId":3,"identifier":"1"},{"sourceId":4,"identifier":"9"}],
	"authorizations":[{"authorizationCode":"EMAIL","allowed":true}],
	"addresses":[{"contactAddressId":"A1","main":true,"zipCode":"75001"},{"contactAddressId":"Shopify-3-7","town":"Lyon"}],
	"participations":[{"campaignId":"winter","at":"2026-12-01T09:00:00Z"}],
	"external":{"Shopify-4":{"tags":["vip"]},"Other":{"a":1}},
	"requester":{"email":"jane@example.com"},"customer":{"id":1}}`

// fuzzBodies runs actions of a platform on any body and any record that is there: no panic, and changes that change nothing
// the second time.
func fuzzBodies(f *testing.F, actions []string, bodies ...string) {
	f.Helper()
	for i, body := range bodies {
		f.Add(uint(i), []byte(body), []byte(richContact))
	}
	f.Fuzz(func(t *testing.T, action uint, body, state []byte) {
		from := sent(actions[action%uint(len(actions))], string(body))
		from.Store, from.Currency = "main", "EUR"
		plan, faults := planOf(t, from)
		if len(faults) > 0 {
			return
		}
		before, _, err := document.ParseObject(state)
		if err != nil {
			before = nil
		}
		checkIdempotent(t, plan, before)
	})
}
