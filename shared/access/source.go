package access

import (
	"fmt"
	"slices"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
)

// Bounds of a source's lists.
const (
	MostSecrets     = 10
	MostShopDomains = 100
)

// Signs reports whether the proof is a signature over the body alone or with its time. It says nothing of the address
// that the request was sent to, so a secret of such a source must not serve another organization.
func (v Verify) Signs() bool { return v == Shopify || v == Zendesk || v == HMAC }

// Fields are the fields that matter to the source beside verify and matchByEmail; any other is a fault.
func (s Source) Fields() []string {
	var fields []string
	switch s.Verify {
	case Shopify:
		fields = []string{"secrets", "shopDomains"}
	case Zendesk, Token:
		fields = []string{"secrets"}
	case HMAC:
		fields = []string{"secrets", "header", "algorithm", "encoding", "prefix"}
	case Basic:
		fields = []string{"login", "secrets"}
	}
	if platform, _ := platformOf(s.Name); platform == CaptainWallet {
		fields = append(fields, "interface")
	}
	return fields
}

// ParseSource checks the parameter of a source. With any fault the Source is not to be used, but its Secrets are those
// that are written, in their places, so that they can be checked as well.
func ParseSource(organization, name, text string) (Source, fault.List) {
	s := Source{Organization: organization, Name: name}
	f, ok := read(text)
	if _, known := platformOf(name); !known {
		f.Add("", "its name must be a platform (%s) or {platform}-{SourceId} with a SourceId from 0 to %d: write it under another name and delete this one",
			strings.Join(Platforms(), ", "), mostSourceID)
	}
	if !ok {
		return s, f.List
	}
	if proven := f.verify(&s); !proven {
		s.Secrets = f.secrets(0)
		return s, f.List
	}
	fields := s.Fields()
	f.only(slices.Concat([]string{"verify", "matchByEmail"}, fields), s.what())
	s.MatchByEmail = f.flag("matchByEmail")
	for _, field := range fields {
		f.field(field, &s)
	}
	return s, f.List
}

// what names the source in messages.
func (s Source) what() string {
	if s.Verify == None {
		return "a source without verify"
	}
	return "a source with verify " + string(s.Verify)
}

// verify reads the proof, on which the other fields depend; it answers whether it is a known one.
func (f *form) verify(s *Source) bool {
	if !f.has("verify") {
		return true
	}
	text, ok := f.text("verify")
	s.Verify = Verify(text)
	switch s.Verify {
	case Shopify, Zendesk, HMAC, Basic, Token:
		return true
	}
	if ok {
		f.Add("verify", "must be shopify, zendesk, hmac, basic or token, or be left out where a key proves who is calling")
	}
	s.Verify = None
	return false
}

// field reads one of the fields that matter.
func (f *form) field(name string, s *Source) {
	switch name {
	case "secrets":
		s.Secrets = f.secrets(1)
	case "shopDomains":
		s.ShopDomains = f.texts(name, 1, MostShopDomains, func(text string) string {
			if validHost(text) {
				return ""
			}
			return "must be a shop's host name in lower case, such as x.myshopify.com"
		})
	case "header":
		s.Header = f.required(name, validToken, "must be the name of the header that carries the signature, such as X-Signature")
	case "algorithm":
		s.Algorithm = f.choice(name, "sha256", "sha512")
	case "encoding":
		s.Encoding = f.choice(name, "hex", "base64")
	case "prefix":
		s.Prefix = f.optional(name, func(text string) bool { return len(text) <= 64 && printable(text) }, "must be at most 64 printable ASCII characters, such as sha256=")
	case "login":
		s.Login = f.required(name, validLogin, "must be 1 to 255 characters without colon and control characters")
	case "interface":
		s.Interface = f.required(name, hook.ValidName, "must be the name of an event-webhook of the organization")
	}
}

// secrets reads names of secrets. They are not shown: people write the secret itself there by mistake.
func (f *form) secrets(least int) []string {
	return f.texts("secrets", least, MostSecrets, func(text string) string {
		if hook.ValidName(text) {
			return ""
		}
		return "must be the name of a secret (letters, digits, _ . -, at most 63), not the secret itself"
	})
}

// required is a string that fulfils a rule.
func (f *form) required(name string, valid func(string) bool, rule string) string {
	if !f.has(name) {
		f.Add(name, "is missing: %s", rule)
		return ""
	}
	return f.optional(name, valid, rule)
}

// optional is a string that fulfils a rule, or "".
func (f *form) optional(name string, valid func(string) bool, rule string) string {
	text, ok := f.text(name)
	if ok && !valid(text) {
		f.Add(name, "%s", rule)
	}
	return text
}

// choice is one of several texts, the first where nothing is written.
func (f *form) choice(name string, choices ...string) string {
	if !f.has(name) {
		return choices[0]
	}
	rule := fmt.Sprintf("must be %s", strings.Join(choices, " or "))
	return f.optional(name, func(text string) bool { return slices.Contains(choices, text) }, rule)
}
