package web

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"

	"crmhook/shared/refusal"
)

// Answer is a response until it is whole, so that a handler that breaks leaves nothing half said; and what the log is to
// know of the request.
type Answer struct {
	header http.Header
	status int
	body   bytes.Buffer

	// route is the pattern of the path.
	route string
	// organization and key are whose request it is, once that is known.
	organization, key string
	// trouble is why we could not do our part.
	trouble error
}

// NewAnswer is an answer that says nothing yet.
func NewAnswer() *Answer { return &Answer{header: http.Header{}} }

// AnswerOf is the answer that a handler behind a Front writes to.
func AnswerOf(w http.ResponseWriter) *Answer {
	if a, ok := w.(*Answer); ok {
		return a
	}
	return NewAnswer()
}

// Header is of http.ResponseWriter.
func (a *Answer) Header() http.Header { return a.header }

// WriteHeader is of http.ResponseWriter: the first status counts.
func (a *Answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write is of http.ResponseWriter.
func (a *Answer) Write(part []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(part)
}

// Of notes for the log whose request it is.
func (a *Answer) Of(organization, key string) { a.organization, a.key = organization, key }

// Trouble notes for the log why we could not do our part; what is a refusal is none.
func (a *Answer) Trouble(err error) {
	if refusal.Of(err) == nil {
		a.trouble = err
	}
}

// Fail puts the problem that an error is in the place of whatever was said, and notes it where it is our own trouble.
func (a *Answer) Fail(err error) {
	a.Trouble(err)
	a.refuse(ProblemOf(err))
}

func (a *Answer) refuse(p *Problem) {
	a.header, a.status = p.GetHeaders(), p.Status
	a.header.Set("Content-Type", ProblemType)
	a.body.Reset()
	encoder := json.NewEncoder(&a.body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		a.body.Reset()
	}
}

// send says it all.
func (a *Answer) send(w http.ResponseWriter) error {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	a.WriteHeader(http.StatusOK)
	w.WriteHeader(a.status)
	if a.body.Len() == 0 {
		return nil
	}
	_, err := w.Write(a.body.Bytes())
	return err
}
