package console

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"crmhook/shared/access"
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

// generalPage is the form.
type generalPage struct {
	interfacePage
	configurationForm
}

// configurationForm is a form over an interface's configuration, or the text itself.
type configurationForm struct {
	ETag   string
	Groups []group
	// Left are faults that stand beside no field; All counts them with the others.
	Left fault.List
	All  int
	// Text is the JSON where that is edited, or where no form can show it.
	Text string
	// Unshowable says that the text is none that a form can show.
	Unshowable bool
	Secrets    []string
}

// general shows the interface as a form over what Parameter Store holds.
func (s *site) general(v *visit) error {
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	d, ok := readDocument(is.Written)
	if !ok || is.Type == "" {
		is.View = "json"
		return v.show(http.StatusOK, "interface", is.Name, generalPage{is, configurationForm{
			ETag: is.ETag, Left: is.Faults, All: len(is.Faults), Text: pretty(is.Written), Unshowable: true,
		}})
	}
	return v.showForm(http.StatusOK, is, d, nil, is.Faults)
}

// showForm shows a document in the form of its type, with what was sent in its place where that is given.
func (v *visit) showForm(status int, is interfacePage, d *document, sent url.Values, faults fault.List) error {
	form := configurationForm{ETag: is.ETag, All: len(faults), Groups: formOf(is.Type)}
	if sent != nil {
		form.ETag = sent.Get("etag")
	}
	form.Left = fillGroups(form.Groups, d, sent, faults)
	form.Secrets = v.secretNames()
	return v.show(status, "interface", is.Name, generalPage{is, form})
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
		return v.showForm(http.StatusUnprocessableEntity, is, d, form, faults)
	}, "interfaces", is.Name)
}

// put writes an interface's text if the parameter is still the one of the tag, and leads to a page; with faults the form
// is shown again, and where somebody wrote meanwhile both states are.
func (v *visit) put(is interfacePage, text []byte, etag, done string, faulty func(fault.List) error, segments ...string) error {
	_, err := v.Manage.PutInterface(v.http.Context(), v.who(), is.Name, manage.Write{Body: text, IfMatch: []string{etag}})
	switch r := refusal.Of(err); {
	case err == nil:
		return v.done(done, segments...)
	case r != nil && r.Status == http.StatusUnprocessableEntity && len(r.Faults) > 0:
		return faulty(r.Faults)
	case r != nil && r.Status == http.StatusPreconditionFailed:
		return v.conflict(is.Name, text)
	}
	return err
}

// conflictPage is what two people wrote.
type conflictPage struct {
	interfacePage
	Theirs, Mine string
}

// conflict shows what is written now beside what was to be.
func (v *visit) conflict(name string, mine []byte) error {
	is, err := v.theInterface("general", "json")
	if err != nil {
		return err
	}
	return v.show(http.StatusPreconditionFailed, "conflict", "Somebody saved "+name+" before you", conflictPage{is, pretty(is.Written), pretty(mine)})
}

// interfaceText shows the JSON itself.
func (s *site) interfaceText(v *visit) error {
	is, err := v.theInterface("general", "json")
	if err != nil {
		return err
	}
	return v.showText(http.StatusOK, is, pretty(is.Written), is.ETag, is.Faults)
}

func (v *visit) showText(status int, is interfacePage, text, etag string, faults fault.List) error {
	return v.show(status, "interface", is.Name, generalPage{is, configurationForm{ETag: etag, Left: faults, All: len(faults), Text: text}})
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
		return v.showText(http.StatusUnprocessableEntity, is, text, form.Get("etag"), faults)
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
		return v.showForm(http.StatusUnprocessableEntity, is, d, nil, faults)
	}, "interfaces", is.Name)
}

// askDeleteInterface says what deleting means before it is done.
func (s *site) askDeleteInterface(v *visit) error {
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "delete", "Delete "+is.Name, is)
}

func (s *site) deleteInterface(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	write := manage.Write{IfMatch: []string{form.Get("etag")}}
	err = s.Manage.DeleteInterface(v.http.Context(), v.who(), v.path("name"), write)
	if r := refusal.Of(err); r != nil && r.Status == http.StatusPreconditionFailed {
		return refusal.New(http.StatusPreconditionFailed, "somebody changed the interface meanwhile: look at it again before you delete it")
	}
	if err != nil {
		return err
	}
	return v.done("deleted")
}
