package console

import (
	"net/http"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// interfacePage is what all pages of one interface show.
type interfacePage struct {
	manage.Interface
	// Tab is general, schedules or executions; View is form or json on the first.
	Tab, View string
	// Written is the parameter's text.
	Written []byte
	// Contacts says that the interface sends contacts by schedules, not events as they happen.
	Contacts bool
}

// theInterface reads the interface of the path.
func (v *visit) theInterface(tab, view string) (interfacePage, error) {
	is, err := v.Manage.Interface(v.http.Context(), v.organization, v.path("name"))
	if err != nil {
		return interfacePage{}, err
	}
	written, err := writtenText(is.Configuration)
	if err != nil {
		return interfacePage{}, err
	}
	return interfacePage{is, tab, view, written, !is.Type.TellsEvents()}, nil
}

// generalPage is the form, what the interface does at a glance, and the sample to send.
type generalPage struct {
	interfacePage
	configurationForm
	Plot   plot
	Sample field
}

// general shows the interface as a form over what Parameter Store holds.
func (s *site) general(v *visit) error {
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	form := v.written(&is)
	return v.showGeneral(http.StatusOK, is.Name, is, form, field{})
}

// showGeneral shows the form with what stands beside it; with a sample that was refused where that is given.
func (v *visit) showGeneral(status int, title string, is interfacePage, form configurationForm, sample field) error {
	fared, err := v.Manage.Fared(v.http.Context(), v.organization, is.Name)
	if err != nil {
		return err
	}
	return v.show(status, "interface", title, generalPage{is, form, plotOf(fared, v.Now()), sample})
}

// showUnsaved shows the form again as it was sent, with what is wrong with it.
func (v *visit) showUnsaved(is interfacePage, form configurationForm) error {
	return v.showGeneral(http.StatusUnprocessableEntity, unsaved(is.Name), is, form, field{})
}

// unsaved is the title of a form that was sent and has faults.
func unsaved(name string) string { return "Not saved: " + name }

// saveGeneral writes the form's fields over what Parameter Store holds.
func (s *site) saveGeneral(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	d, ok := readDocument(is.Written)
	if !ok {
		return refusal.New(http.StatusConflict, "the parameter is no JSON object any more: open the interface again")
	}
	for _, g := range formOf(is.Type) {
		for _, f := range g.Fields {
			f.write(d, form.Get(f.Name))
		}
	}
	return v.put(is, d.text(), form.Get("etag"), "saved", func(faults fault.List) error {
		return v.showUnsaved(is, v.formOver(is, d, form, faults))
	}, "interfaces", is.Name)
}

// put writes an interface's text if the parameter is still the one of the tag, and leads to a page; with faults the form
// is shown again, and where somebody wrote meanwhile both states are.
func (v *visit) put(is interfacePage, text []byte, etag, done string, faulty func(fault.List) error, segments ...string) error {
	_, err := v.Manage.PutInterface(v.http.Context(), v.who(), is.Name, manage.Write{Body: text, IfMatch: []string{etag}})
	switch r := refusal.Of(err); {
	case err == nil:
		return v.done(done, segments...)
	case r != nil && len(r.Faults) > 0:
		return faulty(r.Faults)
	case r != nil && r.Status == http.StatusPreconditionFailed:
		return v.conflict(is.Name, text)
	}
	return err
}

// interfaceText shows the JSON itself.
func (s *site) interfaceText(v *visit) error {
	is, err := v.theInterface("general", "json")
	if err != nil {
		return err
	}
	return v.showGeneral(http.StatusOK, is.Name+": JSON", is, textForm(pretty(is.Written), is.ETag, is.Faults), field{})
}

func (s *site) saveInterfaceText(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	is, err := v.theInterface("general", "json")
	if err != nil {
		return err
	}
	text := unixLines(form.Get("text"))
	return v.put(is, []byte(text), form.Get("etag"), "saved", func(faults fault.List) error {
		return v.showUnsaved(is, textForm(text, form.Get("etag"), faults))
	}, "interfaces", is.Name, "json")
}

func unixLines(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }

// saveState pauses an interface or lets it work again.
func (s *site) saveState(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	d, ok := readDocument(is.Written)
	state, done := hook.Active, "resumed"
	if form.Get("state") == string(hook.Paused) {
		state, done = hook.Paused, "paused"
	}
	if !ok {
		return refusal.New(http.StatusConflict, "the parameter is no JSON object: mend it first")
	}
	d.put("state", quoted(string(state)))
	return v.put(is, d.text(), form.Get("etag"), done, func(faults fault.List) error {
		return v.showUnsaved(is, v.formOver(is, d, nil, faults))
	}, "interfaces", is.Name)
}

// askDeleteInterface says what deleting means before it is done.
func (s *site) askDeleteInterface(v *visit) error {
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	text := "It is told no more events."
	if is.Contacts {
		text = plural(is.Waiting, "contact") + " that wait to be sent will be forgotten."
		if is.Waiting == 1 {
			text = "1 contact that waits to be sent will be forgotten."
		}
	}
	return v.sure(surePage{
		Heading: "Delete this interface?", Name: is.Name,
		Text:   text + " Deliveries under way end as cancelled; those that were made stay in the list. The configuration itself is gone.",
		Hidden: []hidden{{"etag", is.ETag}}, Button: "Delete interface", Back: v.link(nil, v.organization, "interfaces", is.Name),
	})
}

func (s *site) deleteInterface(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	write := manage.Write{IfMatch: []string{form.Get("etag")}}
	err = s.Manage.DeleteInterface(v.http.Context(), v.who(), v.path("name"), write)
	if r := refusal.Of(err); r != nil && r.Status == http.StatusPreconditionFailed {
		return changedMeanwhile("interface")
	}
	if err != nil {
		return err
	}
	return v.done("deleted")
}

// changedMeanwhile refuses to delete what is another than was looked at.
func changedMeanwhile(what string) error {
	return refusal.New(http.StatusPreconditionFailed, "somebody changed the %s meanwhile: look at it again before you delete it", what)
}
