package proof

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"

	"crmhook/shared/access"
)

// ownSignature is the one in the header that the source names.
func ownSignature(s access.Source, r Request) ([]byte, string) {
	text, ok := strings.CutPrefix(r.Headers[strings.ToLower(s.Header)], s.Prefix)
	if !ok {
		return nil, "the signature is missing, or begins otherwise than the source says"
	}
	return decoded(text, s.Encoding)
}

// decoded is a signature's bytes. Without an encoding it is hexadecimal.
func decoded(text, encoding string) (signature []byte, missing string) {
	var err error
	if encoding == "base64" {
		signature, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	} else {
		signature, err = hex.DecodeString(text)
	}
	if err != nil || len(signature) == 0 {
		return nil, "the signature is missing or cannot be read"
	}
	return signature, ""
}

// login is what stands in a header of basic authentication.
func login(header string) (shown, missing string) {
	scheme, encoded, _ := strings.Cut(header, " ")
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if !strings.EqualFold(scheme, "Basic") || err != nil {
		return "", "the login is missing or cannot be read"
	}
	return string(text), ""
}

// token is the one query parameter of that name, in any case.
func token(query url.Values) (shown, missing string) {
	var found []string
	for name, values := range query {
		if strings.EqualFold(name, "token") {
			found = append(found, values...)
		}
	}
	if len(found) != 1 {
		return "", "the token is missing or given more than once"
	}
	return found[0], ""
}
