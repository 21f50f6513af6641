package webhook_test

import (
	"bufio"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"crmhook/shared/delivery"
)

// listen hands each connection to answer, closes it afterwards and returns the address.
func listen(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				answer(conn)
			}()
		}
	}()
	return listener.Addr().String()
}

// after reads a request and then writes the text.
func after(text string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = http.ReadRequest(bufio.NewReader(conn))
		_, _ = io.WriteString(conn, text)
	}
}

// untilClosed keeps a connection open until the other side closes it.
func untilClosed(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

func hang(text string) func(net.Conn) {
	return func(conn net.Conn) {
		after(text)(conn)
		untilClosed(conn)
	}
}

func repeat(first, then string, pause time.Duration) func(net.Conn) {
	return func(conn net.Conn) {
		after(first)(conn)
		go untilClosed(conn)
		for err := error(nil); err == nil; {
			_, err = io.WriteString(conn, then)
			time.Sleep(pause)
		}
	}
}

func reset(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 1))
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
}

const ok = "HTTP/1.1 200 OK\r\n"

func TestEachFailureHasItsCause(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		scheme string
		answer func(net.Conn)
		status int
		want   delivery.Cause
		detail string
	}{
		{"hangs before headers", "http", untilClosed, 0, delivery.Timeout, "out of time while waiting for the answer"},
		{"hangs in the headers", "http", hang(ok + "X-A: b\r\n"), 0, delivery.Timeout, "out of time while reading the answer's headers"},
		{"hangs in the body", "http", hang(ok + "Content-Length: 9\r\n\r\nbegin"), 200, delivery.Timeout, "answered 200 OK, out of time while reading the answer's body"},
		{"hangs in the body of a refusal", "http", hang("HTTP/1.1 410 Gone\r\n\r\nbegin"), 410, delivery.Timeout, "answered 410 Gone, out of time"},
		{"hangs in the handshake", "https", untilClosed, 0, delivery.Timeout, "out of time while in the TLS handshake"},
		{"drips its headers", "http", repeat(ok, "X-A: b\r\n", 20*time.Millisecond), 0, delivery.Timeout, "reading the answer's headers"},
		{"drips its body", "http", repeat(ok+"\r\n", ".", 20*time.Millisecond), 200, delivery.Timeout, "reading the answer's body"},
		{"resets", "http", reset, 0, delivery.Connect, "connection reset"},
		{"hangs up", "http", after(""), 0, delivery.Connect, "EOF"},
		{"hangs up in the headers", "http", after(ok + "X-A: b\r\n"), 0, delivery.Connect, "EOF"},
		{"hangs up in the body", "http", after(ok + "Content-Length: 9\r\n\r\nbegin"), 200, "", ""},
		{"hangs up in the body of a refusal", "http", after("HTTP/1.1 500 Oops\r\nContent-Length: 9\r\n\r\nbegin"), 500, delivery.BadStatus, "answered 500 Internal Server Error"},
		{"speaks garbage", "http", after("SSH-2.0-OpenSSH_9.6\r\n"), 0, delivery.Connect, "malformed HTTP"},
		{"speaks binary garbage", "http", after("\x00\xff\xfe\r\n\r\n"), 0, delivery.Connect, "malformed HTTP"},
		{"speaks no TLS", "https", after("HTTP/1.1 400 Bad Request\r\n\r\n"), 0, delivery.TLS, "does not look like a TLS handshake"},
		{"hangs up in the handshake", "https", func(conn net.Conn) { _, _ = conn.Read(make([]byte, 1<<10)) }, 0, delivery.TLS, ""},
		{"informs and answers", "http", after("HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 0\r\n\r\n"), 200, "", ""},
		{"informs without end", "http", repeat("", "HTTP/1.1 103 Early Hints\r\nX-A: b\r\n\r\n", 0), 0, delivery.TooLarge, "headers exceeded"},
		{"switches protocols", "http", hang("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"), 101, delivery.BadStatus, "answered 101 Switching Protocols"},
		{"sends headers without end", "http", repeat(ok, "X-A: "+strings.Repeat("b", 1000)+"\r\n", 0), 0, delivery.TooLarge, "headers exceeded"},
		{"sends a body without end", "http", repeat(ok+"\r\n", strings.Repeat("b", 1000), 0), 200, "", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			request := post(test.scheme + "://" + listen(t, test.answer) + "/in?token=hidden")
			if test.want == delivery.Timeout {
				request.Timeout = 300 * time.Millisecond
			}
			begun := time.Now()
			got := client(t).Do(t.Context(), request, "d1")
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("took %v with a timeout of %v", took, request.Timeout)
			}
			if got.Status != test.status || got.Error != test.want || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("got %d %q %q, want %d %q %q", got.Status, got.Error, got.Detail, test.status, test.want, test.detail)
			}
			if strings.Contains(got.Detail, "hidden") || !utf8.ValidString(got.Detail) || len(got.Detail) > 300 {
				t.Errorf("detail %q shows the query, is no UTF-8 or is too long", got.Detail)
			}
		})
	}
}

