package erase

import (
	"encoding/json"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"crmhook/shared/trigger"
)

// inTrigger reports whether a trigger names the person, anywhere in what its request held.
func (p *person) inTrigger(t trigger.Trigger) bool {
	source := strconv.Itoa(t.SourceID)
	found := false
	each := func(name, value string) { found = found || p.named(source, name, value) }
	for name, values := range t.Query {
		for _, value := range values {
			each(name, value)
		}
	}
	for name, value := range t.Headers {
		each(name, value)
	}
	each("", unescaped(t.URI))
	each("email", t.Email)
	each("event", t.Event)
	texts("", string(t.Body), 0, each)
	return found
}

// inText reports whether what was set aside names the person: a trigger's message, or any other text.
func (p *person) inText(text string) bool {
	if t, err := trigger.Decode([]byte(text)); err == nil && p.inTrigger(t) {
		return true
	}
	found := false
	texts("", text, 0, func(name, value string) { found = found || p.named("", name, value) })
	return found
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// deepest is how many texts lie within each other that are looked into: JSON as text in JSON.
const deepest = 4

// texts calls each with the values in a text and the names of the members that hold them: of JSON, as far as it can be read
// (what was set aside may be cut), and what is left as one text; of a form; else the text itself.
func texts(name, text string, depth int, each func(name, value string)) {
	trimmed := strings.TrimSpace(text)
	switch {
	case depth < deepest && (strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[")):
		members(name, trimmed, depth, each)
		return
	case depth == 0 && strings.Contains(text, "=") && !strings.ContainsAny(trimmed, " \n<"):
		form, _ := url.ParseQuery(trimmed)
		for name, values := range form {
			for _, value := range values {
				texts(name, value, depth+1, each)
			}
		}
	}
	each(name, text)
}

// members reads JSON token by token, so that a text that ends too early is read to its end.
func members(outer, text string, depth int, each func(name, value string)) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	type level struct {
		object, named bool
		name          string
	}
	stack := []level{{name: outer}}
	for {
		token, err := decoder.Token()
		if err != nil {
			if rest := text[min(int(decoder.InputOffset()), len(text)):]; strings.TrimSpace(rest) != "" {
				each("", plain(rest))
			}
			return
		}
		top := &stack[len(stack)-1]
		if key, is := token.(string); is && top.object && !top.named {
			top.name, top.named = key, true
			each("", key)
			continue
		}
		top.named = false
		switch value := token.(type) {
		case json.Delim:
			switch value {
			case '{', '[':
				stack = append(stack, level{object: value == '{', name: top.name})
			default:
				stack = stack[:len(stack)-1]
			}
		case string:
			texts(top.name, value, depth+1, each)
		case json.Number:
			each(top.name, value.String())
		}
	}
}

// plain is a part of JSON text with the escapes that a letter, a digit or a sign may be written with undone.
func plain(text string) string {
	var b strings.Builder
	for text != "" {
		if strings.HasPrefix(text, `\u`) && len(text) >= 6 {
			if code, err := strconv.ParseUint(text[2:6], 16, 16); err == nil {
				b.WriteRune(rune(code))
				text = text[6:]
				continue
			}
		}
		r, size := utf8.DecodeRuneInString(text)
		b.WriteRune(r)
		text = text[size:]
	}
	return b.String()
}
