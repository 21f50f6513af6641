package webhook

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"

	"crmhook/shared/delivery"
)

// unanswered is the cause and detail of an attempt to which no status came.
func unanswered(ctx context.Context, err error, steps *progress) (delivery.Cause, string) {
	if ctx.Err() != nil {
		return delivery.Timeout, ended(ctx, steps.at())
	}
	cause := causeOf(err, steps)
	if cause == delivery.Timeout {
		return cause, fmt.Sprintf("no answer: gave up while %s: %v", steps.at(), err)
	}
	return cause, err.Error()
}

// ended says why ctx is over and where the attempt stood then.
func ended(ctx context.Context, at step) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Sprintf("out of time while %s", at)
	}
	return fmt.Sprintf("cancelled by the sender while %s", at)
}

// causeOf goes from the particular to the general: a name server that does not answer is dns although it is a timeout.
func causeOf(err error, steps *progress) delivery.Cause {
	var name *net.DNSError
	var network net.Error
	switch {
	case errors.As(err, &name):
		return delivery.DNS
	case errors.As(err, &network) && network.Timeout():
		return delivery.Timeout
	case steps.failedHandshake(err), ofTLS(err):
		return delivery.TLS
	case ofHeaders(err):
		return delivery.TooLarge
	}
	return delivery.Connect
}

// ofTLS knows the alerts that TLS 1.3 sends after the client's side of the handshake is done, as for a missing client
// certificate.
func ofTLS(err error) bool {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var operation *net.OpError
	return errors.As(err, &certificate) || errors.As(err, &record) ||
		errors.As(err, &operation) && (operation.Op == "remote error" || operation.Op == "local error")
}

// ofHeaders goes by net/http's words, for which it has no type: the first are HTTP/1's, the second HTTP/2's.
func ofHeaders(err error) bool {
	return strings.Contains(err.Error(), "server response headers exceeded") ||
		strings.Contains(err.Error(), "response header list larger than advertised limit")
}
