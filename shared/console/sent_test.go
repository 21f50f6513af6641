package console_test

import (
	"net/url"
	"strings"
	"testing"
)

// values are what a browser would send of a page's form: the one that goes to the action.
func values(t *testing.T, page, action string) url.Values {
	t.Helper()
	_, form, found := strings.Cut(page, `action="`+action+`"`)
	if !found {
		t.Fatalf("no form goes to %s", action)
	}
	form, _, _ = strings.Cut(form, "</form>")
	sent, text := url.Values{}, ""
	selected, firstOf := "", false
	for _, tag := range tagsOf(t, "<form"+form) {
		name := tag.attributes["name"]
		_, isChecked := tag.attributes["checked"]
		switch {
		case tag.end:
		case tag.name == "input" && tag.attributes["type"] == "checkbox" && !isChecked, tag.attributes["type"] == "file":
		case tag.name == "input":
			sent.Set(name, unescape(tag.attributes["value"]))
		case tag.name == "select":
			selected, firstOf = name, true
		case tag.name == "option" && selected != "":
			_, is := tag.attributes["selected"]
			if value := optionOf(form, selected, is, tag, firstOf); is || firstOf {
				sent.Set(selected, value)
			}
			firstOf = false
		case tag.name == "textarea":
			_, text, _ = strings.Cut(form, `name="`+name+`"`)
			_, text, _ = strings.Cut(text, ">\n")
			text, _, _ = strings.Cut(text, "</textarea>")
			sent.Set(name, strings.ReplaceAll(unescape(text), "\n", "\r\n"))
		}
	}
	return sent
}

// optionOf is an option's value, or its text.
func optionOf(form, in string, selected bool, option tag, first bool) string {
	if value, ok := option.attributes["value"]; ok {
		return unescape(value)
	}
	_, form, _ = strings.Cut(form, `name="`+in+`"`)
	mark := "<option>"
	if selected {
		mark = "<option selected>"
	}
	if !selected && !first {
		return ""
	}
	_, form, _ = strings.Cut(form, mark)
	text, _, _ := strings.Cut(form, "</option>")
	return unescape(text)
}

func unescape(text string) string {
	return strings.NewReplacer("&lt;", "<", "&gt;", ">", "&#34;", `"`, "&#39;", "'", "&#43;", "+", "&amp;", "&").Replace(text)
}
