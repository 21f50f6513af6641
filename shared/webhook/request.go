package webhook

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/delivery"
)

// errRequest stands for net/http's own error, which would quote the URL.
var errRequest = errors.New("the request cannot be made: its URL or its method is not valid")

// request is made without a context: the caller gives it one with the deadline.
func (c *Client) request(r delivery.Request, id string, at time.Time) (*http.Request, error) {
	request, err := http.NewRequestWithContext(context.Background(), r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return nil, errRequest
	}
	request.Header = c.headers(r, id, at)
	if r.Login != "" {
		request.SetBasicAuth(r.Login, string(r.Password))
	}
	return request, nil
}

// headers are r's and then crmhook's own, which win.
func (c *Client) headers(r delivery.Request, id string, at time.Time) http.Header {
	headers := http.Header{}
	if len(r.Body) > 0 {
		headers.Set("Content-Type", "application/json")
	}
	for name, value := range r.Headers {
		headers.Set(name, value)
	}
	for _, name := range []string{"Host", "Content-Length", "Transfer-Encoding", "Trailer"} {
		headers.Del(name) // the transport's own: it would leave these out, and the attempt would show them as sent
	}
	headers.Set("User-Agent", c.agent)
	headers.Set("Webhook-Id", r.WebhookID(id))
	headers.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	// A key without a value is not sent. It tells the transport that it may send a POST again when a kept connection
	// turns out to have been closed by the receiver before any answer, as after a freeze of the function. The receiver
	// knows the repeated webhook-id.
	if _, ok := headers["Idempotency-Key"]; !ok {
		headers["Idempotency-Key"] = nil
	}
	return headers
}

// plain reports whether people may see a header's value. Of any other, which an interface's configuration adds, only its name
// is kept: it may be a key, a cookie, or whatever else opens the receiver's door.
func plain(name string) bool {
	switch name {
	case "Accept", "Accept-Charset", "Accept-Encoding", "Accept-Language", "Content-Encoding", "Content-Language", "Content-Type",
		"Idempotency-Key", "User-Agent":
		return true
	}
	return strings.HasPrefix(name, webhookPrefix)
}

const webhookPrefix = "Webhook-"

// unshown stands for a value that is not kept.
const unshown = "…"

// shown are the headers as an attempt keeps them: the values of those that say how the request is to be read, and of others,
// Authorization too, the name with unshown. webhook-id and its like are written as their standard does.
func shown(headers http.Header) map[string]string {
	kept := make(map[string]string, len(headers))
	for name, values := range headers {
		if len(values) == 0 {
			continue
		}
		value := unshown
		if plain(name) {
			value = strings.Join(values, ", ")
		}
		if strings.HasPrefix(name, webhookPrefix) {
			name = strings.ToLower(name)
		}
		kept[name] = value
	}
	return kept
}

// shortest is the length from which a password is looked for in an answer: a shorter one would only garble it.
const shortest = 4

// hider takes the request's credentials out of what a receiver may have echoed.
func hider(r delivery.Request) *strings.Replacer {
	if r.Login == "" {
		return strings.NewReplacer()
	}
	const hidden = "(secret)"
	pairs := []string{base64.StdEncoding.EncodeToString([]byte(r.Login + ":" + string(r.Password))), hidden}
	if len(r.Password) >= shortest {
		pairs = append(pairs, string(r.Password), hidden)
	}
	return strings.NewReplacer(pairs...)
}
