package hook

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// url checks the URL and all that depends on it.
func (c *checker) url() {
	n := c.root.member("url")
	if n == nil {
		c.missing(c.root, "url", "is missing: write the receiver's address, such as %s", c.hook.exampleURL())
		return
	}
	if c.is(n, text) && c.address(n) {
		c.hook.URL = n.value
	}
}

// address checks one URL, of which it learns the host. It reports whether the URL can be kept, plain http aside.
func (c *checker) address(n *node) bool {
	wrong, part := checkPlaceholders(n.value, c.hook.Type)
	if wrong != "" {
		c.at(n.start, n.path, part, "%s", wrong)
	}
	whole := n.value
	if wrong != "" {
		whole = masked(n.value, c.v1())
	}
	parsed, message, part := checkURL(whole, c.v1())
	if message != "" {
		c.at(n.start, n.path, part, "%s", message)
		return false
	}
	host := strings.ToLower(parsed.Hostname())
	if !slices.Contains(c.hosts, host) {
		c.hosts = append(c.hosts, host)
	}
	if strings.EqualFold(parsed.Scheme, "http") && !c.httpAllowed(host) {
		c.at(n.start, n.path, part, "must start with https://%s", c.insteadOfHTTPS())
	}
	return wrong == ""
}

// insteadOfHTTPS is what can be done besides, where that is anything.
func (c *checker) insteadOfHTTPS() string {
	if c.hook.Type == CRMTrigger {
		return ": crm-trigger sends nothing over plain http"
	}
	return ` (or write "allowHttp":true to send over plain http)`
}

func (h *Hook) exampleURL() string {
	switch h.Type {
	case ContactWebhookV1:
		return "https://crm.example.com/contacts/" + Placeholder
	case EventWebhook:
		return "https://crm.example.com/events"
	case RuleWebhook:
		return "https://crm.example.com/rules"
	}
	return "https://crm.example.com/contacts"
}

// httpAllowed reports whether requests may go over plain http. The document of V1 shows http, so there it is the
// default.
func (c *checker) httpAllowed(host string) bool {
	if n := c.root.member("allowHttp"); n != nil && n.kind == boolean && c.hook.Type != CRMTrigger {
		if n.value == "true" {
			return true
		}
	} else if c.v1() {
		return true
	}
	address, ok := literal(host)
	if !ok {
		return false
	}
	for _, network := range c.context.AllowedNetworks {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// literal is the address that a host is without asking a name server.
func literal(host string) (netip.Addr, bool) {
	if host == "localhost" {
		return netip.AddrFrom4([4]byte{127, 0, 0, 1}), true
	}
	address, err := netip.ParseAddr(host)
	return address.Unmap(), err == nil
}

// checkURL parses a URL whose wrong placeholders are masked. The message, empty for a good one, says what is wrong; part is
// what of the URL may be shown. Credentials and the query may be secret, so no more of the URL is.
func checkURL(text string, v1 bool) (parsed *url.URL, message string, part any) {
	if text == "" {
		return nil, "must not be empty", nil
	}
	// As long as the placeholder, so that columns stay those of the text.
	plain := strings.ReplaceAll(text, Placeholder, strings.Repeat("0", len(Placeholder)))
	if message, part = checkCharacters(plain); message != "" {
		return nil, message, part
	}
	parsed, err := url.Parse(plain)
	if err != nil {
		return nil, "must be a URL such as https://crm.example.com/contacts: " + urlError(err), nil
	}
	message, part = checkParts(parsed)
	if message == "" && v1 {
		message, part = checkPosition(text, parsed)
	}
	return parsed, message, part
}

func urlError(err error) string {
	if inner, ok := err.(*url.Error); ok {
		err = inner.Err
	}
	// The reason of a bad port or escape quotes the text; only its kind is told.
	reason, _, _ := strings.Cut(err.Error(), `"`)
	return strings.TrimSpace(reason)
}

func checkParts(u *url.URL) (message string, part any) {
	switch {
	case !strings.EqualFold(u.Scheme, "http") && !strings.EqualFold(u.Scheme, "https"):
		return "must start with https:// or http://", nil
	case u.Opaque != "" || u.Hostname() == "":
		return "must name a host, such as https://crm.example.com/contacts", nil
	case u.User != nil:
		return "must not hold a user or password: write them as authentication", nil
	case !validHost(u.Hostname()):
		return "must name a host of letters, digits, dots and hyphens, or an IP address", u.Host
	case strings.HasSuffix(u.Host, ":") || u.Port() != "" && !validPort(u.Port()):
		return "must have a port of 1 to 65535, or none", u.Host
	}
	return "", strings.ToLower(u.Scheme) + "://" + u.Host
}

func validPort(port string) bool {
	number, err := strconv.ParseUint(port, 10, 16)
	return err == nil && number > 0
}

func validHost(host string) bool {
	if strings.Contains(host, ":") {
		address, err := netip.ParseAddr(host)
		return err == nil && address.Zone() == ""
	}
	if len(host) > 253 {
		return false
	}
	for _, label := range strings.Split(strings.TrimSuffix(host, "."), ".") {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for _, ch := range []byte(label) {
			if !alphanumeric(ch) && ch != '-' && ch != '_' {
				return false
			}
		}
	}
	return true
}

// checkCharacters lets through what RFC 3986 allows in a URL without a fragment.
func checkCharacters(text string) (message string, part any) {
	column := 0
	for i, r := range text {
		column++
		switch {
		case r == '#':
			return fmt.Sprintf("must not have a fragment (# in column %d), which is never sent", column), nil
		case r == '%' && (i+2 >= len(text) || !isHex(text[i+1]) || !isHex(text[i+2])):
			return fmt.Sprintf("has a %% in column %d that two hexadecimal digits must follow: write %%25 for the sign itself", column), nil
		case r > '~' || r <= ' ' || strings.ContainsRune("\"<>\\^`{|}", r):
			return fmt.Sprintf("holds %q in column %d, which must be percent-encoded (in a host: written as xn--…)", r, column), nil
		}
	}
	return "", nil
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

// checkPosition wants placeholders in the path or the query, where a number can be percent-encoded.
func checkPosition(text string, parsed *url.URL) (message string, part any) {
	_, authority, _ := strings.Cut(text, "://")
	if i := strings.IndexAny(authority, "/?"); i >= 0 {
		authority = authority[:i]
	}
	if strings.Contains(authority, Placeholder) {
		return Placeholder + " must stand in the path or the query, not in the host", nil
	}
	return "", strings.ToLower(parsed.Scheme) + "://" + parsed.Host
}

// placeholderSomewhere wants the number of the contact to be in what V1 sends.
func (c *checker) placeholderSomewhere() {
	n := c.root.member("url")
	if !c.v1() || n == nil || n.kind != text || c.hook.URL == "" || strings.Contains(n.value, Placeholder) {
		return
	}
	if c.hook.Method == "GET" {
		c.at(n.start, n.path, nil, "must hold %s in its path or query", Placeholder)
		return
	}
	if payload := c.root.member("payload"); payload == nil || payload.kind == null ||
		c.hook.Payload != "" && !strings.Contains(c.hook.Payload, Placeholder) {
		c.at(n.start, n.path, nil, "must hold %s in its path or query, or the payload must hold it", Placeholder)
	}
}
