package rule_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

type data = map[string]any

// waiting is one rule for each event, named by it; extra are more.
func waiting(t testing.TB, extra ...string) *rule.Set {
	t.Helper()
	events := append([]string{
		`contact.created`, `contact.updated`, `contact.deleted`, `tag.added`, `tag.added "vip"`, `tag.removed`, `tag.removed "vip"`,
		`score.reached 100`, `score.reached 50.5`, `score.reached -1`, `funnel.changed`, `funnel.changed "won"`,
		`email.sent`, `email.opened`, `email.clicked`, `email.bounced`, `email.unsubscribed`,
	}, extra...)
	var rules []rule.Rule
	for _, event := range events {
		rules = append(rules, of(t, event))
	}
	return rule.NewSet(rules)
}

// of is a rule that waits for an event, its type and perhaps a value; the rule's id is the same text.
func of(t testing.TB, event string) rule.Rule {
	t.Helper()
	kind, value := event, ""
	if n, _ := fmt.Sscanf(event, "%s %s", &kind, &value); n == 2 {
		value = `,"value":` + value
	}
	d := parse(t, fmt.Sprintf(`{"event":{"type":%q%s},"then":["crm"]}`, kind, value))
	return rule.Rule{Organization: "demo", ID: event, State: hook.Active, Definition: d}
}

func ids(rules []rule.Rule) []string {
	var list []string
	for _, r := range rules {
		list = append(list, r.ID)
	}
	slices.Sort(list)
	return list
}

func contactChange(before, after data) change.Change {
	kind := change.Edit
	switch {
	case before == nil:
		kind = change.Create
	case after == nil:
		kind = change.Delete
	}
	return change.Change{Key: change.Key{Organization: "demo", Entity: "contact", ID: "1"}, Kind: kind, Old: before, New: after}
}

func TestContactsChanges(t *testing.T) {
	t.Parallel()
	number := func(n string) data { return data{"score": json.Number(n)} }
	tags := func(list ...any) data { return data{"tags": list} }
	stage := func(name any) data { return data{"funnelStage": name} }
	for name, test := range map[string]struct {
		before, after data
		want          []string
	}{
		"created":                        {nil, data{}, []string{"contact.created"}},
		"updated":                        {data{}, data{"a": "b"}, []string{"contact.updated"}},
		"deleted":                        {data{}, nil, []string{"contact.deleted"}},
		"created with a tag and a score": {nil, data{"tags": []any{"vip"}, "score": json.Number("60")}, []string{"contact.created", "score.reached -1", "score.reached 50.5", "tag.added", `tag.added "vip"`}},
		"created in a stage":             {nil, stage("won"), []string{"contact.created"}},
		"deleted with all":               {data{"tags": []any{"vip"}, "score": json.Number("60"), "funnelStage": "won"}, nil, []string{"contact.deleted"}},
		"tag added":                      {tags("a"), tags("a", "b"), []string{"contact.updated", "tag.added"}},
		"two added, one firing":          {data{}, tags("a", "b"), []string{"contact.updated", "tag.added"}},
		"the tag added, with others":     {tags("a"), tags("x", "vip", "a"), []string{"contact.updated", "tag.added", `tag.added "vip"`}},
		"tag in another case":            {data{}, tags("VIP"), []string{"contact.updated", "tag.added"}},
		"listed once more":               {tags("vip"), tags("vip", "vip"), []string{"contact.updated"}},
		"another order":                  {tags("a", "vip"), tags("vip", "a"), []string{"contact.updated"}},
		"tag removed":                    {tags("vip", "a"), tags("a"), []string{"contact.updated", "tag.removed", `tag.removed "vip"`}},
		"tags gone":                      {tags("a"), data{}, []string{"contact.updated", "tag.removed"}},
		"one added, one removed":         {tags("vip"), tags("a"), []string{"contact.updated", "tag.added", "tag.removed", `tag.removed "vip"`}},
		"odd tags":                       {data{"tags": "vip"}, tags(nil, true, json.Number("7"), data{}), []string{"contact.updated", "tag.added"}},
		"score reached exactly":          {number("99"), number("100"), []string{"contact.updated", "score.reached 100"}},
		"score passed, two at once":      {number("50"), number("1000"), []string{"contact.updated", "score.reached 100", "score.reached 50.5"}},
		"score was there":                {number("100"), number("101"), []string{"contact.updated"}},
		"score falls":                    {number("200"), number("10"), []string{"contact.updated"}},
		"score from nothing":             {data{}, number("50.5"), []string{"contact.updated", "score.reached -1", "score.reached 50.5"}},
		"score from nonsense":            {data{"score": "many"}, number("0"), []string{"contact.updated", "score.reached -1"}},
		"score to nothing":               {number("200"), data{}, []string{"contact.updated"}},
		"score as text":                  {data{"score": "99"}, data{"score": "1e2"}, []string{"contact.updated", "score.reached 100"}},
		"score below all":                {data{}, number("-2"), []string{"contact.updated"}},
		"score almost":                   {number("50.4"), number("50.49"), []string{"contact.updated"}},
		"stage changes":                  {stage("lead"), stage("lost"), []string{"contact.updated", "funnel.changed"}},
		"to the stage":                   {stage("lead"), stage("won"), []string{"contact.updated", "funnel.changed", `funnel.changed "won"`}},
		"from the stage":                 {stage("won"), stage("lost"), []string{"contact.updated", "funnel.changed"}},
		"first stage":                    {data{}, stage("won"), []string{"contact.updated", "funnel.changed", `funnel.changed "won"`}},
		"stage gone":                     {stage("won"), stage(nil), []string{"contact.updated", "funnel.changed"}},
		"same stage":                     {stage("won"), data{"funnelStage": "won", "a": "b"}, []string{"contact.updated"}},
	} {
		if diff := cmp.Diff(test.want, ids(waiting(t).Concerned(contactChange(test.before, test.after)))); diff != "" {
			t.Errorf("%s: rules concerned (-want +got):\n%s", name, diff)
		}
	}
}

