package webhook

import (
	"crypto/tls"
	"errors"
	"net/http/httptrace"
	"sync/atomic"
)

// step is how far an attempt got.
type step int32

const (
	waiting step = iota
	resolving
	connecting
	shaking
	sending
	sent
	readingHeaders
	readingBody
)

// String completes "out of time while …".
func (s step) String() string {
	return [...]string{
		waiting:        "waiting for a connection",
		resolving:      "looking up the host's name",
		connecting:     "connecting",
		shaking:        "in the TLS handshake",
		sending:        "sending the request",
		sent:           "waiting for the answer",
		readingHeaders: "reading the answer's headers",
		readingBody:    "reading the answer's body",
	}[s]
}

// progress follows an attempt through the transport, whose hooks may be called at any time and from other goroutines.
type progress struct {
	furthest  atomic.Int32
	handshake atomic.Pointer[error]
}

func (p *progress) at() step { return step(p.furthest.Load()) }

// reach never goes back: a connection that is made although another one was taken meanwhile says nothing new.
func (p *progress) reach(s step) {
	for {
		now := p.furthest.Load()
		if now >= int32(s) || p.furthest.CompareAndSwap(now, int32(s)) {
			return
		}
	}
}

// failedHandshake reports whether err is the one that ended the TLS handshake, whatever its type: a receiver that
// hangs up in the middle of it leaves a mere EOF.
func (p *progress) failedHandshake(err error) bool {
	fault := p.handshake.Load()
	return fault != nil && errors.Is(err, *fault)
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { p.reach(resolving) },
		ConnectStart:      func(string, string) { p.reach(connecting) },
		TLSHandshakeStart: func() { p.reach(shaking) },
		TLSHandshakeDone: func(_ tls.ConnectionState, err error) {
			if err != nil {
				p.handshake.Store(&err)
			}
		},
		GotConn:              func(httptrace.GotConnInfo) { p.reach(sending) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { p.reach(sent) },
		GotFirstResponseByte: func() { p.reach(readingHeaders) },
	}
}
