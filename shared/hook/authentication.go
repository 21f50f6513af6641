package hook

import (
	"slices"
	"strings"
)

func (c *checker) authentication(n *node) {
	if c.v1() {
		c.hidden(n, "is not a field of contact-webhook-v1, which has no authentication: remove it")
		return
	}
	if !c.is(n, object) {
		return
	}
	mode := c.mode(n)
	c.members(n, func(name string, value *node) {
		switch name {
		case "mode":
		case "login", "secret":
			if c.is(value, text) && mode == None && value.value != "" {
				c.hidden(value, "is not used with the mode NONE: write \"mode\":\"BASIC\" or remove it")
			}
		case "header", "tokenUrl", "clientId", "scopes":
			if mode != "" {
				c.hidden(value, "is not used with the mode %s: remove it", mode)
			}
		default:
			c.unknown(value, name, "authentication", []string{"mode", "login", "secret"})
		}
	})
	if mode == Basic {
		c.basic(n)
	}
}

// mode is the mode written, empty when it cannot be used.
func (c *checker) mode(n *node) Mode {
	mode := n.member("mode")
	if mode == nil {
		c.missing(n, "mode", "is missing: write NONE or BASIC")
		return ""
	}
	if !c.is(mode, text) {
		return ""
	}
	switch Mode(mode.value) {
	case None, Basic:
		c.hook.Authentication.Mode = Mode(mode.value)
		return Mode(mode.value)
	case "BEARER", "API_KEY", "OAUTH2_CLIENT_CREDENTIALS":
		c.fault(mode, "is not supported by this version, which supports NONE and BASIC")
	default:
		c.fault(mode, "must be NONE or BASIC")
	}
	return ""
}

// basic checks login and secret as RFC 7617 wants them.
func (c *checker) basic(n *node) {
	switch login := n.member("login"); {
	case login == nil:
		c.missing(n, "login", "is missing: the mode BASIC needs one")
	case login.kind != text:
	case login.value == "":
		c.hidden(login, "must not be empty")
	case strings.Contains(login.value, ":"):
		c.hidden(login, "must not hold a colon, which ends a login in basic authentication")
	case strings.ContainsFunc(login.value, control):
		c.hidden(login, "must not hold control characters")
	default:
		c.hook.Authentication.Login = login.value
	}
	c.secret(n)
}

// secret checks that the secret exists. Its name is not shown: people write the password itself there by mistake.
func (c *checker) secret(n *node) {
	secret := n.member("secret")
	switch {
	case secret == nil:
		c.missing(n, "secret", "is missing: name the secret that holds the password")
		return
	case secret.kind != text:
		return
	case !ValidName(secret.value):
		c.hidden(secret, "must be the name of a secret (letters, digits, _ . -, at most 63), not the password itself")
		return
	}
	if _, exists := c.context.Secrets[secret.value]; !exists {
		c.hidden(secret, `names no secret of the organization: write the SecureString parameter secrets/<name>, {"value":"…","hosts":["<host>"]}`)
		return
	}
	c.hook.Authentication.Secret = secret.value
}

// secretHosts wants the secret to be meant for the URLs' hosts; it is sent to no other.
func (c *checker) secretHosts() {
	name := c.hook.Authentication.Secret
	if name == "" {
		return
	}
	for _, host := range c.hosts {
		if !SentTo(c.context.Secrets[name], host) {
			n := c.root.member("authentication").member("secret")
			c.hidden(n, "names a secret that may not be sent to %s: add this host to the secret's hosts", host)
		}
	}
}

// SentTo reports whether a secret with these hosts (names without port, case does not count) may be sent to host.
func SentTo(hosts []string, host string) bool {
	return host != "" && slices.ContainsFunc(hosts, func(allowed string) bool {
		return strings.EqualFold(strings.Trim(allowed, "[]"), strings.Trim(host, "[]"))
	})
}

func (c *checker) signing(n *node) {
	if c.v1() {
		c.hidden(n, "is not a field of contact-webhook-v1, which has no signing: remove it")
		return
	}
	c.hidden(n, "is not supported by this version: remove it")
}

func control(r rune) bool { return r < ' ' || r == 0x7f }