func TestMessagesChanges(t *testing.T) {
	t.Parallel()
	event := func(name, at string) any { return data{"event": name, "at": at} }
	message := func(events ...any) data { return data{"channel": "email", "contactNumber": "7", "events": events} }
	sms := message(event("sent", "1"))
	sms["channel"] = "sms"
	nobody := message(event("sent", "1"))
	delete(nobody, "contactNumber")
	numbered := message(event("sent", "1"))
	numbered["contactNumber"] = json.Number("7")
	for name, test := range map[string]struct {
		before, after data
		want          []string
	}{
		"created with events":           {nil, message(event("sent", "1"), event("opened", "2")), []string{"email.opened", "email.sent"}},
		"event added":                   {message(event("sent", "1")), message(event("sent", "1"), event("clicked", "2")), []string{"email.clicked"}},
		"added before others":           {message(event("opened", "2")), message(event("bounced", "1"), event("opened", "2")), []string{"email.bounced"}},
		"opened again":                  {message(event("opened", "1")), message(event("opened", "1"), event("opened", "2")), []string{"email.opened"}},
		"the same twice":                {message(event("opened", "1")), message(event("opened", "1"), event("opened", "1")), []string{"email.opened"}},
		"two of a kind, one firing":     {message(), message(event("opened", "1"), event("opened", "2")), []string{"email.opened"}},
		"unsubscribed":                  {message(), message(event("unsubscribed", "1")), []string{"email.unsubscribed"}},
		"nothing added":                 {message(event("sent", "1"), event("opened", "2")), message(event("opened", "2")), nil},
		"what no rule is for":           {message(), message(event("spam", "1"), event("sent.hard", "2"), "odd", nil, data{"event": true}), nil},
		"the channel changed":           {sms, message(event("sent", "1")), nil},
		"a text message":                {nil, sms, nil},
		"to nobody":                     {nil, nobody, nil},
		"the contact's number a number": {nil, numbered, []string{"email.sent"}},
		"deleted":                       {message(event("sent", "1")), nil, nil},
		"events that are no list":       {nil, data{"channel": "email", "contactNumber": "7", "events": "sent"}, nil},
	} {
		c := contactChange(test.before, test.after)
		c.Entity = rule.Message
		if diff := cmp.Diff(test.want, ids(waiting(t).Concerned(c))); diff != "" {
			t.Errorf("%s: rules concerned (-want +got):\n%s", name, diff)
		}
		if test.want != nil && rule.ContactOf(c) != (change.Key{Organization: "demo", Entity: "contact", ID: "7"}) {
			t.Errorf("%s: about %v", name, rule.ContactOf(c))
		}
	}
	other := contactChange(nil, message(event("sent", "1")))
	other.Entity = "order"
	if got := waiting(t).Concerned(other); got != nil {
		t.Errorf("an order concerns %v", ids(got))
	}
}

func TestRulesThatDoNotWork(t *testing.T) {
	t.Parallel()
	paused, invalid := of(t, "contact.created"), of(t, "contact.created")
	paused.State, invalid.State, invalid.Definition = hook.Paused, hook.Invalid, nil
	for name, list := range map[string][]rule.Rule{"none": nil, "none that works": {paused, invalid}} {
		if set := rule.NewSet(list); set != nil || set.Concerned(contactChange(nil, data{})) != nil {
			t.Errorf("%s: set %+v", name, set)
		}
	}
}

// TestScoresOfManyRules compares with asking each rule.
func TestScoresOfManyRules(t *testing.T) {
	t.Parallel()
	var events []string
	for i := range 40 {
		events = append(events, fmt.Sprintf("score.reached %d", i*7%30))
	}
	var rules []rule.Rule
	for i, event := range events {
		r := of(t, event)
		r.ID = fmt.Sprint(i)
		rules = append(rules, r)
	}
	set := rule.NewSet(rules)
	for before := -2; before < 33; before++ {
		for after := -2; after < 33; after++ {
			var want []string
			for _, r := range rules {
				if n := r.Definition.Event.Score; float64(before) < n && n <= float64(after) {
					want = append(want, r.ID)
				}
			}
			slices.Sort(want)
			c := contactChange(data{"score": json.Number(fmt.Sprint(before))}, data{"score": json.Number(fmt.Sprint(after))})
			if diff := cmp.Diff(want, ids(set.Concerned(c))); diff != "" {
				t.Fatalf("from %d to %d (-want +got):\n%s", before, after, diff)
			}
		}
	}
}

// BenchmarkConcerned is an update beside one rule that it concerns, and beside 1,000 more that wait for something else.
func BenchmarkConcerned(b *testing.B) {
	c := contactChange(data{"tags": []any{"a"}, "score": json.Number("1")}, data{"tags": []any{"a", "b"}, "score": json.Number("2")})
	for _, others := range []int{0, 1000} {
		b.Run(fmt.Sprint(others), func(b *testing.B) {
			extra := []string{}
			for i := range others {
				extra = append(extra, []string{
					fmt.Sprintf(`tag.added "t%d"`, i), fmt.Sprintf(`score.reached %d`, 1000+i), `contact.deleted`, fmt.Sprintf(`funnel.changed "s%d"`, i),
				}[i%4])
			}
			set := waiting(b, extra...)
			for b.Loop() {
				if got := set.Concerned(c); len(got) != 2 {
					b.Fatal(ids(got))
				}
			}
		})
	}
}
