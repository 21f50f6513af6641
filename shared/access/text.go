package access

import (
	"strings"
	"unicode/utf8"
)

// validHost accepts a host name in lower case: two labels at least, without scheme, port and path.
func validHost(text string) bool {
	labels := strings.Split(text, ".")
	if len(text) > 253 || len(labels) < 2 {
		return false
	}
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		if strings.ContainsFunc(label, func(r rune) bool { return r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') }) {
			return false
		}
	}
	return true
}

// validToken accepts a token of RFC 9110, as headers' names are.
func validToken(text string) bool {
	const others = "!#$%&'*+-.^_`|~"
	return text != "" && len(text) <= 100 && !strings.ContainsFunc(text, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune(others, r)
	})
}

// validLogin accepts what RFC 7617 lets stand before the colon.
func validLogin(text string) bool {
	n := utf8.RuneCountInString(text)
	return n > 0 && n <= 255 && !strings.ContainsFunc(text, func(r rune) bool { return r == ':' || r < ' ' || r == 0x7f })
}

func printable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}
