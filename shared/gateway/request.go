package gateway

import (
	"context"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// Request is the request that an event stands for. The path is the event's, in which a percent sign is just that; a body
// that is said to be base64 and is not fails when it is read.
func Request(ctx context.Context, event events.APIGatewayV2HTTPRequest) *http.Request {
	about := event.RequestContext.HTTP
	where := &url.URL{Path: event.RawPath, RawQuery: event.RawQueryString}
	r := &http.Request{
		Method: about.Method, URL: where, RequestURI: where.RequestURI(),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: headers(event), Host: event.RequestContext.DomainName,
		RemoteAddr: net.JoinHostPort(about.SourceIP, "0"),
	}
	if host := r.Header.Get("Host"); host != "" {
		r.Host = host
	}
	r.Header.Del("Host")
	r.Body, r.ContentLength = body(event)
	return r.WithContext(ctx)
}

func headers(event events.APIGatewayV2HTTPRequest) http.Header {
	header := make(http.Header, len(event.Headers)+1)
	for name, value := range event.Headers {
		header.Add(name, value)
	}
	// API Gateway moves cookies out of the headers; others that send such events leave them there.
	if cookies := append(header.Values("Cookie"), event.Cookies...); len(cookies) > 0 {
		header.Set("Cookie", strings.Join(cookies, "; "))
	}
	return header
}

// body is the event's body with its length, -1 where only reading tells.
func body(event events.APIGatewayV2HTTPRequest) (io.ReadCloser, int64) {
	switch {
	case event.Body == "":
		return http.NoBody, 0
	case event.IsBase64Encoded:
		return io.NopCloser(base64.NewDecoder(base64.StdEncoding, strings.NewReader(event.Body))), -1
	}
	return io.NopCloser(strings.NewReader(event.Body)), int64(len(event.Body))
}
