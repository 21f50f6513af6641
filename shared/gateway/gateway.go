// Package gateway brings requests of an API Gateway HTTP API (payload 2.0) to an http.Handler, and its answers back. Paths
// are taken as API Gateway decoded them, headers as it joined them. It must not know what is asked for.
package gateway

import (
	"bytes"
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// mostText is how long a body may be that is answered as text. The text travels within JSON, where escapes may make it six
// times as long, and a function's answer has 6 MB in all; base64 makes any body longer by a third only.
const mostText = 512 << 10

// Handler answers events.
type Handler struct {
	HTTP http.Handler
	// WithRequestID puts the id that API Gateway gave a request into its context.
	WithRequestID func(ctx context.Context, id string) context.Context
}

// Handle answers one request. It never fails: what went wrong is an answer too.
func (h Handler) Handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	answer := &answer{header: http.Header{}}
	h.HTTP.ServeHTTP(answer, Request(h.WithRequestID(ctx, event.RequestContext.RequestID), event))
	return answer.response(), nil
}

// answer is a response until it is whole.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

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

// response is the answer as API Gateway takes it: one value for each header, cookies apart, and text as text.
func (a *answer) response() events.APIGatewayV2HTTPResponse {
	a.WriteHeader(http.StatusOK)
	response := events.APIGatewayV2HTTPResponse{
		StatusCode: a.status, Headers: make(map[string]string, len(a.header)), Cookies: a.header.Values("Set-Cookie"),
	}
	for name, values := range a.header {
		if name != "Set-Cookie" {
			response.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	body := a.body.Bytes()
	if len(body) <= mostText && a.header.Get("Content-Encoding") == "" && utf8.Valid(body) {
		response.Body = string(body)
		return response
	}
	response.Body, response.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	return response
}
