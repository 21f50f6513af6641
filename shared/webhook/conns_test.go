package webhook_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/webhook"
)

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// counted starts a server that counts its connections.
func counted(t *testing.T, handler http.HandlerFunc) (*httptest.Server, *atomic.Int32) {
	t.Helper()
	conns := new(atomic.Int32)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			conns.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server, conns
}

func TestAHangingReceiverHoldsOnlyItsOwnConnections(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hanging, held := counted(t, func(http.ResponseWriter, *http.Request) { <-release })
	other, _ := counted(t, func(http.ResponseWriter, *http.Request) {})
	c := webhook.New(webhook.Config{Now: time.Now, ConnsPerHost: 2})

	var under sync.WaitGroup
	for range 10 {
		under.Go(func() { c.Do(t.Context(), post(hanging.URL), "d1") })
	}
	for deadline := time.Now().Add(5 * time.Second); held.Load() < 2 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	for range 20 {
		if got := c.Do(t.Context(), post(other.URL), "d2"); !got.OK() || got.Duration > 2*time.Second {
			t.Errorf("the other receiver's attempt: %q %q after %v", got.Error, got.Detail, got.Duration)
		}
	}
	close(release)
	under.Wait()
	if held.Load() != 2 {
		t.Errorf("%d connections to the hanging receiver, want 2", held.Load())
	}
}

func TestTheWaitForAConnectionIsTold(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}), make(chan struct{})
	server, _ := counted(t, func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	})
	c := webhook.New(webhook.Config{Now: time.Now, ConnsPerHost: 1})
	var under sync.WaitGroup
	under.Go(func() { c.Do(t.Context(), post(server.URL), "d1") })
	<-arrived
	request := post(server.URL)
	request.Timeout = 50 * time.Millisecond
	got := c.Do(t.Context(), request, "d2")
	close(release)
	under.Wait()
	if want := "out of time while waiting for a connection"; got.Error != delivery.Timeout || got.Detail != want {
		t.Errorf("got %q %q, want timeout, %q", got.Error, got.Detail, want)
	}
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 500} {
		server, conns := counted(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = w.Write(make([]byte, 60<<10))
		})
		c := client(t)
		for range 5 {
			c.Do(t.Context(), post(server.URL), "d1")
		}
		if conns.Load() != 1 {
			t.Errorf("answers of %d: %d connections, want 1", status, conns.Load())
		}
	}
}

// A kept connection that its receiver closed is found out when it is written to, as after a freeze of the function.
func TestAConnectionThatDiedWhileKeptIsNoFailure(t *testing.T) {
	t.Parallel()
	var conns atomic.Int32
	address := listen(t, func(conn net.Conn) {
		conns.Add(1) // Before the answer, with which the test may be over.
		after(ok + "Content-Length: 0\r\n\r\n")(conn)
		_, _ = conn.Read(make([]byte, 1)) // takes the next request's first byte and hangs up
	})
	c := client(t)
	for i := range 3 {
		if got := c.Do(t.Context(), post("http://"+address), "d1"); !got.OK() {
			t.Errorf("attempt %d: %q %q", i, got.Error, got.Detail)
		}
	}
	if got := conns.Load(); got < 3 {
		t.Errorf("%d connections, want one for each answer", got)
	}
}

func BenchmarkRequests(b *testing.B) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"status":"taken"}`)
	}))
	defer server.Close()
	request := post(server.URL)
	b.Run("webhook", func(b *testing.B) {
		c := webhook.New(webhook.Config{Version: "1", Now: time.Now})
		parallel(b, func() bool { return c.Do(b.Context(), request, "d1").OK() })
	})
	b.Run("plain", func(b *testing.B) {
		c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: webhook.DefaultConnsPerHost}, Timeout: request.Timeout}
		parallel(b, func() bool { return plain(c, request) })
	})
}

func parallel(b *testing.B, do func() bool) {
	b.ReportAllocs()
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if !do() {
				b.Error("a request failed")
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "requests/s")
}
