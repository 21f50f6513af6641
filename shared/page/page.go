// Package page says how lists are cut into pages: how many entries, of which time, and where a page begins, which is told
// to callers as a cursor that holds for the one list it was given for. It must not know what is listed.
package page

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a page.
const (
	DefaultLimit = 50
	MostLimit    = 200
)

// List asks for a page of a list that is sorted newest first, or by name where the entries have no time.
type List struct {
	// Limit is the most entries, 1 to MostLimit; 0: DefaultLimit.
	Limit int
	// After is the position of the last entry of the page before, as the list itself writes it; empty for the first page.
	After string
	// Since and Until bound the entries' creation, inclusive and exclusive; zero: no bound.
	Since, Until time.Time
}

// Most is the most entries that the page holds.
func (l List) Most() int {
	if l.Limit == 0 {
		return DefaultLimit
	}
	return l.Limit
}

// sumBytes of a cursor bind it to the list that it was given for.
const sumBytes = 8

// Cursor is where the page after a position begins, for callers to hand back as it is. The list is named by all that
// makes it the one it is: what is listed, the organization, and what it is filtered by.
func Cursor(list []string, position string) string {
	return base64.RawURLEncoding.EncodeToString(append(sum(list, position), position...))
}

// Position is what a cursor of this list stands for; false for any other text, such as another organization's cursor.
func Position(list []string, cursor string) (position string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(raw) <= sumBytes || strings.ContainsAny(cursor, "\r\n") {
		return "", false
	}
	position = string(raw[sumBytes:])
	return position, utf8.ValidString(position) && string(sum(list, position)) == string(raw[:sumBytes])
}

func sum(list []string, position string) []byte {
	h := sha256.New()
	for _, part := range append(append([]string(nil), list...), position) {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return h.Sum(nil)[:sumBytes:sumBytes]
}
