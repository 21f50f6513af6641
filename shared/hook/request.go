package hook

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"crmhook/shared/contact"
	"crmhook/shared/delivery"
	"crmhook/shared/filter"
)

// RequestV1 is the request about one contact: GET or POST, the contact's number percent-encoded in the URL (all but the
// unreserved characters of RFC 3986) and JSON-escaped in the payload. The sender adds the password.
func (h *Hook) RequestV1(number string) delivery.Request {
	r := h.request(h.target.expand(escape(number)))
	if h.Method != http.MethodGet && h.Payload != "" {
		r.Body = []byte(h.payload.expand(escapeJSON(number)))
		r.Headers["Content-Type"] = "application/json"
	}
	return r
}

// RequestV2 is the request that carries a bucket: POST of a JSON array of the contacts, each given as JSON. The sender
// adds the password.
func (h *Hook) RequestV2(contacts [][]byte) delivery.Request {
	r := h.request(h.target.expand(""))
	r.Body = array(contacts)
	r.Headers["Content-Type"] = "application/json"
	return r
}

// RequestEvent is the request that tells an event: POST of its envelope, a JSON object, as it is. The sender adds the
// password.
func (h *Hook) RequestEvent(envelope []byte) delivery.Request {
	r := h.request(h.target.expand(""))
	r.Body, r.Event = envelope, true
	r.Headers["Content-Type"] = "application/json"
	return r
}

func (h *Hook) request(target string) delivery.Request {
	headers := make(map[string]string, len(h.Headers)+1)
	maps.Copy(headers, h.Headers)
	return delivery.Request{
		Method:  h.Method,
		URL:     target,
		Headers: headers,
		Login:   h.Authentication.Login,
		Timeout: h.Timeout,
		Success: h.Success,
	}
}

// Success reports whether a status means that the receiver took it: one of SuccessCodes, or 200 for V2 and
// crm-trigger and 2xx for the others.
func (h *Hook) Success(status int) bool {
	if len(h.SuccessCodes) > 0 {
		return slices.Contains(h.SuccessCodes, status)
	}
	if h.Type == ContactWebhookV2 || h.Type == CRMTrigger {
		return status == http.StatusOK
	}
	return status >= 200 && status <= 299
}

// HostOf is a request's host by its URL, lower case and without port: it must be one that the hook's secret may be sent to.
// It is empty where there is none.
func HostOf(target string) string {
	parsed, err := url.Parse(target)
	if err != nil {
		return ""
	}
	return strings.ToLower(parsed.Hostname())
}

// array joins JSON values to a JSON array.
func array(items [][]byte) []byte {
	size := 2 + len(items)
	for _, item := range items {
		size += len(item)
	}
	body := append(make([]byte, 0, size), '[')
	for i, item := range items {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, item...)
	}
	return append(body, ']')
}

// template is a text cut at its placeholders.
type template []string

func cut(text string) template { return strings.Split(text, Placeholder) }

func (t template) expand(value string) string { return strings.Join(t, value) }

// prepare derives what requests are made of.
func (h *Hook) prepare() error {
	if h.Filter == nil {
		all, err := filter.Compile("")
		if err != nil {
			return err
		}
		h.Filter = all
	}
	h.target = cut(withParameters(h.URL, h.CustomParameters))
	h.payload = cut(h.Payload)
	return nil
}

// withParameters adds parameters to the query of a URL without a fragment, in the order of their names.
func withParameters(target string, parameters map[string]string) string {
	return withQuery(target, slices.Sorted(maps.Keys(parameters)), parameters)
}

// withQuery adds the named values to the query of a URL without a fragment, in the order of names.
func withQuery(target string, names []string, values map[string]string) string {
	var b strings.Builder
	b.WriteString(target)
	separator := "?"
	if query := strings.IndexByte(target, '?'); query >= 0 {
		separator = "&"
		if last := target[len(target)-1]; last == '?' || last == '&' {
			separator = ""
		}
	}
	for _, name := range names {
		b.WriteString(separator)
		b.WriteString(escape(name) + "=" + escape(values[name]))
		separator = "&"
	}
	return b.String()
}

// escape percent-encodes all but RFC 3986's unreserved characters.
func escape(text string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(len(text))
	for i := range len(text) {
		switch c := text[i]; {
		case alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~':
			b.WriteByte(c)
		default:
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		}
	}
	return b.String()
}

// escapeJSON writes text as it stands inside a JSON string.
func escapeJSON(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	quoted, err := contact.AppendJSON(nil, text)
	if err != nil {
		return ""
	}
	return string(quoted[1 : len(quoted)-1])
}
