package rule_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// interfaces are those that most tests check against.
func interfaces() map[string]hook.Type {
	return map[string]hook.Type{"crm": hook.RuleWebhook, "mail": hook.RuleWebhook, "contacts": hook.ContactWebhookV2, "unknown": ""}
}

// parse fails the test on any fault.
func parse(t testing.TB, source string) *rule.Definition {
	t.Helper()
	d, faults := rule.Parse([]byte(source), interfaces())
	if len(faults) > 0 {
		t.Fatalf("faults in %s: %v", source, faults)
	}
	return d
}

func texts(faults fault.List) []string {
	var list []string
	for _, f := range faults {
		list = append(list, f.String())
	}
	return list
}

func TestParse(t *testing.T) {
	t.Parallel()
	d := parse(t, `{"name":"VIP","description":"A new \"VIP\"","event":{"type":"tag.added","value":"vip"},"conditions":"role=MEMBER;addresses(main).zipCode=13.*",
		"then":["crm","mail"],"else":["mail"],"limits":{"maxPerContact":3,"minIntervalMinutes":525600},"state":"paused"}`)
	if d.Name != "VIP" || d.Description != `A new "VIP"` || d.State != hook.Paused || d.Event != (rule.Event{Type: rule.TagAdded, Value: "vip"}) {
		t.Errorf("definition %+v", d)
	}
	if d.Limits != (rule.Limits{MaxPerContact: 3, MinInterval: 365 * 24 * time.Hour}) || !d.Limits.Any() {
		t.Errorf("limits %+v", d.Limits)
	}
	if diff := cmp.Diff([][]string{{"crm", "mail"}, {"mail"}}, [][]string{d.Branch(true), d.Branch(false)}); diff != "" {
		t.Errorf("branches (-want +got):\n%s", diff)
	}
	member := map[string]any{"role": "MEMBER", "addresses": []any{map[string]any{"main": true, "zipCode": "13001"}}}
	if !d.Conditions.Match(member) || d.Conditions.Match(map[string]any{"role": "MEMBER"}) {
		t.Error("the conditions are not judged")
	}
	least := parse(t, `{"event":{"type":"contact.created"},"else":["crm"]}`)
	if least.State != hook.Active || least.Limits.Any() || !least.Conditions.Match(nil) || least.Name != "" {
		t.Errorf("what is left out: %+v", least)
	}
	for _, score := range []string{`99.5`, `"99.5"`, `995e-1`} {
		if d := parse(t, `{"event":{"type":"score.reached","value":`+score+`},"then":["crm"],"limits":{}}`); d.Event.Score != 99.5 {
			t.Errorf("score %s is read as %v", score, d.Event)
		}
	}
	for _, source := range []string{
		`{"event":{"type":"tag.removed"},"then":["crm"]}`, `{"event":{"type":"funnel.changed","value":"won"},"then":["crm"],"else":[]}`,
		`{"event":{"value":-3,"type":"score.reached"},"then":["crm"]}`, `{"event":{"type":"email.unsubscribed"},"then":["crm"],"conditions":""}`,
		` { "event" : { "type" : "contact.deleted" } , "then" : [ "crm" ] , "state" : "active" } `,
	} {
		parse(t, source)
	}
}

