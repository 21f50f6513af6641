package console

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// createPage makes an interface: first its type is chosen, then its fields are filled in.
type createPage struct {
	Types []hook.Type
	Type  hook.Type
	Name  field
	configurationForm
}

func nameField() field {
	return field{Name: "name", Label: "Internal name", Kind: line, Required: true, Help: "Letters, digits, _ . and -, at most 63. It cannot be changed later."}
}

// newInterface asks for the type, then shows its form.
func (s *site) newInterface(v *visit) error {
	t := hook.Type(v.query("type"))
	if !slices.Contains(types(), t) {
		return v.show(http.StatusOK, "new-interface", "New interface", createPage{Types: types()})
	}
	return v.showCreate(http.StatusOK, t, nil, nil)
}

func (v *visit) showCreate(status int, t hook.Type, sent url.Values, faults fault.List) error {
	p := createPage{Type: t, Name: nameField(), configurationForm: configurationForm{Groups: formOf(t), All: len(faults), Secrets: v.secretNames()}}
	v.linkSecrets(p.Groups)
	name := []field{p.Name}
	faults = fill(name, newDocument(), sent, faults)
	p.Name = name[0]
	p.Left = fillGroups(p.Groups, newDocument(), sent, faults)
	title := "New " + typeName(t)
	if status != http.StatusOK {
		title = unsaved(title)
	}
	return v.show(status, "new-interface", title, p)
}

// createInterface writes a new interface; its first schedule comes next.
func (s *site) createInterface(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	t, name := hook.Type(form.Get("type")), strings.TrimSpace(form.Get("name"))
	if !slices.Contains(types(), t) {
		return v.goTo(v.link(nil, v.organization, "new-interface"))
	}
	d := newDocument()
	d.put("type", quoted(string(t)))
	for _, g := range formOf(t) {
		for _, f := range g.Fields {
			f.write(d, form.Get(f.Name))
		}
	}
	if !hook.ValidName(name) {
		var faults fault.List
		faults.Add("name", "%s", hook.NameRule)
		return v.showCreate(http.StatusUnprocessableEntity, t, form, faults)
	}
	_, err = s.Manage.PutInterface(v.http.Context(), v.who(), name, manage.Write{Body: d.text(), IfNoneMatch: []string{"*"}})
	switch r := refusal.Of(err); {
	case err == nil && t.TellsEvents():
		return v.done("created", "interfaces", name)
	case err == nil:
		return v.done("created", "interfaces", name, "schedules")
	case r != nil && r.Status == http.StatusPreconditionFailed:
		var faults fault.List
		faults.Add("name", "there is an interface of this name already: choose another")
		return v.showCreate(http.StatusUnprocessableEntity, t, form, faults)
	case r != nil && len(r.Faults) > 0:
		return v.showCreate(http.StatusUnprocessableEntity, t, form, r.Faults)
	}
	return err
}
