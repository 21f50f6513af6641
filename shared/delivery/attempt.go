package delivery

import (
	"encoding/json"
	"time"
	"unicode/utf8"
)

// Attempt is one HTTP request of a delivery and what came of it. A receiver's refusal is an Attempt, never an error.
type Attempt struct {
	Number   int
	At       time.Time
	Duration time.Duration
	// Status is the HTTP status; 0 when none came.
	Status int
	Error  Cause
	// Detail says in words what went wrong, without secrets or the URL's query.
	Detail string
	// Answer is the first bytes of the body.
	Answer string
	// Headers are the request's, without secrets.
	Headers map[string]string
	// Records are the keys that were sent; nil: all of the delivery's.
	Records []string
	// RetryAfter is how long the receiver asked to wait (429 and 503); 0 when it did not. It is not kept.
	RetryAfter time.Duration
}

// attemptJSON is the attempt as the ledger and the API show it.
type attemptJSON struct {
	Number     int               `json:"number"`
	At         time.Time         `json:"at"`
	DurationMS int64             `json:"durationMs"`
	Status     int               `json:"status,omitempty"`
	Error      Cause             `json:"error,omitempty"`
	Detail     string            `json:"detail,omitempty"`
	Answer     string            `json:"answer,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	Records    []string          `json:"records,omitempty"`
}

// MarshalJSON writes the duration in milliseconds.
func (a Attempt) MarshalJSON() ([]byte, error) {
	return json.Marshal(attemptJSON{a.Number, a.At, a.Duration.Milliseconds(), a.Status, a.Error, a.Detail, a.Answer, a.Headers, a.Records})
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (a *Attempt) UnmarshalJSON(text []byte) error {
	var v attemptJSON
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	*a = Attempt{v.Number, v.At, time.Duration(v.DurationMS) * time.Millisecond, v.Status, v.Error, v.Detail, v.Answer, v.Headers, v.Records, 0}
	return nil
}

// OK reports whether the receiver took it.
func (a Attempt) OK() bool { return a.Error == "" }

// Cut is the first bytes of a text, at most n, without breaking a character.
func Cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
