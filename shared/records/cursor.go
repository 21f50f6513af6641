package records

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"crmhook/shared/change"
)

// sumBytes of a cursor bind it to the list that it was given for.
const sumBytes = 8

// cursor is where the page after a record begins, for callers to hand back as it is.
func cursor(last change.Key) string {
	return base64.RawURLEncoding.EncodeToString(append(cursorSum(last), last.ID...))
}

// readCursor is the id that a cursor of this list stands for; false for any other text.
func readCursor(organization, entity, text string) (after string, ok bool) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) <= sumBytes || strings.ContainsAny(text, "\r\n") {
		return "", false
	}
	last := change.Key{Organization: organization, Entity: entity, ID: string(raw[sumBytes:])}
	return last.ID, utf8.ValidString(last.ID) && string(cursorSum(last)) == string(raw[:sumBytes])
}

func cursorSum(last change.Key) []byte {
	sum := sha256.Sum256([]byte("records\x00" + last.Organization + "\x00" + last.Entity + "\x00" + last.ID))
	return sum[:sumBytes:sumBytes]
}