func TestARefusedPortIsConnect(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = listener.Close()
	got := client(t).Do(t.Context(), post("http://"+listener.Addr().String()), "d1")
	if got.Error != delivery.Connect || !strings.Contains(got.Detail, "refused") {
		t.Errorf("got %q %q, want connect, refused", got.Error, got.Detail)
	}
}

// The name has an empty label, so that no name server is asked.
func TestAnUnknownNameIsDNS(t *testing.T) {
	t.Parallel()
	got := client(t).Do(t.Context(), post("http://receiver..invalid/?token=hidden"), "d1")
	if got.Error != delivery.DNS || !strings.Contains(got.Detail, "receiver..invalid") || strings.Contains(got.Detail, "hidden") {
		t.Errorf("got %q %q, want dns naming the host", got.Error, got.Detail)
	}
}

func TestUntrustedAndOldTLSIsTLS(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		tls  *tls.Config
		want string
	}{
		{"self-signed", &tls.Config{}, "certificate"},
		{"TLS 1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, "version"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = test.tls
			server.Config.ErrorLog = quiet()
			server.StartTLS()
			t.Cleanup(server.Close)
			got := client(t).Do(t.Context(), post(server.URL), "d1")
			if got.Error != delivery.TLS || !strings.Contains(got.Detail, test.want) {
				t.Errorf("got %q %q, want tls, %s", got.Error, got.Detail, test.want)
			}
		})
	}
}

func TestTheCallersEndIsATimeout(t *testing.T) {
	t.Parallel()
	arrived := make(chan struct{})
	address := listen(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		close(arrived)
		untilClosed(conn)
	})
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		<-arrived
		cancel(errors.New("over"))
	}()
	got := client(t).Do(ctx, post("http://"+address), "d1")
	if got.Error != delivery.Timeout || !strings.HasPrefix(got.Detail, "cancelled by the sender") {
		t.Errorf("got %q %q, want timeout, cancelled by the sender", got.Error, got.Detail)
	}
}

func TestNoMoreThanItsBoundIsReadOfAnAnswer(t *testing.T) {
	t.Parallel()
	var written atomic.Int64
	ended := make(chan struct{})
	address := listen(t, func(conn net.Conn) {
		defer close(ended)
		after(ok + "\r\n")(conn)
		go untilClosed(conn)
		for err := error(nil); err == nil; {
			var n int
			n, err = conn.Write(make([]byte, 64<<10))
			written.Add(int64(n))
		}
	})
	got := client(t).Do(t.Context(), post("http://"+address), "d1")
	if !got.OK() || len(got.Answer) != delivery.LastAnswerKept {
		t.Errorf("got %q and %d bytes, want success and %d bytes", got.Error, len(got.Answer), delivery.LastAnswerKept)
	}
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Fatal("the connection was not closed")
	}
	if most := int64(16 << 20); written.Load() > most { // what both sides' socket buffers may take
		t.Errorf("%d bytes were taken, want at most %d", written.Load(), most)
	}
}

func TestAnswersAreKeptAsText(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, body, want string }{
		{"empty", "", ""},
		{"text", "né", "né"},
		{"ISO 8859-1", "n\xe9e", "n\ufffde"},
		{"cut in a character", strings.Repeat("é", 8001), strings.Repeat("é", 8000)},
		{"cut before a character", "a" + strings.Repeat("é", 8001), "a" + strings.Repeat("é", 7999)},
		{"grows", strings.Repeat("\xffa", 16000), strings.Repeat("\ufffda", 4000)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, test.body) })
			if got := client(t).Do(t.Context(), post(server.URL), "d1").Answer; got != test.want {
				t.Errorf("answer of %d bytes, %.20q…, want %d bytes, %.20q…", len(got), got, len(test.want), test.want)
			}
		})
	}
}

func TestACompressedAnswerIsNotExpanded(t *testing.T) {
	t.Parallel()
	server := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Accept-Encoding"); got != "" {
			t.Errorf("accept-encoding is %q, want none", got)
		}
		w.Header().Set("Content-Encoding", "gzip")
		bomb := gzip.NewWriter(w)
		_, _ = bomb.Write(make([]byte, 10<<20))
		_ = bomb.Close()
	})
	got := client(t).Do(t.Context(), post(server.URL), "d1")
	if magic := "\x1f\ufffd"; !got.OK() || !strings.HasPrefix(got.Answer, magic) {
		t.Errorf("got %q and answer %.20q, want success and %q as it came", got.Error, got.Answer, magic)
	}
	if !utf8.ValidString(got.Answer) {
		t.Error("answer is no UTF-8")
	}
}
