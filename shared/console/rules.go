package console

import (
	"net/http"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// rulesPage lists rules.
type rulesPage struct {
	Rules []ruleRow
	Pager pager
}

// ruleRow is a rule on one line.
type ruleRow struct {
	manage.Rule
	Name, Event, Then, Else string
}

func (s *site) rules(v *visit) error {
	list, err := v.list("rules")
	if err != nil {
		return err
	}
	found, err := s.Manage.Rules(v.http.Context(), v.organization, list)
	if err != nil {
		return err
	}
	p := rulesPage{Pager: v.pager(found.Next, "rules")}
	for _, r := range found.Items {
		p.Rules = append(p.Rules, rowOfRule(r))
	}
	return v.show(http.StatusOK, "rules", "Rules", p)
}

func rowOfRule(r manage.Rule) ruleRow {
	row := ruleRow{Rule: r}
	text, err := writtenText(r.Configuration)
	d, ok := readDocument(text)
	if err != nil || !ok {
		return row
	}
	show := func(k kind, name string) string { return field{Name: name, Kind: k}.read(d) }
	row.Name, row.Then, row.Else = show(line, "name"), show(commas, "then"), show(commas, "else")
	row.Event = strings.TrimSpace(show(line, "event.type") + " " + show(line, "event.value"))
	return row
}

// rulePage is a rule's JSON.
type rulePage struct {
	ID     field
	New    bool
	State  string
	ETag   string
	Text   string
	Faults fault.List
	All    int
}

// newRuleText is where a new rule begins.
const newRuleText = `{
  "name": "",
  "event": {"type": "tag.added", "value": "VIP"},
  "conditions": "",
  "then": [],
  "state": "active"
}`

func ruleID(value string, faults fault.List) field {
	return field{
		Name: "id", Label: "Id", Kind: line, Required: true, Value: value, Faults: faults, Help: "Letters, digits, _ . and -, at most 63. It cannot be changed later.",
	}
}

func (s *site) newRule(v *visit) error {
	return v.show(http.StatusOK, "rule", "New rule", rulePage{ID: ruleID("", nil), New: true, Text: newRuleText})
}

func (s *site) createRule(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	id, text := strings.TrimSpace(form.Get("id")), unixLines(form.Get("text"))
	p := rulePage{New: true, Text: text}
	refuse := func(about string) error {
		var faults fault.List
		faults.Add("id", "%s", about)
		p.ID, p.All = ruleID(id, faults), 1
		return v.show(http.StatusUnprocessableEntity, "rule", unsaved("new rule"), p)
	}
	if !hook.ValidName(id) {
		return refuse(hook.NameRule)
	}
	_, err = s.Manage.PutRule(v.http.Context(), v.who(), id, manage.Write{Body: []byte(text), IfNoneMatch: []string{"*"}})
	switch r := refusal.Of(err); {
	case err == nil:
		return v.done("created", "rules", id)
	case r != nil && r.Status == http.StatusPreconditionFailed:
		return refuse("there is a rule of this id already: choose another")
	case r != nil && len(r.Faults) > 0:
		p.ID, p.Faults, p.All = ruleID(id, nil), r.Faults, len(r.Faults)
		return v.show(http.StatusUnprocessableEntity, "rule", unsaved("new rule"), p)
	}
	return err
}

func (s *site) rule(v *visit) error {
	r, err := s.Manage.Rule(v.http.Context(), v.organization, v.path("id"))
	if err != nil {
		return err
	}
	text, err := writtenText(r.Configuration)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "rule", r.ID, rulePage{
		ID: ruleID(r.ID, nil), State: r.State, ETag: r.ETag, Text: pretty(text), Faults: r.Faults, All: len(r.Faults),
	})
}

func (s *site) saveRule(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	id, text, etag := v.path("id"), unixLines(form.Get("text")), form.Get("etag")
	_, err = s.Manage.PutRule(v.http.Context(), v.who(), id, manage.Write{Body: []byte(text), IfMatch: []string{etag}})
	switch r := refusal.Of(err); {
	case err == nil:
		return v.done("saved", "rules", id)
	case r != nil && r.Status == http.StatusPreconditionFailed:
		return v.ruleConflict(id, text)
	case r != nil && len(r.Faults) > 0:
		return v.show(http.StatusUnprocessableEntity, "rule", unsaved(id), rulePage{
			ID: ruleID(id, nil), ETag: etag, Text: text, Faults: r.Faults, All: len(r.Faults),
		})
	}
	return err
}

// ruleConflict shows what is written now beside what was to be.
func (v *visit) ruleConflict(id, mine string) error {
	r, err := v.Manage.Rule(v.http.Context(), v.organization, id)
	if err != nil {
		return err
	}
	text, err := writtenText(r.Configuration)
	if err != nil {
		return err
	}
	of := v.link(nil, v.organization, "rules", id)
	return v.showConflict(conflictPage{Name: id, ETag: r.ETag, Theirs: pretty(text), Mine: pretty([]byte(mine)), Save: of, Leave: of})
}

// askDeleteRule says what deleting means before it is done.
func (s *site) askDeleteRule(v *visit) error {
	r, err := s.Manage.Rule(v.http.Context(), v.organization, v.path("id"))
	if err != nil {
		return err
	}
	return v.sure(surePage{
		Heading: "Delete this rule?", Name: r.ID, Text: "It calls nobody any more, and its counts are forgotten.",
		Hidden: []hidden{{"etag", r.ETag}}, Button: "Delete rule", Back: v.link(nil, v.organization, "rules", r.ID),
	})
}

func (s *site) deleteRule(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	err = s.Manage.DeleteRule(v.http.Context(), v.who(), v.path("id"), manage.Write{IfMatch: []string{form.Get("etag")}})
	if r := refusal.Of(err); r != nil && r.Status == http.StatusPreconditionFailed {
		return changedMeanwhile("rule")
	}
	if err != nil {
		return err
	}
	return v.done("deleted", "rules")
}
