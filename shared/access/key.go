package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
)

// nameRule is the fault of a parameter whose name breaks the rule for keys and secrets.
const nameRule = "its name " + hook.NameRule + ": write it under another name and delete this one"

// ParseKey checks the parameter of a key, an operator's where the organization is empty. With any fault the Key is not
// to be used.
func ParseKey(organization, name, text string) (Key, fault.List) {
	key := Key{Organization: organization, Name: name}
	f, ok := read(text)
	if !hook.ValidName(name) {
		f.Add("", nameRule)
	}
	if !ok {
		return key, f.List
	}
	whose, fields := "an organization's key", []string{"sha256", "scopes", "origin"}
	if organization == "" {
		whose, fields = "an operator's key", []string{"sha256", "scopes"}
	}
	f.only(fields, whose)
	key.Hash = f.hash()
	key.Scopes = f.scopes(ScopesOf(organization), whose)
	if organization != "" {
		key.Origin = f.origin()
	}
	return key, f.List
}

// hash reads the token's hash. What stands in its place may be the token, and is not shown.
func (f *form) hash() string {
	const rule = "must be the SHA-256 of the token, 64 hex digits; the token itself is not written here"
	text, ok := f.text("sha256")
	if sum, err := hex.DecodeString(text); !f.has("sha256") || ok && (err != nil || len(sum) != sha256.Size) {
		f.Add("sha256", rule)
	}
	return strings.ToLower(text)
}

// ScopesOf are the scopes that keys of an organization may have, those of an operator's key where it is empty.
func ScopesOf(organization string) []Scope {
	if organization == "" {
		return []Scope{OperateRead, OperateReplay}
	}
	return []Scope{RecordsRead, RecordsWrite, Triggers, Messages, Manage}
}

func (f *form) scopes(allowed []Scope, whose string) []Scope {
	names := make([]string, len(allowed))
	for i, scope := range allowed {
		names[i] = string(scope)
	}
	listed := f.texts("scopes", 1, len(allowed), func(text string) string {
		if slices.Contains(names, text) {
			return ""
		}
		return "must be a scope of " + whose + ": " + strings.Join(names, ", ")
	})
	scopes := make([]Scope, len(listed))
	for i, text := range listed {
		scopes[i] = Scope(text)
	}
	return scopes
}

// origin is whose the key's changes are: api where nothing is written.
func (f *form) origin() string {
	if !f.has("origin") {
		return change.OriginAPI
	}
	origin, ok := f.text("origin")
	if ok && !validOrigin(origin) {
		f.Add("origin", "must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>, the platform one of %s", strings.Join(Platforms(), ", "))
	}
	return origin
}
