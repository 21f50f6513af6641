package api_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"crmhook/shared/access"
	"crmhook/shared/api"
	"crmhook/shared/gateway"
)

// TestSamplesAreAnswered sends the sample events as the function gets them.
func TestSamplesAreAnswered(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.key("dummy-token", "demo", access.RecordsRead, access.RecordsWrite, access.Triggers)
	for _, c := range []struct {
		sample string
		status int
		holds  string
	}{
		{"inbound-get", 404, `"title":"Not Found"`},
		{"inbound-put", 201, `"email":"jane@example.com"`},
		{"inbound-get", 200, `"role":"MEMBER"`},
		{"inbound-page", 200, `"id":"4711"`},
		{"inbound-trigger", 403, `"title":"Forbidden"`}, // its customer is not one of demo's
	} {
		text, err := os.ReadFile("../../events/" + c.sample + ".json")
		if err != nil {
			t.Fatal(err)
		}
		var event events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(text, &event); err != nil {
			t.Fatal(err)
		}
		got, err := gateway.Handler{HTTP: w.Handler, WithRequestID: api.WithRequestID}.Handle(t.Context(), event)
		if err != nil || got.StatusCode != c.status || !strings.Contains(got.Body, c.holds) {
			t.Errorf("%s: got %d with %s (%v), want %d with %s", c.sample, got.StatusCode, got.Body, err, c.status, c.holds)
		}
	}
	if !strings.Contains(w.log.String(), `"request_id":"JKJaXmPLvHcESHA="`) || strings.Contains(w.log.String(), "dummy-token") || strings.Contains(w.log.String(), "4711") {
		t.Errorf("the log names no request, or what is personal: %s", w.log)
	}
}
