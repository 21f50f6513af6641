package precondition

import (
	"slices"
	"strings"
)

// tags are the entity tags of a header; any stands for whatever is there.
type tags struct {
	any          bool
	strong, weak []string
}

// parse reads "*" or a list of entity tags.
func parse(text string) (*tags, bool) {
	list := &tags{}
	if strings.Trim(text, " \t") == "*" {
		list.any = true
		return list, true
	}
	for {
		text = strings.TrimLeft(text, " \t,")
		if text == "" {
			return list, len(list.strong)+len(list.weak) > 0
		}
		opaque, weak := strings.CutPrefix(text, "W/")
		tag, rest, ok := cut(opaque)
		if !ok {
			return nil, false
		}
		if weak {
			list.weak = append(list.weak, tag)
		} else {
			list.strong = append(list.strong, tag)
		}
		if text = strings.TrimLeft(rest, " \t"); text != "" && text[0] != ',' {
			return nil, false
		}
	}
}

// cut takes a quoted tag off the beginning of a text; the tag keeps its quotes.
func cut(text string) (tag, rest string, ok bool) {
	if text == "" || text[0] != '"' {
		return "", "", false
	}
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return text[:i+1], text[i+1:], true
		case c < '!' || c == 0x7f:
			return "", "", false
		}
	}
	return "", "", false
}

// has reports whether the tag of a state is among them. Weak tags are only looked at where a weak comparison will do.
func (t *tags) has(tag string, weakly bool) bool {
	return slices.Contains(t.strong, tag) || weakly && slices.Contains(t.weak, tag)
}