const (
	allTypes = "contact.created, contact.updated, contact.deleted, tag.added, tag.removed, score.reached, funnel.changed, " +
		"email.sent, email.opened, email.clicked, email.bounced, email.unsubscribed"
	noEvent  = `event: is missing: write what the rule waits for, such as {"type":"contact.created"}`
	noBranch = "then: is missing: list the interfaces to call when the conditions hold, or in else those to call when they do not"
	fields   = "is not a field of a rule, which has name, description, event, conditions, then, else, limits, state: remove it"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	with := func(more string) string { return `{"event":{"type":"contact.created"},"then":["crm"]` + more + `}` }
	event := func(text string) string { return `{"event":` + text + `,"then":["crm"]}` }
	for name, test := range map[string]struct {
		source string
		want   []string
	}{
		"nothing":           {"", []string{"is not valid JSON: unexpected end of JSON input"}},
		"no JSON":           {"{]", []string{"is not valid JSON: invalid character ']' looking for beginning of object key string"}},
		"two values":        {"{} {}", []string{"is not valid JSON: invalid character '{' after top-level value"}},
		"not UTF-8":         {"{\"name\":\"\xff\"}", []string{"is not valid JSON: the text is not valid UTF-8"}},
		"a list":            {"[]", []string{"must be an object, found a list"}},
		"null":              {" null ", []string{"must be an object, found null"}},
		"empty":             {"{}", []string{noEvent, noBranch}},
		"unknown fields":    {with(`,"Then":[],"odd name":1`), []string{"Then: " + fields, `["odd name"]: ` + fields}},
		"given twice":       {with(`,"then":["mail"]`), []string{"then: is given twice: keep one of them"}},
		"empty branches":    {`{"event":{"type":"contact.created"},"then":[],"else":[]}`, []string{noBranch}},
		"name":              {with(`,"name":1`), []string{"name: must be a string, found a number"}},
		"long name":         {with(`,"name":"` + strings.Repeat("é", 201) + `"`), []string{"name: must have at most 200 characters"}},
		"description":       {with(`,"description":null`), []string{"description: must be a string, found null"}},
		"conditions' kind":  {with(`,"conditions":{}`), []string{"conditions: must be a string, found an object"}},
		"conditions":        {with(`,"conditions":"role=A;x"`), []string{`conditions: column 9: expected ".", "(" or "=" after "x", found the end`}},
		"state":             {with(`,"state":"invalid"`), []string{"state: must be active or paused"}},
		"state's kind":      {with(`,"state":true`), []string{"state: must be a string, found true"}},
		"event's kind":      {event(`"contact.created"`), []string{"event: must be an object, found a string"}},
		"event's fields":    {event(`{"type":"contact.created","values":1}`), []string{"event.values: is not a field of a rule's event, which has type, value: remove it"}},
		"no type":           {event(`{}`), []string{"event.type: is missing: write one of " + allTypes}},
		"type's kind":       {event(`{"type":1}`), []string{"event.type: must be a string, found a number"}},
		"unknown event":     {event(`{"type":"contact.Created","value":"x"}`), []string{"event.type: must be one of " + allTypes}},
		"value too many":    {event(`{"type":"email.opened","value":"x"}`), []string{"event.value: does not belong to email.opened: remove it"}},
		"null is a value":   {event(`{"type":"contact.created","value":null}`), []string{"event.value: does not belong to contact.created: remove it"}},
		"tag's kind":        {event(`{"type":"tag.added","value":1}`), []string{"event.value: must be a string, found a number"}},
		"empty tag":         {event(`{"type":"tag.removed","value":""}`), []string{"event.value: must not be empty: leave it out for any"}},
		"no score":          {event(`{"type":"score.reached"}`), []string{"event.value: is missing: score.reached needs the number to reach, such as 100"}},
		"score's kind":      {event(`{"type":"score.reached","value":[1]}`), []string{"event.value: must be the number to reach, such as 100"}},
		"score":             {event(`{"type":"score.reached","value":"many"}`), []string{"event.value: must be the number to reach, such as 100"}},
		"no number":         {event(`{"type":"score.reached","value":"NaN"}`), []string{"event.value: must be the number to reach, such as 100"}},
		"large score":       {event(`{"type":"score.reached","value":1e999}`), []string{"event.value: must be the number to reach, such as 100"}},
		"branch's kind":     {with(`,"else":"crm"`), []string{"else: must be a list, found a string"}},
		"interface's kind":  {with(`,"else":["mail",1]`), []string{"else[1]: must be a string, found a number"}},
		"interface's name":  {with(`,"else":["a b"]`), []string{"else[0]: must be the name of an interface: letters, digits, _ . and -, at most 63"}},
		"twice":             {with(`,"else":["crm","mail","crm"]`), []string{"else[2]: is listed twice"}},
		"missing interface": {with(`,"else":["none"]`), []string{"else[0]: names no interface of the organization: write the parameter interfaces/none with the type rule-webhook"}},
		"of another type": {with(`,"else":["contacts","unknown"]`), []string{
			"else[0]: names an interface that is no rule-webhook: rules call no other", "else[1]: names an interface that is no rule-webhook: rules call no other",
		}},
		"limits' kind":   {with(`,"limits":1`), []string{"limits: must be an object, found a number"}},
		"limits' fields": {with(`,"limits":{"max":1}`), []string{"limits.max: is not a field of a rule's limits, which has maxPerContact, minIntervalMinutes: remove it"}},
		"limits that cannot be": {with(`,"limits":{"maxPerContact":0,"minIntervalMinutes":525601}`), []string{
			"limits.maxPerContact: must be a whole number of 1 to 1000000000 times", "limits.minIntervalMinutes: must be a whole number of 1 to 525600 minutes",
		}},
		"negative and broken limits": {with(`,"limits":{"maxPerContact":1.5,"minIntervalMinutes":-1}`), []string{
			"limits.maxPerContact: must be a whole number of 1 to 1000000000 times", "limits.minIntervalMinutes: must be a whole number of 1 to 525600 minutes",
		}},
		"limits as text": {with(`,"limits":{"maxPerContact":"3"}`), []string{"limits.maxPerContact: must be a number, found a string"}},
		"all at once": {`{"limits":{"maxPerContact":0},"event":{"type":"score.reached","value":"x"},"conditions":"=","else":["none"],"colour":1,"state":"on"}`, []string{
			"limits.maxPerContact: must be a whole number of 1 to 1000000000 times", "event.value: must be the number to reach, such as 100",
			`conditions: column 1: expected a name, found "="`,
			"else[0]: names no interface of the organization: write the parameter interfaces/none with the type rule-webhook",
			"colour: " + fields, "state: must be active or paused",
		}},
	} {
		d, faults := rule.Parse([]byte(test.source), interfaces())
		if d != nil || len(faults) == 0 {
			t.Errorf("%s: no fault", name)
		}
		if diff := cmp.Diff(test.want, texts(faults)); diff != "" {
			t.Errorf("%s: faults (-want +got):\n%s", name, diff)
		}
	}
}

