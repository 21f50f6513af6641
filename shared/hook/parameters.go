package hook

import (
	"strings"
)

// customParameters are added to the query as they are, in the order of their names.
func (c *checker) customParameters(n *node) {
	c.hook.CustomParameters = map[string]string{}
	c.members(n, func(name string, value *node) {
		if name == "" {
			c.hidden(value, "must have a name")
			return
		}
		if !c.is(value, text) {
			return
		}
		if strings.Contains(value.value, Placeholder) || strings.Contains(name, Placeholder) {
			c.hidden(value, "is sent as it is: %s can stand in the url only", Placeholder)
			return
		}
		c.hook.CustomParameters[name] = value.value
	})
}

// headers are added to every request. Their values are not shown, since people write keys there.
func (c *checker) headers(n *node) {
	c.hook.Headers = map[string]string{}
	seen := map[string]string{}
	c.members(n, func(name string, value *node) {
		lower := strings.ToLower(name)
		switch {
		case !validToken(name):
			c.hidden(value, "must be a header's name: letters, digits and !#$%%&'*+-.^_`|~")
		case lower == "authorization" || lower == "proxy-authorization":
			c.hidden(value, "must not be written in clear: use authentication")
		case reserved(lower):
			c.hidden(value, "is a header that crmhook sets itself: remove it")
		case seen[lower] != "":
			c.hidden(value, "is the same header as %s: keep one of them", seen[lower])
		case value.kind == object && value.member("secret") != nil:
			c.hidden(value, "is not supported by this version: a header's value must be a string")
		case c.is(value, text) && c.headerValue(value):
			c.hook.Headers[name] = value.value
		}
		seen[lower] = name
	})
}

func (c *checker) headerValue(n *node) bool {
	if n.value != strings.Trim(n.value, " \t") {
		c.hidden(n, "must not begin or end with a blank")
		return false
	}
	if strings.ContainsFunc(n.value, func(r rune) bool { return r != '\t' && (r < ' ' || r > '~') }) {
		c.hidden(n, "must hold printable ASCII characters only")
		return false
	}
	return true
}

// reserved reports whether the header is crmhook's own, or one that governs the connection.
func reserved(lower string) bool {
	switch lower {
	case "host", "content-length", "content-type", "content-encoding", "user-agent", "transfer-encoding", "connection",
		"keep-alive", "proxy-connection", "te", "trailer", "upgrade", "expect", "accept-encoding":
		return true
	}
	return strings.HasPrefix(lower, "webhook-")
}

// validToken reports whether text is a token of RFC 9110.
func validToken(text string) bool {
	for _, ch := range []byte(text) {
		if !alphanumeric(ch) && strings.IndexByte("!#$%&'*+-.^_`|~", ch) < 0 {
			return false
		}
	}
	return text != ""
}
