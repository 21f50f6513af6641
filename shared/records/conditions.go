package records

import (
	"net/http"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

// conditions are what a request expects of the record before it (RFC 9110, 13.1).
type conditions struct{ match, noneMatch *tags }

// tags are the entity tags of a header; any stands for whatever is there.
type tags struct {
	any          bool
	strong, weak []string
}

// conditions reads the request's preconditions and notes what is wrong with them.
func (r Request) conditions(faults *fault.List) conditions {
	read := func(name string, values []string) *tags {
		if values == nil {
			return nil
		}
		list, ok := parseTags(strings.Join(values, ","))
		if !ok {
			faults.AddValue("header."+name, shown(strings.Join(values, ",")), `must be * or a list of entity tags in double quotes, as ETag gave them`)
		}
		return list
	}
	return conditions{read("If-Match", r.IfMatch), read("If-None-Match", r.IfNoneMatch)}
}

// parseTags reads "*" or a list of entity tags.
func parseTags(text string) (*tags, bool) {
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
		tag, rest, ok := cutTag(opaque)
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

// cutTag takes a quoted tag off the beginning of a text; the tag keeps its quotes.
func cutTag(text string) (tag, rest string, ok bool) {
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
	for _, list := range [][]string{t.strong, t.weak} {
		for _, one := range list {
			if one == tag {
				return true
			}
		}
		if !weakly {
			break
		}
	}
	return false
}

// check refuses a change of a record that is not as the caller expects it.
func (c conditions) check(now record.Record) error {
	if c.match == nil && c.noneMatch == nil {
		return nil
	}
	tag, err := now.ETag()
	if err != nil {
		return err
	}
	if m := c.match; m != nil && (!now.Exists() || !m.any && !m.has(tag, false)) {
		return refusal.New(http.StatusPreconditionFailed, "the record is not in the state that If-Match names: read it again and decide anew")
	}
	if n := c.noneMatch; n != nil && now.Exists() && (n.any || n.has(tag, true)) {
		return refusal.New(http.StatusPreconditionFailed, "the record is there in a state that If-None-Match excludes")
	}
	return nil
}

// known reports whether the caller of a read has the state already.
func (c conditions) known(tag string) bool {
	return c.noneMatch != nil && (c.noneMatch.any || c.noneMatch.has(tag, true))
}
