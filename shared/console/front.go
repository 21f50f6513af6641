package console

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"time"

	"crmhook/shared/refusal"
	"crmhook/shared/web"
)

// policy lets a page load its own files and nothing else, run no script that stands in it, and be framed by nobody.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// leastPacked is from how many bytes on an answer is worth packing.
const leastPacked = 1 << 10

// answer is a response until it is whole, and what the log is to know of the request.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
	// packed is the body as gzip where that is known already.
	packed []byte

	route             string
	organization, key string
	trouble           error
}

// ServeHTTP is of http.Handler.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	began := s.Now()
	v := &visit{site: s, http: r, answer: &answer{header: http.Header{}, status: http.StatusOK}}
	v.answer.header.Set("Cache-Control", "no-store")
	s.serve(v)
	s.report(v, began, v.answer.send(w, r))
}

// serve hands a request to its page; what goes wrong there becomes a page too.
func (s *site) serve(v *visit) {
	defer func() {
		if broken := recover(); broken != nil {
			v.fail(web.Broke(broken))
		}
	}()
	if err := s.origin.Check(v.http); err != nil {
		v.fail(refusal.New(http.StatusForbidden, "this form was sent from another site, so nothing was done: open the page here and send it again"))
		return
	}
	handler, pattern := http.Handler(nil), ""
	if web.Exact(v.http) {
		handler, pattern = s.mux.Handler(v.http)
	}
	if _, ok := handler.(handle); ok {
		v.answer.route = pattern
		s.mux.ServeHTTP(carrier{v: v}, v.http) // sets the path's values, and comes back by way of handle
		return
	}
	v.fail(v.nothing())
}

// carrier brings a visit through the router, which only knows http.ResponseWriter.
type carrier struct {
	http.ResponseWriter
	v *visit
}

// handle is what a route leads to.
type handle func(v *visit) error

// ServeHTTP is of http.Handler.
func (h handle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, ok := w.(carrier)
	if !ok {
		return
	}
	c.v.http = r
	if err := h(c.v); err != nil {
		c.v.fail(err)
	}
}

// send says it all.
func (a *answer) send(w http.ResponseWriter, r *http.Request) error {
	h := w.Header()
	maps.Copy(h, a.header)
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "same-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	body := a.body.Bytes()
	if len(body) >= leastPacked && takesGzip(r) {
		if a.packed == nil {
			packed, err := compressed(body)
			if err != nil {
				return err
			}
			a.packed = packed
		}
		body = a.packed
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(a.status)
	if r.Method == http.MethodHead || len(body) == 0 {
		return nil
	}
	_, err := w.Write(body)
	return err
}

// report is the request's line in the log.
func (s *site) report(v *visit, began time.Time, sent error) {
	a := v.answer
	web.Report(s.Log, "console", v.http, web.Line{
		Route: a.route, Status: a.status, Bytes: a.body.Len(), Took: s.Now().Sub(began), Organization: a.organization, Key: a.key,
		Trouble: a.trouble, Sent: sent,
	})
}
