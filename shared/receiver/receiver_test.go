package receiver_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/receiver"
)

func start(t *testing.T) *receiver.Receiver {
	t.Helper()
	r, err := receiver.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// send returns the answer with up to 1 KB of its body.
func send(ctx context.Context, t *testing.T, method, url, body string) (*http.Response, string, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1000))
	return response, string(text), err
}

func statuses(t *testing.T, url string, count int) []int {
	t.Helper()
	var got []int
	for range count {
		response, _, err := send(t.Context(), t, http.MethodPost, url, "")
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, response.StatusCode)
	}
	return got
}

func TestRequestsAreRecorded(t *testing.T) {
	t.Parallel()
	r := start(t)
	before := time.Now()
	calls := []struct{ method, path, body string }{
		{http.MethodGet, "/v1/a%2Fb%20%26%3F%23%25?tenant=12", ""},
		{http.MethodPost, "/v2?x=1", `[{"contactNumber":"1","role":"MEMBER"},{"contactNumber":"2"},{"role":"none"}]`},
		{http.MethodPost, "/events", `{"type":"contact.updated"}`},
		{http.MethodPost, "/v1/", "not json"},
	}
	for _, call := range calls {
		if _, _, err := send(t.Context(), t, call.method, r.URL()+call.path, call.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.WaitFor(t.Context(), func(got []receiver.Request) bool { return len(got) == 4 && !got[3].Ended.IsZero() }); err != nil {
		t.Fatal(err)
	}
	var got []receiver.Request
	for _, request := range r.Requests() {
		if request.At.Before(before) || request.Ended.Before(request.At) || request.Headers.Get("User-Agent") == "" {
			t.Errorf("request %d has times %v, %v and headers %v", request.Number, request.At, request.Ended, request.Headers)
		}
		request.At, request.Ended, request.Headers = time.Time{}, time.Time{}, nil
		got = append(got, request)
	}
	want := []receiver.Request{
		{Number: 1, Method: "GET", Path: "/v1/a%2Fb%20%26%3F%23%25", Query: "tenant=12", Body: []byte{}, Contacts: []string{"a/b &?#%"}, Status: 200},
		{Number: 2, Method: "POST", Path: "/v2", Query: "x=1", Body: []byte(calls[1].body), Contacts: []string{"1", "2"}, Status: 200},
		{Number: 3, Method: "POST", Path: "/events", Body: []byte(calls[2].body), Status: 200},
		{Number: 4, Method: "POST", Path: "/v1/", Body: []byte("not json"), Status: 200},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
	r.Forget()
	if left := r.Requests(); len(left) != 0 {
		t.Errorf("%d requests after Forget, want none", len(left))
	}
}

func TestScripts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		scripts map[string][]receiver.Answer
		want    []int
	}{
		{"none", nil, []int{200, 200}},
		{"sequence", map[string][]receiver.Answer{"/in/a": receiver.Statuses(500, 410)}, []int{500, 410, 200, 200}},
		{"the next three fail", map[string][]receiver.Answer{"/in/a": {{Status: 503, Times: 3}}}, []int{503, 503, 503, 200}},
		{"forever", map[string][]receiver.Answer{"/in/a": {{Status: 202}, {Status: 500, Times: receiver.Forever}}}, []int{202, 500, 500}},
		{"below a path", map[string][]receiver.Answer{"/in/": {{Status: 500, Times: receiver.Forever}}}, []int{500, 500}},
		{"the longest counts", map[string][]receiver.Answer{"/in/": {{Status: 500}}, "/in/a": {{Status: 404}}}, []int{404, 200}},
		{"another path", map[string][]receiver.Answer{"/in": {{Status: 500}}, "/in/b": {{Status: 500}}}, []int{200}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := start(t)
			for path, answers := range test.scripts {
				r.Script(path, answers...)
			}
			got := statuses(t, r.URL()+"/in/a", len(test.want))
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("statuses differ (-want +got):\n%s", diff)
			}
			var recorded []int
			for _, request := range r.Requests() {
				recorded = append(recorded, request.Status)
			}
			if diff := cmp.Diff(test.want, recorded); diff != "" {
				t.Errorf("recorded statuses differ (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAScriptIsReplacedAndNotShared(t *testing.T) {
	t.Parallel()
	r := start(t)
	answers := []receiver.Answer{{Status: 500, Times: 2}}
	r.Script("/a", answers...)
	r.Script("/b", answers...)
	if diff := cmp.Diff([]int{500, 500, 200}, statuses(t, r.URL()+"/a", 3)); diff != "" {
		t.Errorf("/a differs (-want +got):\n%s", diff)
	}
	r.Script("/b")
	if diff := cmp.Diff([]int{200}, statuses(t, r.URL()+"/b", 1)); diff != "" {
		t.Errorf("/b differs (-want +got):\n%s", diff)
	}
}

func TestHeadersAndBodies(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Script("/a", receiver.Answer{Status: 429, RetryAfter: "120", Body: "slow down"}, receiver.Answer{Status: 302, Location: "/b"})
	response, body, err := send(t.Context(), t, http.MethodPost, r.URL()+"/a", "")
	if err != nil || response.Header.Get("Retry-After") != "120" || body != "slow down" {
		t.Errorf("got %v, %q, %v; want Retry-After 120 and a body", response, body, err)
	}
	if response, _, err = send(t.Context(), t, http.MethodPost, r.URL()+"/a", ""); err != nil || response.Header.Get("Location") != "/b" {
		t.Errorf("got %v, %v; want Location /b", response, err)
	}
}

func TestEndlessAndBrokenAnswers(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Script("/endless", receiver.Answer{Endless: true})
	if _, body, err := send(t.Context(), t, http.MethodPost, r.URL()+"/endless", ""); err != nil || len(body) != 1000 {
		t.Errorf("got %d bytes, %v; want more than were read", len(body), err)
	}
	r.Script("/broken", receiver.Answer{Broken: true})
	if _, _, err := send(t.Context(), t, http.MethodPost, r.URL()+"/broken", ""); err == nil {
		t.Error("got an answer, want a broken connection")
	}
	ended := func(requests []receiver.Request) bool {
		return len(requests) == 2 && !requests[0].Ended.IsZero() && !requests[1].Ended.IsZero() && requests[1].Status == 0
	}
	if err := r.WaitFor(t.Context(), ended); err != nil {
		t.Error(err)
	}
}

func TestAHangingAnswerEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	r := start(t)
	r.Script("/hang", receiver.Answer{Hang: time.Hour, Times: receiver.Forever})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, _, err := send(ctx, t, http.MethodPost, r.URL()+"/hang", "")
		failed <- err
	}()
	arrived := func(requests []receiver.Request) bool { return len(requests) == 1 && requests[0].Ended.IsZero() }
	if err := r.WaitFor(t.Context(), arrived); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the cancellation", err)
	}
	if err := r.WaitFor(t.Context(), func(requests []receiver.Request) bool { return !requests[0].Ended.IsZero() && requests[0].Status == 0 }); err != nil {
		t.Error(err)
	}
}

func TestWaitForSaysWhatThereWas(t *testing.T) {
	t.Parallel()
	r := start(t)
	statuses(t, r.URL()+"/a", 2)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := r.WaitFor(ctx, func([]receiver.Request) bool { return false })
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "2 so far") {
		t.Errorf("got %v, want the deadline and 2 so far", err)
	}
}

func TestTimesAndAt(t *testing.T) {
	t.Parallel()
	requests := []receiver.Request{
		{Path: "/v2", Contacts: []string{"1", "2"}, Status: 500},
		{Path: "/v2", Contacts: []string{"1", "2"}, Status: 200},
		{Path: "/v1/2", Contacts: []string{"2"}, Status: 204},
	}
	if diff := cmp.Diff(map[string]int{"1": 1, "2": 2}, receiver.Times(receiver.Taken(requests))); diff != "" {
		t.Errorf("times taken differ (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int{"1": 2, "2": 3}, receiver.Times(requests)); diff != "" {
		t.Errorf("times in all differ (-want +got):\n%s", diff)
	}
	if got := receiver.At(requests, "/v1/"); len(got) != 1 || got[0].Path != "/v1/2" {
		t.Errorf("under /v1/: got %v, want one", got)
	}
	if got := receiver.At(requests, "/v2"); len(got) != 2 {
		t.Errorf("at /v2: got %v, want two", got)
	}
}

func TestATakenPortIsAnError(t *testing.T) {
	t.Parallel()
	r := start(t)
	if _, err := receiver.Start(strings.TrimPrefix(r.URL(), "http://")); err == nil {
		t.Error("want an error")
	}
}
