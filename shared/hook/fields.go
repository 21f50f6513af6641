package hook

import (
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/filter"
)

// longestName is the most characters of a name that people are shown.
const longestName = 200

// whole reads a whole number of least…most into target; on a fault the target keeps its default.
func (c *checker) whole(n *node, least, most int, unit string, target *int) bool {
	if !c.is(n, number) {
		return false
	}
	value, err := strconv.Atoi(n.value)
	switch {
	case err != nil && strings.ContainsAny(n.value, ".eE"):
		c.fault(n, "must be a whole number")
	case err != nil || value < least || value > most:
		c.fault(n, "must be %d to %d %s", least, most, unit)
	default:
		*target = value
		return true
	}
	return false
}

func (c *checker) seconds(n *node, most int, target *time.Duration) {
	var value int
	if c.whole(n, 1, most, "seconds", &value) {
		*target = time.Duration(value) * time.Second
	}
}

// texts calls check for each string of a list, with whether the same was listed before.
func (c *checker) texts(n *node, check func(item *node)) {
	if !c.is(n, list) {
		return
	}
	seen := make(map[string]bool, len(n.items))
	for _, item := range n.items {
		if !c.is(item, text) {
			continue
		}
		if seen[item.value] {
			c.fault(item, "is listed twice")
			continue
		}
		seen[item.value] = true
		check(item)
	}
}

// members calls check for each member of an object, once for a name.
func (c *checker) members(n *node, check func(name string, value *node)) {
	if !c.is(n, object) {
		return
	}
	for i, name := range n.names {
		if value := n.items[i]; n.member(name) == value {
			check(name, value)
		}
	}
}

func (c *checker) state(n *node) {
	if !c.is(n, text) {
		return
	}
	switch state := State(n.value); state {
	case Active, Paused:
		c.hook.State = state
	case Invalid, Disabled:
		c.fault(n, "must be active or paused: %s is what crmhook finds, not what is written", state)
	default:
		c.fault(n, "must be active or paused")
	}
}

func (c *checker) names(n *node) {
	c.hook.Names = map[string]string{}
	c.members(n, func(language string, name *node) {
		if !validLanguage(language) {
			c.fault(name, "must stand under a language such as en or fr-CH")
		}
		if c.is(name, text) && c.shownText(name) {
			c.hook.Names[language] = name.value
		}
	})
}

// shownText checks a name that people are shown.
func (c *checker) shownText(n *node) bool {
	if strings.TrimSpace(n.value) == "" || utf8.RuneCountInString(n.value) > longestName {
		c.fault(n, "must be 1 to %d characters", longestName)
		return false
	}
	if strings.ContainsFunc(n.value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		c.hidden(n, "must not hold control characters")
		return false
	}
	return true
}

// validLanguage accepts what looks like a language tag: two or three letters and subtags.
func validLanguage(tag string) bool {
	for i, part := range strings.Split(tag, "-") {
		least, most := 2, 8
		if i == 0 {
			most = 3
		}
		if len(part) < least || len(part) > most {
			return false
		}
		for _, ch := range []byte(part) {
			if !alphanumeric(ch) || i == 0 && ch <= '9' {
				return false
			}
		}
	}
	return true
}

func (c *checker) notify(n *node) {
	c.texts(n, func(item *node) {
		address, err := mail.ParseAddress(item.value)
		if err != nil || address.Address != item.value {
			c.fault(item, "must be an e-mail address such as ops@example.com")
			return
		}
		c.hook.Notify = append(c.hook.Notify, item.value)
	})
	if len(n.items) > MostRecipients {
		c.hidden(n, "must list at most %d addresses, found %d", MostRecipients, len(n.items))
	}
}

func (c *checker) origins(n *node) []string {
	var origins []string
	c.texts(n, func(item *node) {
		if !validOrigin(item.value) {
			c.fault(item, "must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>")
			return
		}
		origins = append(origins, item.value)
	})
	return origins
}

func validOrigin(text string) bool {
	switch text {
	case "agent-console", "api", "bulk", "csv-import", "auto-log":
		return true
	}
	platform, inbound := strings.CutPrefix(text, "inbound:")
	return inbound && ValidName(platform)
}

func (c *checker) successCodes(n *node) {
	if !c.is(n, list) {
		return
	}
	if len(n.items) == 0 {
		c.hidden(n, "must list at least one status, or be left out for the type's own rule")
	}
	for _, item := range n.items {
		var code int
		if !c.whole(item, 200, 299, "(statuses that mean success)", &code) {
			continue
		}
		if slices.Contains(c.hook.SuccessCodes, code) {
			c.fault(item, "is listed twice")
			continue
		}
		c.hook.SuccessCodes = append(c.hook.SuccessCodes, code)
	}
}

func (c *checker) details(n *node) {
	if !c.is(n, list) {
		return
	}
	if len(n.items) == 0 && !c.v1() {
		c.hidden(n, `must list at least one details group, such as ["GENERAL"]`)
	}
	c.texts(n, func(item *node) {
		group, message := contact.ParseGroup(item.value)
		if message != "" {
			c.fault(item, "%s", message)
		}
		c.hook.Details |= group
	})
}

func (c *checker) filter(n *node) {
	if !c.is(n, text) {
		return
	}
	compiled, err := filter.Compile(n.value)
	if err != nil {
		c.fault(n, "%s", err)
		return
	}
	c.hook.Filter = compiled
}

// filterReads refuses a filter over groups that the details leave out.
func (c *checker) filterReads() {
	n := c.root.member("filter")
	if n == nil || c.hook.Filter == nil {
		return
	}
	for _, step := range c.hook.Filter.Paths() {
		if group := contact.GroupOfStep(step); !c.hook.Details.Has(group) {
			c.fault(n, "reads %s of the group %s, which details leaves out: add it to details", step, group)
		}
	}
}