func TestFaultsShowWhatWasFound(t *testing.T) {
	t.Parallel()
	_, faults := rule.Parse([]byte(`{"event":{"type":"x"},"then":["none"],"limits":{"maxPerContact":0},"state":true,"conditions":[]}`), nil)
	got, err := json.Marshal(faults)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"value":"x"`, `"value":"none"`, `"value":0`, `"value":true`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("faults %s do not show %s", got, want)
		}
	}
}

func TestInterfacesOf(t *testing.T) {
	t.Parallel()
	for source, want := range map[string][]string{
		`{"then":["a","b"],"else":["b","c"]}`:               {"a", "b", "c"},
		`{"then":["a",1,"","x y"],"else":"b","event":null}`: {"a"},
		`{"else":["z"],"colour":1}`:                         {"z"},
		`{`:                                                 nil,
		`[]`:                                                nil,
		`{"then":{}}`:                                       nil,
	} {
		if diff := cmp.Diff(want, rule.InterfacesOf([]byte(source))); diff != "" {
			t.Errorf("interfaces of %s (-want +got):\n%s", source, diff)
		}
	}
}

func TestUnmarshalOfAnotherForm(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`{"v":0}`, `{`, `{"v":1,"conditions":"="}`} {
		if _, err := rule.Unmarshal([]byte(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

// FuzzParse: whatever the text, there is a definition or a fault; a definition is kept and read as it is.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		`{"event":{"type":"score.reached","value":1e3},"then":["crm"],"limits":{"maxPerContact":2,"minIntervalMinutes":5}}`,
		`{"name":"é","event":{"type":"tag.added","value":"\u0000"},"conditions":"a=b\\;c","else":["mail"],"state":"paused"}`,
		`{"event":{"type":"contact.created"},"then":["crm"],"then":[]}`, `{"event":[]}`, `[1]`, `{"a b":{}}`, "\"\xff\"", `{"then":[[]]}`, ` `, `-`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, source string) {
		rule.InterfacesOf([]byte(source))
		d, faults := rule.Parse([]byte(source), interfaces())
		if (d == nil) == (len(faults) == 0) {
			t.Fatalf("definition %v, faults %v", d, faults)
		}
		if d == nil {
			return
		}
		kept, err := rule.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		read, err := rule.Unmarshal(kept)
		if err != nil {
			t.Fatal(err)
		}
		again, err := rule.Marshal(read)
		if err != nil || string(again) != string(kept) {
			t.Errorf("kept as %s, then as %s, error %v", kept, again, err)
		}
		if len(d.Then)+len(d.Else) == 0 || d.Event.Type == "" {
			t.Errorf("%s makes %+v", source, d)
		}
	})
}
