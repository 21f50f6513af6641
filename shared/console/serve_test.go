package console_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"testing"
	"time"
)

// TestServe lets people look at the pages with sample data: CRMHOOK_CONSOLE is the address to listen on, such as
// 127.0.0.1:4617, CRMHOOK_CONSOLE_SAMPLE full, empty or hostile. It ends after ten minutes.
func TestServe(t *testing.T) {
	address := os.Getenv("CRMHOOK_CONSOLE")
	if address == "" {
		t.Skip("CRMHOOK_CONSOLE names no address to listen on")
	}
	w := open(t, samples()[os.Getenv("CRMHOOK_CONSOLE_SAMPLE")]())
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: w, ReadHeaderTimeout: time.Second}
	done, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	context.AfterFunc(done, func() { _ = server.Close() })
	t.Logf("sign in with %s or %s", manager, operator)
	if err := server.Serve(listener); err != http.ErrServerClosed {
		t.Error(err)
	}
}

// samples are organizations to show, by how they are called.
func samples() map[string]func() *has {
	return map[string]func() *has{"": full, "full": full, "empty": newHas, "hostile": hostile}
}
