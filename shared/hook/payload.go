package hook

import (
	"strings"

	"crmhook/shared/contact"
)

func (c *checker) method(n *node) {
	if !c.is(n, text) {
		return
	}
	c.hook.Method = n.value
	if n.value != "GET" && n.value != "POST" {
		c.fault(n, "must be GET or POST")
		// POST asks less of the URL, so that one mistake is one fault.
		c.hook.Method = "POST"
	}
}

// payload keeps the JSON that V1 posts: a JSON value, or a string that holds JSON text.
func (c *checker) payload(n *node) {
	if n.kind == null {
		return
	}
	if method := c.root.member("method"); method != nil && method.value == "GET" {
		c.hidden(n, "is sent with POST only: write \"method\":\"POST\" or remove it")
	}
	value := n
	if n.kind == text {
		if value = c.payloadText(n); value == nil {
			return
		}
	}
	written := c.payloadJSON(nil, value, n)
	if len(written) > 0 {
		c.hook.Payload = string(written)
	}
}

// payloadText reads the JSON text that a string holds.
func (c *checker) payloadText(n *node) *node {
	if message, part := wrongInPayload(n.value); message != "" {
		c.at(n.start, n.path, part, "%s", message)
		return nil
	}
	var inner report
	value, unreadable := read([]byte(n.value), &inner)
	if unreadable != nil {
		hint := ""
		if strings.Contains(n.value, Placeholder) {
			hint = " (the placeholder stands inside a string: \"" + Placeholder + "\")"
		}
		c.hidden(n, "must be a JSON value or a string that holds JSON text; the text %s%s", unreadable.Message, hint)
		return nil
	}
	for _, f := range inner.faults() {
		c.hidden(n, "in the JSON text, %s %s", f.Location, f.Message)
	}
	return value
}

func wrongInPayload(text string) (message string, part any) {
	if wrong := wrongPlaceholder(text, ours); wrong != "" {
		return "the placeholder must be written " + Placeholder, wrong
	}
	return "", nil
}

// payloadJSON appends a value as compact JSON, members in their order. Faults are shown at the node of the place they
// stand at, or at that of the text they stand in.
func (c *checker) payloadJSON(dst []byte, n, whole *node) []byte {
	switch n.kind {
	case object, list:
		opening, closing := byte('['), byte(']')
		if n.kind == object {
			opening, closing = '{', '}'
		}
		dst = append(dst, opening)
		for i, item := range n.items {
			if i > 0 {
				dst = append(dst, ',')
			}
			if n.kind == object {
				dst = append(c.payloadString(dst, n.names[i], item, whole), ':')
			}
			dst = c.payloadJSON(dst, item, whole)
		}
		return append(dst, closing)
	case text:
		return c.payloadString(dst, n.value, n, whole)
	}
	return append(dst, n.value...)
}

func (c *checker) payloadString(dst []byte, value string, n, whole *node) []byte {
	if message, part := wrongInPayload(value); message != "" {
		if whole.kind == text {
			n = whole
		}
		c.at(n.start, n.path, part, "%s", message)
	}
	// The text is valid UTF-8, since the configuration is.
	dst, _ = contact.AppendJSON(dst, value)
	return dst
}
