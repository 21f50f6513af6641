// Package refusal says why a request is not done, in the words of HTTP and of RFC 9457's problem documents, so that all that
// answer requests refuse alike. It must not know what was asked.
package refusal

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/fault"
)

// Refusal is why a request is not done.
type Refusal struct {
	// Status is the HTTP status: 400 unreadable, 401, 403, 404, 405, 409, 412, 413, 422 faults, 429, 503 our own trouble.
	Status int
	// Detail says it in a sentence, with what to do. It holds no secret and no personal data.
	Detail string
	// Faults are all that is wrong with what was sent.
	Faults fault.List
	// Allow are the methods that are taken, with 405.
	Allow []string
	// RetryAfter is when to try again, with 409, 429 and 503; in whole seconds.
	RetryAfter time.Duration
}

// New is a refusal with a detail.
func New(status int, format string, args ...any) *Refusal {
	return &Refusal{Status: status, Detail: fmt.Sprintf(format, args...)}
}

// Faulty is a refusal for what is wrong with a request: 422 for a body that could be read, 400 for the rest.
func Faulty(status int, faults fault.List) *Refusal {
	return &Refusal{Status: status, Detail: "the request has faults; nothing was done", Faults: faults}
}

// Error is the detail with all faults.
func (r *Refusal) Error() string {
	text := fmt.Sprintf("%d %s: %s", r.Status, http.StatusText(r.Status), r.Detail)
	if len(r.Faults) > 0 {
		text += ": " + r.Faults.Error()
	}
	return text
}

// Of finds the refusal in an error; nil where the error is our own trouble.
func Of(err error) *Refusal {
	var r *Refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}
