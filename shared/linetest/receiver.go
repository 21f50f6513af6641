package linetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/tabletest"
)

// Request is one request that the receiver got.
type Request struct {
	// At is when it began, Ended when it was answered; zero while it is under way.
	At, Ended time.Time
	Delivery  string
	// Taken says that it was answered with success.
	Taken bool
	delivery.Request
}

// Contacts lists what a contact-webhook-v2 request carries: contact number → version, as Contact makes them. A request of
// another type carries none.
func (r Request) Contacts() map[string]int {
	var contacts []struct {
		ContactNumber string `json:"contactNumber"`
		Version       int    `json:"version"`
	}
	found := map[string]int{}
	// Events are not read for it: some are large, and each request is asked several times.
	if !bytes.HasPrefix(r.Body, []byte("[")) || json.Unmarshal(r.Body, &contacts) != nil {
		return found
	}
	for _, c := range contacts {
		found[c.ContactNumber] = c.Version
	}
	return found
}

// Receiver answers requests as Answer says, and remembers them and which of them overlapped.
type Receiver struct {
	// Answer says what comes of a request; nil: 200. It may change records, run the line or block, so that something
	// happens while a request is under way. Set it before the first request.
	Answer func(r Request) delivery.Attempt

	kill *tabletest.Kill
	now  func() time.Time

	mu       sync.Mutex
	requests []Request
	underWay map[string]int
	overlaps []string
}

// NewReceiver takes everything.
func NewReceiver(kill *tabletest.Kill, now func() time.Time) *Receiver {
	return &Receiver{kill: kill, now: now, underWay: map[string]int{}}
}

// Do makes one request; see webhook.Client. A sender that dies at it has perhaps been heard.
func (r *Receiver) Do(_ context.Context, request delivery.Request, id string) delivery.Attempt {
	got := Request{At: r.now(), Delivery: id, Request: request}
	attempt := delivery.Attempt{Status: 200, Duration: time.Millisecond}
	if err := r.kill.Write(func() {
		n := r.begin(got)
		defer func() { r.end(n, attempt.OK()) }()
		if r.Answer != nil {
			attempt = r.Answer(got)
		}
	}); err != nil {
		attempt = delivery.Attempt{Error: delivery.Connect}
	}
	attempt.At = got.At
	return attempt
}

func (r *Receiver) begin(got Request) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, got)
	for id := range got.Contacts() {
		if r.underWay[id]++; r.underWay[id] > 1 {
			r.overlaps = append(r.overlaps, fmt.Sprintf("%s at %s with %s", id, got.At.Format(time.TimeOnly), got.Delivery))
		}
	}
	return len(r.requests) - 1
}

func (r *Receiver) end(n int, taken bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests[n].Ended, r.requests[n].Taken = r.now(), taken
	for id := range r.requests[n].Contacts() {
		r.underWay[id]--
	}
}

// Requests are all requests so far, in the order in which they began.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Request(nil), r.requests...)
}

// Overlaps names the contacts that were in two requests at once.
func (r *Receiver) Overlaps() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string(nil), r.overlaps...)
}

// Status is an answer with a status; those from 300 on are failures.
func Status(status int) delivery.Attempt {
	a := delivery.Attempt{Status: status, Duration: time.Millisecond}
	if status >= 300 {
		a.Error, a.Answer = delivery.BadStatus, "no"
	}
	return a
}

// Always answers every request with a status.
func Always(status int) func(Request) delivery.Attempt {
	return func(Request) delivery.Attempt { return Status(status) }
}
