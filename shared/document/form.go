package document

import (
	"fmt"
	"maps"
	"mime"
	"net/url"
	"slices"
	"strings"
)

// FormType is the media type of a form.
const FormType = "application/x-www-form-urlencoded"

// Form reads a form's fields. Their charset is the content type's, else what a field named charset or _charset_ names,
// else UTF-8. The error says what was expected, and quotes no value.
func Form(contentType string, body []byte) (url.Values, error) {
	kind, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || kind != FormType {
		return nil, fmt.Errorf("the content type must be %s", FormType)
	}
	return values(string(body), parameters["charset"])
}

// Query reads a URL's query. Its charset is what a parameter named charset names, else UTF-8. The error says what was
// expected, and quotes no value.
func Query(raw string) (url.Values, error) { return values(raw, "") }

func values(raw, charset string) (url.Values, error) {
	read, err := url.ParseQuery(raw)
	if err != nil {
		return nil, malformed(raw)
	}
	if charset == "" {
		charset = named(read)
	}
	decode, err := decoder(charset)
	if err != nil {
		return nil, err
	}
	decoded := make(url.Values, len(read))
	for _, name := range slices.Sorted(maps.Keys(read)) {
		list := read[name]
		field, ok := decode(name)
		if !ok {
			return nil, fmt.Errorf("a field's name must be in %s: say another charset in the content type or in a field charset", shownCharset(charset))
		}
		for _, value := range list {
			text, ok := decode(value)
			if !ok {
				return nil, fmt.Errorf("the field %q must be in %s: say another charset in the content type or in a field charset", field, shownCharset(charset))
			}
			decoded.Add(field, text)
		}
	}
	return decoded, nil
}

// named is the charset that a field names.
func named(read url.Values) string {
	for name, list := range read {
		if lower := strings.ToLower(name); (lower == "charset" || lower == "_charset_") && len(list) > 0 {
			return list[0]
		}
	}
	return ""
}

// malformed names the field, by its place, that is not percent-encoded as it must be.
func malformed(raw string) error {
	for i, field := range strings.Split(raw, "&") {
		if strings.Contains(field, ";") {
			return fmt.Errorf("field %d holds a semicolon: fields are separated by &, and a semicolon in one is %%3B", i+1)
		}
		if _, err := url.QueryUnescape(field); err != nil {
			return fmt.Errorf("field %d holds a %% that no two hexadecimal digits follow: write %%25", i+1)
		}
	}
	return fmt.Errorf("must be fields as name=value, separated by &")
}
