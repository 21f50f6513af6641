package control_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/apitest"
	"crmhook/shared/gateway"
	"crmhook/shared/web"
)

// malformed checks a refusal: a problem document that names the status and the faults, and no credential.
func (w *world) malformed(m apitest.Malformed, name string, s said) {
	w.Helper()
	if s.status != m.Status || s.header.Get("Content-Type") != web.ProblemType {
		w.Errorf("%s: got %d %s %.300s, want a problem %d", name, s.status, s.header.Get("Content-Type"), s.body, m.Status)
		return
	}
	var problem struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal(s.body, &problem); err != nil {
		w.Errorf("%s: %v in %.300q", name, err, s.body)
	}
	if problem.Type != "about:blank" || problem.Title != http.StatusText(m.Status) || problem.Status != m.Status || problem.Detail == "" {
		w.Errorf("%s: got the problem %+v", name, problem)
	}
	found := s.locations()
	for _, location := range m.Locations {
		if !slices.Contains(found, location) {
			w.Errorf("%s: faults at %q, want one at %s: %.600s", name, found, location, s.body)
		}
	}
	if m.Status == http.StatusUnprocessableEntity && len(found) == 0 {
		w.Errorf("%s: got 422 without a fault", name)
	}
	if strings.Contains(string(s.body), token) {
		w.Errorf("%s: the answer holds the token", name)
	}
	if allow := s.header.Get("Allow"); (m.Status == http.StatusMethodNotAllowed) != (allow != "") {
		w.Errorf("%s: Allow is %q", name, allow)
	}
}

// direct sends a request to the handler itself.
func (w *world) direct(m apitest.Malformed) said {
	w.Helper()
	r := &http.Request{
		Method: m.Method, URL: m.URL(), Header: m.Header.Clone(), Body: io.NopCloser(strings.NewReader(m.Body)), Proto: "HTTP/1.1",
	}
	return w.send(r.WithContext(w.Context()))
}

// viaGateway sends a request as API Gateway delivers it.
func (w *world) viaGateway(m apitest.Malformed) said {
	w.Helper()
	headers := map[string]string{}
	for name, values := range m.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	event := events.APIGatewayV2HTTPRequest{RawPath: m.Path, RawQueryString: m.Query, Headers: headers, Body: m.Body}
	event.RequestContext.HTTP.Method = m.Method
	event.RequestContext.HTTP.SourceIP = "192.0.2.1"
	response, err := gateway.Handler{HTTP: w.Handler, WithRequestID: web.WithRequestID}.Handle(w.Context(), event)
	if err != nil {
		w.Fatal(err)
	}
	header := http.Header{}
	for name, value := range response.Headers {
		header.Set(name, value)
	}
	return said{w.T, response.StatusCode, header, []byte(response.Body)}
}

func TestMalformedRequestsAreRefusedAndHaveNoEffect(t *testing.T) {
	t.Parallel()
	m, w := openManaged(t)
	before := m.effects()
	list := apitest.Target{Organization: "demo", Token: token, Contact: "4711", Interface: "crm"}.Control()
	if len(list) < 300 {
		t.Errorf("there are %d requests", len(list))
	}
	for _, request := range list {
		w.malformed(request, request.Name, w.direct(request))
		w.malformed(request, request.Name+" by the gateway", w.viaGateway(request))
		if got := m.effects(); got != before || len(w.eraser.ids) > 0 {
			t.Fatalf("%s: has an effect:\n%s", request.Name, cmp.Diff(before, got))
		}
	}
	if strings.Contains(w.log.String(), token) || strings.Contains(w.log.String(), `"level":"ERROR"`) {
		t.Errorf("the log holds a token or trouble")
	}
}
