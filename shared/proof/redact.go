package proof

import (
	"maps"
	"net/url"
	"strings"
)

// RedactHeaders is a copy without the headers that let their holder in: authorizations, cookies, keys and tokens. A
// signature, which is good for its request only, stays.
func RedactHeaders(headers map[string]string) map[string]string {
	kept := make(map[string]string, len(headers))
	for name, value := range headers {
		if !credential(name) {
			kept[name] = value
		}
	}
	return kept
}

// credential reports whether a header's name says that it lets in.
func credential(header string) bool {
	name := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(header))
	for _, word := range []string{"authorization", "cookie", "token", "apikey", "secret", "password", "credential"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return false
}

// RedactURI is a URI, or a path with its query, without user information and without the parameters that let in: token,
// access_token, api_key, apikey, in any case. The rest stays as it is, byte for byte.
func RedactURI(uri string) string {
	before, query, asked := strings.Cut(uri, "?")
	var kept strings.Builder
	kept.WriteString(withoutUser(before))
	for separator, next := "?", ""; asked; separator = next {
		field := query
		if end := strings.IndexAny(query, "&;"); end >= 0 {
			field, next, query = query[:end], query[end:end+1], query[end+1:]
		} else {
			asked = false
		}
		name, _, _ := strings.Cut(field, "=")
		if lettingIn(decodedName(name)) {
			// What follows stands where this one stood.
			next = separator
			continue
		}
		kept.WriteString(separator + field)
	}
	return kept.String()
}

// RedactQuery is a copy without the parameters that RedactURI takes out.
func RedactQuery(query url.Values) url.Values {
	kept := maps.Clone(query)
	maps.DeleteFunc(kept, func(name string, _ []string) bool { return lettingIn(name) })
	return kept
}

// lettingIn reports whether a parameter has one of the names.
func lettingIn(name string) bool {
	switch strings.ToLower(strings.TrimSpace(name)) {
	case "token", "access_token", "api_key", "apikey":
		return true
	}
	return false
}

// decodedName is a parameter's name, however it is written.
func decodedName(name string) string {
	if plain, err := url.QueryUnescape(name); err == nil {
		return plain
	}
	return name
}

// withoutUser takes the user information out of what stands before a query.
func withoutUser(uri string) string {
	start := strings.Index(uri, "//") + 2
	if start < 2 || strings.Contains(uri[:start-2], "/") {
		return uri
	}
	end := len(uri)
	if slash := strings.Index(uri[start:], "/"); slash >= 0 {
		end = start + slash
	}
	return uri[:start] + uri[start+strings.LastIndex(uri[start:end], "@")+1:]
}
