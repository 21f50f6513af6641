package stage

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Answer is what the HTTP API answered.
type Answer struct {
	Status  int
	Headers http.Header
	Body    []byte
}

// Call calls the HTTP API: the path, which begins with a slash, and query as they are given.
func (s *Stage) Call(ctx context.Context, method, path string, headers map[string]string, body []byte) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, 40*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, s.ApiURL+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, fmt.Errorf("call %s %s: %w", method, path, err)
	}
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("call %s %s: %w", method, path, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 10<<20))
	if err != nil {
		return Answer{}, fmt.Errorf("call %s %s: %w", method, path, err)
	}
	return Answer{Status: response.StatusCode, Headers: response.Header, Body: text}, nil
}
