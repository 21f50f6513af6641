package hook

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Placeholder stands for the contact's number in a V1 URL or payload.
const Placeholder = "${contactNumber}"

// What looks like a placeholder: in a URL whatever has braces, which a URL cannot hold otherwise, also percent-encoded;
// in a payload, where texts may have braces, only what speaks of the contact, or begins like ours.
const (
	anyBraces = `(?i)(\$|%24)?(\{|%7b)[^{}/?&=%]*(%20[^{}/?&=%]*)*(\}|%7d)|(\$|%24)(\{|%7b)|` + bare
	ours      = `(?i)\$?\{+\s*contact[ _-]?(number|id)\s*\}+|\$\{[^{}]*\}?|` + bare
	bare      = `(\$|%24)\(?contact[ _-]?(number|id)\b\)?`
)

// checkPlaceholders finds what was meant as a placeholder and is not one.
func checkPlaceholders(text string, t Type) (message string, part any) {
	wrong := wrongPlaceholder(text, anyBraces)
	if t == ContactWebhookV1 {
		if wrong != "" {
			return "the placeholder must be written " + Placeholder, wrong
		}
		return "", nil
	}
	sends := "the contacts in the body"
	switch {
	case t == CRMTrigger:
		sends = "the ids in the query, where crmhook adds them"
	case t == RuleWebhook:
		sends = "the rule and the contact in the body"
	case t.TellsEvents():
		sends = "the record in the body"
	}
	message = fmt.Sprintf("must hold no placeholder: %s sends %s", t, sends)
	switch {
	case strings.Contains(text, Placeholder):
		return message, Placeholder
	case wrong != "":
		return message, wrong
	}
	return "", nil
}

// wrongPlaceholder is the first text that looks like a placeholder without being the right one: {contactNumber},
// ${contact id}, $contactNumber, ${ContactNumber}, also percent-encoded. Empty when there is none.
func wrongPlaceholder(text string, looks string) string {
	text = strings.ReplaceAll(text, Placeholder, "\x00")
	// Compiled for each check, which is rare, to keep the package free of state.
	found := regexp.MustCompile(looks).FindString(text)
	if len(found) > 40 {
		return strings.ToValidUTF8(found[:40], "") + "…"
	}
	return found
}

// masked replaces wrong placeholders by digits, so that the rest of a URL can be checked, in its own columns. V2 knows
// no right ones.
func masked(text string, v1 bool) string {
	looks := regexp.MustCompile(anyBraces + `|[{}]`)
	zeros := func(wrong string) string { return strings.Repeat("0", utf8.RuneCountInString(wrong)) }
	if !v1 {
		return looks.ReplaceAllStringFunc(text, zeros)
	}
	parts := strings.Split(text, Placeholder)
	for i, part := range parts {
		parts[i] = looks.ReplaceAllStringFunc(part, zeros)
	}
	return strings.Join(parts, Placeholder)
}
