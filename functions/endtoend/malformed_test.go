package endtoend_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"crmhook/shared/apitest"
)

// Whatever is malformed is refused with a status of the 400s, and changes nothing.
func TestMalformedRequests(t *testing.T) {
	c := openControl(t)
	c.save("crm", "contact-webhook-v2", "/in", immediate)
	configuration := string(c.want(http.StatusOK, http.MethodGet, c.at("/interfaces/crm"), "").Body)
	c.want(http.StatusCreated, http.MethodPut, c.path("contact", "C1"), `{"role":"MEMBER"}`)
	before := string(c.want(http.StatusOK, http.MethodGet, c.path("contact", "C1"), "").Body)
	target := apitest.Target{Organization: c.organization, Token: c.token, Customer: c.organization, Database: "Main", Contact: "C1", Interface: "crm"}
	sent := 0
	for _, m := range append(target.All(), target.Control()...) {
		if m.AtOnce {
			continue
		}
		status, kind, body := c.malformed(m)
		sent++
		if status != m.Status || m.Method != http.MethodHead && !strings.HasPrefix(kind, "application/problem+json") {
			t.Errorf("%s: got %d %s %.300s, want a problem %d", m.Name, status, kind, body, m.Status)
		}
		if strings.Contains(body, c.token) {
			t.Errorf("%s: the answer shows the token", m.Name)
		}
	}
	if after := string(c.want(http.StatusOK, http.MethodGet, c.path("contact", "C1"), "").Body); after != before {
		t.Errorf("the contact changed:\n%s\n%s", before, after)
	}
	for _, entity := range []string{"contact", "order", "product"} {
		list := string(c.want(http.StatusOK, http.MethodGet, "/organizations/"+c.organization+"/records/"+entity, "").Body)
		if n := strings.Count(list, `"version"`); n > 1 || n == 1 && entity != "contact" {
			t.Errorf("records of %s: %s", entity, list)
		}
	}
	if after := string(c.want(http.StatusOK, http.MethodGet, c.at("/interfaces/crm"), "").Body); after != configuration {
		t.Errorf("the interface changed:\n%s\n%s", configuration, after)
	}
	t.Logf("%d malformed requests, none answered with 5xx, no effect", sent)
}

func (c *caller) malformed(m apitest.Malformed) (status int, kind, body string) {
	c.Helper()
	base, err := url.Parse(c.stage.ApiURL)
	if err != nil {
		c.Fatal(err)
	}
	address := *base
	address.Path, address.RawQuery = base.Path+m.Path, m.Query
	request := &http.Request{Method: m.Method, URL: &address, Host: base.Host, Header: m.Header.Clone(), Body: io.NopCloser(strings.NewReader(m.Body)), ContentLength: int64(len(m.Body))}
	if m.Body == "" {
		request.Body = http.NoBody
	}
	response, err := http.DefaultClient.Do(request.WithContext(c.Context()))
	if err != nil {
		c.Fatalf("%s: %v", m.Name, err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		c.Fatal(err)
	}
	return response.StatusCode, response.Header.Get("Content-Type"), string(text)
}
