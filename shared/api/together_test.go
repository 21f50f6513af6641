package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// together sends n requests at once and counts the answers by status.
func (w *world) together(n int, request func(i int) *http.Request) map[int]int {
	statuses := map[int]int{}
	var mu sync.Mutex
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			r := request(i)
			r.Header.Set("Authorization", "Bearer "+token)
			<-begin
			recorder := httptest.NewRecorder()
			w.ServeHTTP(recorder, r)
			mu.Lock()
			defer mu.Unlock()
			statuses[recorder.Code]++
		})
	}
	close(begin)
	all.Wait()
	return statuses
}

func (w *world) patchOf(body string) *http.Request {
	return httptest.NewRequestWithContext(w.Context(), "PATCH", contactPath, strings.NewReader(body))
}

func TestOfPatchesAtOnceNoneIsLost(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("PUT", contactPath, `{"role":"MEMBER"}`).is(http.StatusCreated)
	first := w.kept("contact", "4711").Version
	const n = 20
	statuses := w.together(n, func(i int) *http.Request { return w.patchOf(fmt.Sprintf(`{"field%d":%d}`, i, i)) })
	is := w.kept("contact", "4711")
	if statuses[http.StatusOK]+statuses[http.StatusServiceUnavailable] != n {
		t.Errorf("got the statuses %v", statuses)
	}
	if got := len(is.Data); got != 1+statuses[http.StatusOK] {
		t.Errorf("the contact has %d fields after %v", got, statuses)
	}
	if statuses[http.StatusOK] != n {
		t.Errorf("%d of %d patches were made: %v", statuses[http.StatusOK], n, statuses)
	}
	if is.Version != first+n {
		t.Errorf("the contact has version %d, want %d more than %d", is.Version, n, first)
	}
}

func TestOfWritersWithOneETagExactlyOneSucceeds(t *testing.T) {
	t.Parallel()
	for range 20 {
		w := open(t)
		tag := w.do("PUT", contactPath, `{"role":"MEMBER"}`).is(http.StatusCreated).header.Get("ETag")
		statuses := w.together(4, func(i int) *http.Request {
			r := w.patchOf(fmt.Sprintf(`{"field%d":%d}`, i, i))
			r.Header.Set("If-Match", tag)
			return r
		})
		if statuses[http.StatusOK] != 1 || statuses[http.StatusPreconditionFailed] != 3 || len(w.kept("contact", "4711").Data) != 2 {
			t.Fatalf("got %v and %v", statuses, w.kept("contact", "4711").Data)
		}
	}
}

func TestOfMakersOfOneRecordExactlyOneSucceeds(t *testing.T) {
	t.Parallel()
	w := open(t)
	statuses := w.together(4, func(i int) *http.Request {
		r := httptest.NewRequestWithContext(t.Context(), "PUT", contactPath, strings.NewReader(fmt.Sprintf(`{"by":%d}`, i)))
		r.Header.Set("If-None-Match", "*")
		return r
	})
	if statuses[http.StatusCreated] != 1 || statuses[http.StatusPreconditionFailed] != 3 {
		t.Errorf("got %v", statuses)
	}
}
