package api

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
)

// answer is a response until it is whole, so that a handler that breaks leaves nothing half said; and what the log is to
// know of the request.
type answer struct {
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

func newAnswer() *answer { return &answer{header: http.Header{}} }

// Header is of http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader is of http.ResponseWriter: the first status counts.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write is of http.ResponseWriter.
func (a *answer) Write(part []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(part)
}

// refuse puts a problem in the place of whatever was said.
func (a *answer) refuse(p *problem) {
	a.header, a.status = p.GetHeaders(), p.Status
	a.header.Set("Content-Type", problemType)
	a.body.Reset()
	encoder := json.NewEncoder(&a.body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(p); err != nil {
		a.body.Reset()
	}
}

// send says it all.
func (a *answer) send(w http.ResponseWriter) error {
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
