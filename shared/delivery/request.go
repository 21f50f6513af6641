package delivery

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Request is what an attempt sends. Headers that carry secrets are not among Headers but derived from Login and Password.
type Request struct {
	Method string
	// URL is complete: placeholder replaced, custom parameters added.
	URL     string
	Headers map[string]string
	// Body is empty for GET.
	Body []byte
	// Login and Password are sent with basic authentication when Login is not empty.
	Login    string
	Password Secret
	// Timeout bounds the attempt from connecting to the last byte of the answer that is read.
	Timeout time.Duration
	// Success reports whether a status means that the receiver took it.
	Success func(status int) bool
	// Event says that the body is an event's, which is the same at each attempt.
	Event bool
}

// WebhookID is the value of the webhook-id header: the delivery's id and the first 8 hex digits of the SHA-256 of what
// is sent (the body; the URL where there is none). Within a delivery the same state has the same id and another state
// another one, so a receiver that drops ids it knows loses nothing. An event's is the delivery's id alone.
func (r Request) WebhookID(delivery string) string {
	if r.Event {
		return delivery
	}
	sent := r.Body
	if len(sent) == 0 {
		sent = []byte(r.URL)
	}
	sum := sha256.Sum256(sent)
	return delivery + "-" + hex.EncodeToString(sum[:4])
}
