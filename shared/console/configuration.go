package console

import (
	"fmt"
	"net/url"
	"strings"

	"crmhook/shared/access"
	"crmhook/shared/fault"
)

// configurationForm is a form over an interface's configuration, or the text itself.
type configurationForm struct {
	ETag   string
	Groups []group
	// Left are faults that stand beside no field, Schedules those in schedules; All counts them with the others.
	Left      fault.List
	Schedules []placed
	All       int
	// Text is the JSON where that is edited, or where no form can show it.
	Text string
	// Unshowable says that the text is none that a form can show.
	Unshowable bool
	Secrets    []string
}

// placed is a fault with a link to the page that shows it beside its field.
type placed struct {
	fault.Fault
	Link string
}

// written is the form over what is written; the text itself where no form can show it.
func (v *visit) written(is *interfacePage) configurationForm {
	d, ok := readDocument(is.Written)
	if !ok || is.Type == "" {
		is.View = "json"
		return configurationForm{ETag: is.ETag, Left: is.Faults, All: len(is.Faults), Text: pretty(is.Written), Unshowable: true}
	}
	return v.formOver(*is, d, nil, is.Faults)
}

// formOver is the form of a document, with what was sent in its place where that is given.
func (v *visit) formOver(is interfacePage, d *document, sent url.Values, faults fault.List) configurationForm {
	form := configurationForm{ETag: is.ETag, All: len(faults), Groups: formOf(is.Type), Secrets: v.secretNames()}
	v.linkSecrets(form.Groups)
	if sent != nil {
		form.ETag = sent.Get("etag")
	}
	for _, found := range fillGroups(form.Groups, d, sent, faults) {
		if i, ok := scheduleOf(found.Location); ok {
			form.Schedules = append(form.Schedules, placed{found, v.link(nil, v.organization, "interfaces", is.Name, "schedules", i)})
			continue
		}
		form.Left = append(form.Left, found)
	}
	return form
}

// scheduleOf is the number of the schedule that a fault is in.
func scheduleOf(location string) (string, bool) {
	rest, ok := strings.CutPrefix(location, "schedules[")
	if !ok {
		return "", false
	}
	number, _, closed := strings.Cut(rest, "]")
	return number, closed
}

// linkSecrets lets the fields that name a secret lead to where secrets are kept.
func (v *visit) linkSecrets(groups []group) {
	for _, g := range groups {
		for i := range g.Fields {
			if g.Fields[i].Suggest == secretList {
				g.Fields[i].HelpLink = v.link(nil, v.organization, "secrets")
			}
		}
	}
}

// fillGroups is fill over all groups of a form.
func fillGroups(groups []group, d *document, sent url.Values, faults fault.List) fault.List {
	for i := range groups {
		faults = fill(groups[i].Fields, d, sent, faults)
	}
	return faults
}

// secretNames are those to suggest; without them the form works too.
func (v *visit) secretNames() []string {
	if !v.may(access.Alter) {
		return nil
	}
	secrets, err := v.Manage.Secrets(v.http.Context(), v.organization)
	if err != nil {
		v.answer.trouble = fmt.Errorf("list secrets to suggest: %w", err)
		return nil
	}
	list := make([]string, len(secrets))
	for i, secret := range secrets {
		list[i] = secret.Name
	}
	return list
}

func textForm(text, etag string, faults fault.List) configurationForm {
	return configurationForm{ETag: etag, Left: faults, All: len(faults), Text: text}
}
