package record

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"crmhook/shared/contact"
)

// ETag names the record's state, quoted as in HTTP: the same version with the same data has the same one. It does not depend
// on how numbers are written: a store gives 1.0 back as 1, and the tag that a write was answered with must still be that of
// the next read.
func (r Record) ETag() (string, error) {
	text, err := contact.AppendJSON(strconv.AppendInt(nil, r.Version, 10), plain(r.Data))
	if err != nil {
		return "", fmt.Errorf("make etag of %s: %w", r.Key, err)
	}
	sum := sha256.Sum256(text)
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:18]) + `"`, nil
}

// plain is a value with each number written in one way.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		return plainNumber(v)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = plain(item)
		}
		return object
	}
	return value
}

// plainNumber writes a number as its digits, without zeros at either end, and an exponent. One whose exponent is beyond
// reading stays as it is.
func plainNumber(number json.Number) json.Number {
	rest, negative := strings.CutPrefix(string(number), "-")
	mantissa, written, _ := strings.Cut(strings.ToLower(rest), "e")
	exponent := 0
	if written != "" {
		var err error
		if exponent, err = strconv.Atoi(written); err != nil {
			return number
		}
	}
	whole, fraction, _ := strings.Cut(mantissa, ".")
	digits := strings.TrimLeft(whole+fraction, "0")
	if digits == "" {
		return "0"
	}
	exponent -= len(fraction)
	short := strings.TrimRight(digits, "0")
	exponent += len(digits) - len(short)
	if negative {
		short = "-" + short
	}
	return json.Number(short + "e" + strconv.Itoa(exponent))
}
