// Package receiver is a customer's side of the webhooks, for the demo and the end-to-end tests: an HTTP server that
// records what arrives and answers as it is told. It is test support and no part of a deployment. It must not know
// crmhook: it sees what any receiver sees.
package receiver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Receiver is a running server. Make it with Start; all its methods may be called while requests arrive.
type Receiver struct {
	server *http.Server
	url    string
	closed chan struct{}

	mu       sync.Mutex
	count    int64
	requests []Request
	scripts  map[string][]Answer
	// changed is closed and replaced whenever a request arrives or ends.
	changed chan struct{}
}

// Start listens on the address; where it is empty, on 127.0.0.1 and a free port.
func Start(address string) (*Receiver, error) {
	if address == "" {
		address = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("start receiver: %w", err)
	}
	r := &Receiver{
		url: "http://" + listener.Addr().String(), closed: make(chan struct{}), changed: make(chan struct{}),
		scripts: map[string][]Answer{},
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(listener) }() // ends with Close, the only error that it can have by then
	return r, nil
}

// URL is the server's base, without a slash at the end.
func (r *Receiver) URL() string { return r.url }

// Close ends all requests, those that hang too, and the server. It is called once.
func (r *Receiver) Close() error {
	close(r.closed)
	if err := r.server.Close(); err != nil {
		return fmt.Errorf("close receiver: %w", err)
	}
	return nil
}

// Requests are those that arrived so far, in order.
func (r *Receiver) Requests() []Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.requests)
}

// Forget drops the requests that arrived so far; one that is under way is not shown when it ends.
func (r *Receiver) Forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = nil
}

// WaitFor returns when enough says true of the requests so far; it is asked whenever one arrives or ends. Where ctx
// ends first, the error says how many requests there were.
func (r *Receiver) WaitFor(ctx context.Context, enough func([]Request) bool) error {
	for {
		r.mu.Lock()
		requests, changed := slices.Clone(r.requests), r.changed
		r.mu.Unlock()
		if enough(requests) {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("wait for requests, %d so far: %w", len(requests), ctx.Err())
		}
	}
}

// arrived records a request and returns its number; ended, when its answer is over or
// never begun.
func (r *Receiver) arrived(request Request) int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.count++
	request.Number = r.count
	r.requests = append(r.requests, request)
	r.tell()
	return request.Number
}

func (r *Receiver) ended(number int64, begun bool, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range r.requests {
		if r.requests[i].Number == number {
			r.requests[i].Ended = at
			if !begun {
				r.requests[i].Status = 0
			}
		}
	}
	r.tell()
}

// tell is called with mu held.
func (r *Receiver) tell() {
	close(r.changed)
	r.changed = make(chan struct{})
}
