package console

import (
	"net/http"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/erase"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// secretsPage lists secrets and writes one. A value is never shown, not even the one that was just sent.
type secretsPage struct {
	Secrets []manage.Secret
	Fields  []field
	Left    fault.List
	All     int
}

func (s *site) secrets(v *visit) error {
	return v.showSecrets(http.StatusOK, v.query("name"), "", nil)
}

func (v *visit) showSecrets(status int, name, hosts string, faults fault.List) error {
	found, err := v.Manage.Secrets(v.http.Context(), v.organization)
	if err != nil {
		return err
	}
	if status == http.StatusOK {
		for _, secret := range found {
			if secret.Name == name {
				hosts = strings.Join(secret.Hosts, ", ")
			}
		}
	}
	p := secretsPage{Secrets: found, All: len(faults), Fields: []field{
		{Name: "name", Label: "Name", Kind: line, Required: true, Help: "An existing one is replaced."},
		{Name: "value", Label: "Value", Kind: "password", Required: true, Help: "It is kept in Parameter Store and never shown again."},
		{Name: "hosts", Label: "Hosts", Kind: commas, Help: "Names without port, separated by commas: the value is sent to these and to no other. A signing secret needs none."},
	}}
	p.Left = fill(p.Fields, newDocument(), nil, faults)
	p.Fields[0].Value, p.Fields[2].Value = name, hosts
	title := "Secrets"
	if status != http.StatusOK {
		title = unsaved("secret")
	}
	return v.show(status, "secrets", title, p)
}

func (s *site) saveSecret(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	name, hosts := strings.TrimSpace(form.Get("name")), form.Get("hosts")
	var faults fault.List
	if !hook.ValidName(name) {
		faults.Add("name", "%s", hook.NameRule)
	}
	if form.Get("value") == "" {
		faults.Add("value", "must not be empty")
	}
	if len(faults) > 0 {
		return v.showSecrets(http.StatusUnprocessableEntity, name, hosts, faults)
	}
	d := newDocument()
	d.put("value", quoted(form.Get("value")))
	d.put("hosts", encodeCommas(hosts))
	_, err = s.Manage.PutSecret(v.http.Context(), v.who(), name, d.text())
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		return v.showSecrets(http.StatusUnprocessableEntity, name, hosts, r.Faults)
	}
	if err != nil {
		return err
	}
	return v.done("secret", "secrets")
}

// askDeleteSecret says what deleting means before it is done.
func (s *site) askDeleteSecret(v *visit) error {
	return v.sure(surePage{
		Heading: "Delete this secret?", Name: v.path("name"), Text: "Interfaces that name it become invalid and send nothing.",
		Button: "Delete secret", Back: v.link(nil, v.organization, "secrets"),
	})
}

func (s *site) deleteSecret(v *visit) error {
	if err := s.Manage.DeleteSecret(v.http.Context(), v.who(), v.path("name")); err != nil {
		return err
	}
	return v.done("deleted", "secrets")
}

// erasePage asks for a contact, asks again, and says what was found.
type erasePage struct {
	ID field
	// Sure asks whether the contact is meant.
	Sure  bool
	Found *erase.Found
}

func eraseField(id string, faults fault.List) field {
	return field{Name: "id", Label: "Contact number", Kind: line, Required: true, Value: id, Faults: faults}
}

func (s *site) eraseForm(v *visit) error {
	id := strings.TrimSpace(v.query("id"))
	return v.show(http.StatusOK, "erase", "Erase a contact", erasePage{ID: eraseField(id, nil), Sure: id != ""})
}

// erase removes a contact's data where the number was written twice, and says what was found.
func (s *site) erase(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	id := strings.TrimSpace(form.Get("id"))
	if id == "" || strings.TrimSpace(form.Get("again")) != id {
		var faults fault.List
		faults.Add("again", "must be the same contact number once more")
		return v.show(http.StatusUnprocessableEntity, "erase", "Erase a contact", erasePage{ID: eraseField(id, faults), Sure: true})
	}
	if err := change.CheckID(change.Contact, id); err != nil {
		return refusal.New(http.StatusUnprocessableEntity, "%v", err)
	}
	found, err := s.Eraser.Erase(v.http.Context(), v.who(), id)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, "erase", "Erased", erasePage{ID: eraseField(id, nil), Found: &found})
}
