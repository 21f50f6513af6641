package platform

import (
	"cmp"
	"html"
	"maps"
	"net/mail"
	"slices"
	"strings"
	"unicode"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// Bounds of a mail: of a subject in bytes (RFC 5322's longest line), of a part in bytes, both with their variables, and of an
// address and a name in characters.
const (
	longestSubject = 998
	mostPart       = 1_000_000
	longestAddress = 254
	longestAlias   = 100
)

// crm360Email reads CRM360's Email Send: a mail to one recipient whose Subject, HtmlMessage and TextMessage hold variables,
// {{var:Name}} or {{var:Name:"default"}}, of VariablePersoJson (an object, or JSON text of one). Values and defaults are
// escaped in HtmlMessage. Field names match without regard to case, as CRM360 itself takes them; other fields are kept under
// external.Crm360 of the message.
func crm360Email(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	r, faults = withVariables(r)
	m := crm360Mail{Reader: r}
	if len(faults) == 0 {
		m.values = crm360Variables(r)
	}
	e := Email{
		To: m.address("EmailTo", true), From: m.address("SenderEmail", true), ReplyTo: m.address("ReplyTo", false),
		Alias: m.alias(), Subject: m.subject(), HTML: m.part("HtmlMessage", html.EscapeString), Text: m.part("TextMessage", unescaped),
	}
	if page, plain := named(r, "HtmlMessage"), named(r, "TextMessage"); blank(r.Value(page)) && blank(r.Value(plain)) {
		r.Fault(page, "must be given, or TextMessage")
	}
	message := crm360Message(r, "email", e.To, crm360EmailFields())
	if faults = append(faults, r.Faults()...); len(faults) > 0 {
		return Plan{}, faults
	}
	message["from"], message["subject"] = e.From, e.Subject
	e.Message = message
	return Plan{People: somebodyBy(directory.Email, directory.EmailValue(e.To)), Email: &e}, nil
}

func crm360EmailFields() []string {
	return []string{"EmailTo", "SenderEmail", "SenderAlias", "ReplyTo", "Subject", "HtmlMessage", "TextMessage", "VariablePersoJson"}
}

// crm360Mail reads a mail's fields, putting the variables in. Without values all are taken as known: the faults say why
// they could not be read.
type crm360Mail struct {
	document.Reader
	values map[string]string
}

// address reads one bare address. SES takes ASCII alone.
func (m crm360Mail) address(field string, needed bool) string {
	name := named(m.Reader, field)
	if needed {
		m.Need(name)
	}
	address := strings.TrimSpace(m.Text(name))
	if address == "" {
		return ""
	}
	parsed, err := mail.ParseAddress(address)
	ascii := strings.IndexFunc(address, func(r rune) bool { return r > unicode.MaxASCII }) < 0
	switch {
	case err != nil || parsed.Address != address || directory.EmailValue(address) == "":
		m.Fault(name, "must be one e-mail address, as jane@example.com")
	case !ascii:
		m.Fault(name, "must be in ASCII: write the domain in punycode (xn--…)")
	case len(address) > longestAddress:
		m.Fault(name, "must be at most %d characters long", longestAddress)
	}
	return address
}

func (m crm360Mail) alias() string {
	name := named(m.Reader, "SenderAlias")
	alias := strings.TrimSpace(m.Text(name))
	if strings.IndexFunc(alias, unicode.IsControl) >= 0 {
		m.Fault(name, "must be without line breaks and other control characters")
	}
	if n := len([]rune(alias)); n > longestAlias {
		m.Fault(name, "must be at most %d characters long, found %d", longestAlias, n)
	}
	return alias
}

// subject is one line: with its variables too, so that none of them can add a header.
func (m crm360Mail) subject() string {
	name := named(m.Reader, "Subject")
	template := m.Need(name).Text(name)
	subject, fine := m.fill(name, template, unescaped, longestSubject)
	if fine && strings.IndexFunc(subject, unicode.IsControl) >= 0 {
		m.Fault(name, "must be without line breaks and other control characters, in its variables too")
	}
	if fine && template != "" && m.values != nil && strings.TrimSpace(subject) == "" {
		m.Fault(name, "must not be blank with its variables")
	}
	return subject
}

func (m crm360Mail) part(field string, escape func(string) string) string {
	name := named(m.Reader, field)
	part, _ := m.fill(name, m.Text(name), escape, mostPart)
	return part
}

// fill puts the variables into a field's text, noting what is wrong by its place.
func (m crm360Mail) fill(name, template string, escape func(string) string, most int) (filled string, fine bool) {
	parsed, wrong := parseText(template)
	filled, unfit := parsed.fill(m.values, escape, most)
	wrong = append(wrong, unfit...)
	slices.SortFunc(wrong, func(a, b misfit) int { return cmp.Compare(a.at, b.at) })
	for _, w := range wrong {
		m.Fault(name, "the placeholder at %s %s", place(template, w.at), w.message)
	}
	return filled, len(wrong) == 0
}

// withVariables gives the body with VariablePersoJson as an object where it is JSON text of one.
func withVariables(r document.Reader) (document.Reader, fault.List) {
	name := named(r, "VariablePersoJson")
	given, isText := r.Value(name).(string)
	if !isText {
		return r, nil
	}
	fields := maps.Clone(r.Fields())
	delete(fields, name)
	if strings.TrimSpace(given) == "" {
		return document.Read(fields), nil
	}
	variables, found, err := document.ParseObject([]byte(given))
	var faults fault.List
	if err != nil {
		faults.Add(name, "must be an object, or JSON text of one: %s", err)
	}
	for _, f := range found {
		faults.Add(name, "must be JSON text of an object that can be kept: %s", f)
	}
	if len(faults) == 0 {
		fields[name] = variables
	}
	return document.Read(fields), faults
}

// crm360Variables reads VariablePersoJson. A null is no value, so that a default stands for it.
func crm360Variables(r document.Reader) map[string]string {
	from := r.Object(named(r, "VariablePersoJson"))
	values := map[string]string{}
	for _, name := range sorted(from.Fields()) {
		value := from.Value(name)
		if read, fine := variableText(value); fine {
			values[name] = read
		} else if value != nil {
			from.Fault(name, "must be a string, a number, true or false")
		}
	}
	return values
}
