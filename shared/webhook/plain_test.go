package webhook_test

import (
	"bytes"
	"io"
	"net/http"

	"crmhook/shared/delivery"
)

// plain is the least that a program does for the same request; the benchmark compares with it.
func plain(c *http.Client, r delivery.Request) bool {
	request, err := http.NewRequest(r.Method, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return false
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.Do(request)
	if err != nil {
		return false
	}
	defer func() { _ = response.Body.Close() }()
	_, err = io.Copy(io.Discard, response.Body)
	return err == nil && response.StatusCode == http.StatusOK
}
