// Package webhook makes one HTTP request of a delivery and says what came of it. It must not know why the request is
// made, what a failure means for the delivery, or where anything is stored.
package webhook

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptrace"
	"time"

	"crmhook/shared/delivery"
)

// Config is what a Client is made from.
type Config struct {
	// Version is the <version> of "User-Agent: crmhook/<version>".
	Version string
	// Now is the clock of webhook-timestamp, of an attempt's times and of a Retry-After date.
	Now func() time.Time
	// ConnsPerHost is the most connections to one host and port, so that a receiver that hangs holds so many and no more.
	// A request that waits for one waits within its timeout: make it at least the requests that are made at once to a
	// host. 0: DefaultConnsPerHost.
	ConnsPerHost int
	// Roots are the certificate authorities that are trusted; nil: the system's.
	Roots *x509.CertPool
}

// DefaultConnsPerHost is Config.ConnsPerHost where it is 0.
const DefaultConnsPerHost = 32

const (
	// idleFor keeps connections over the invocations of a warm function, and lets go of them before the load balancers
	// in front of most receivers do (60 s): a connection that the other side closes meanwhile costs a failed write.
	idleFor = 55 * time.Second
	// connectFor and handshakeFor bound what net/http does on behalf of no request in particular: a connection attempt
	// outlives the request that began it and holds a place of ConnsPerHost until it ends.
	connectFor   = 15 * time.Second
	handshakeFor = 15 * time.Second
	// headersRead bounds the headers of an answer, the informational ones (1xx) before it included.
	headersRead = 64 << 10
	// idleConns bounds the connections kept in all: far below the 1,024 file descriptors of a function.
	idleConns = 256
	// pingAfter and pingFor find an HTTP/2 connection that died while the function was frozen: one carries the requests
	// of a whole host.
	pingAfter = 10 * time.Second
	pingFor   = 5 * time.Second
)

// Client makes requests. It is safe for concurrent use and keeps connections between them.
type Client struct {
	agent     string
	now       func() time.Time
	transport *http.Transport
}

// New returns a client with a transport of its own: no proxy (the environment's would see what receivers get), no
// redirects, no decompression, TLS 1.2 or later, HTTP/2 where the receiver offers it.
func New(config Config) *Client {
	return &Client{agent: "crmhook/" + config.Version, now: config.Now, transport: transport(config)}
}

func transport(config Config) *http.Transport {
	perHost := config.ConnsPerHost
	if perHost <= 0 {
		perHost = DefaultConnsPerHost
	}
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: connectFor}).DialContext,
		TLSClientConfig: &tls.Config{
			MinVersion:         tls.VersionTLS12,
			RootCAs:            config.Roots,
			ClientSessionCache: tls.NewLRUClientSessionCache(idleConns),
		},
		TLSHandshakeTimeout:    handshakeFor,
		ForceAttemptHTTP2:      true,
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: pingAfter, PingTimeout: pingFor},
		DisableCompression:     true,
		MaxConnsPerHost:        perHost,
		MaxIdleConnsPerHost:    perHost,
		MaxIdleConns:           idleConns,
		IdleConnTimeout:        idleFor,
		MaxResponseHeaderBytes: headersRead,
	}
}

// Do makes one request of the delivery with the given id and returns the attempt, without its Number and Records. It
// never fails: what went wrong is the attempt's Error and Detail. r.Timeout must be positive and r.Success set.
//
// An answer counts once it was read to its end or for its first 64 KiB; one that does not get there within r.Timeout is
// a timeout whatever its status, because it held the sender so long. Where ctx ends first, that is a timeout too. An
// answer that breaks off counts by its status, which the receiver has said by then.
func (c *Client) Do(ctx context.Context, r delivery.Request, id string) delivery.Attempt {
	attempt := delivery.Attempt{At: c.now()}
	request, err := c.request(r, id, attempt.At)
	if err != nil {
		attempt.Error, attempt.Detail = delivery.Connect, err.Error()
		return attempt
	}
	attempt.Headers = shown(request.Header)
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	c.exchange(ctx, request, r, &attempt)
	attempt.Duration = c.now().Sub(attempt.At)
	return attempt
}

// exchange uses the transport itself rather than an http.Client: it follows no redirect and wraps no error with the URL.
func (c *Client) exchange(ctx context.Context, request *http.Request, r delivery.Request, attempt *delivery.Attempt) {
	hide, steps := hider(r), new(progress)
	response, err := c.transport.RoundTrip(request.WithContext(httptrace.WithClientTrace(ctx, steps.trace())))
	if err != nil {
		attempt.Error, attempt.Detail = unanswered(ctx, err, steps)
		attempt.Detail = short(hide.Replace(attempt.Detail))
		return
	}
	defer func() { _ = response.Body.Close() }()
	steps.reach(readingBody)
	body, err := read(response)
	attempt.Status = response.StatusCode
	attempt.Answer = kept(body, hide)
	attempt.RetryAfter = wait(response, c.now())
	attempt.Error, attempt.Detail = answered(ctx, response, err, r.Success)
	attempt.Detail = short(hide.Replace(attempt.Detail))
}
