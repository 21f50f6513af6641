package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"crmhook/shared/receiver"
)

// screen prints plain lines, with each request as it arrives in between.
type screen struct {
	receiver *receiver.Receiver
	terminal bool

	mu     sync.Mutex
	shown  int
	parts  int
	waited bool
}

func newScreen(r *receiver.Receiver) *screen {
	info, err := os.Stdout.Stat()
	return &screen{receiver: r, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s *screen) title(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parts++
	s.clear()
	fmt.Printf("\n%d. %s\n", s.parts, text)
}

func (s *screen) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Printf("   "+format+"\n", args...)
}

// progress says what is waited for: on a terminal one line that is written over, elsewhere a line each 15 s.
func (s *screen) progress(what string, elapsed time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seconds := int(elapsed.Seconds())
	switch {
	case s.terminal:
		fmt.Printf("\r   … %3d s, waiting for %s", seconds, what)
		s.waited = true
	case seconds%15 == 0:
		fmt.Printf("   … %3d s, waiting for %s\n", seconds, what)
	}
}

// clear removes the progress line; mu is held.
func (s *screen) clear() {
	if s.waited {
		fmt.Print("\r\033[K")
		s.waited = false
	}
}

// watch prints requests as they arrive, until the context ends.
func (s *screen) watch(ctx context.Context) {
	for {
		s.flush()
		known := len(s.receiver.Requests())
		if s.receiver.WaitFor(ctx, func(all []receiver.Request) bool { return len(all) > known }) != nil {
			return
		}
	}
}

// flush prints what has arrived and is not shown yet.
func (s *screen) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.receiver.Requests()
	for _, r := range all[s.shown:] {
		s.clear()
		fmt.Printf("   %s  %-4s %-20s %-38s answered %d\n", r.At.Format("15:04:05"), r.Method, place(r), carried(r), r.Status)
	}
	s.shown = len(all)
}

func place(r receiver.Request) string {
	if strings.HasPrefix(r.Path, "/v1/") {
		return "/v1/…"
	}
	return r.Path
}

func carried(r receiver.Request) string {
	switch n := len(r.Contacts); {
	case n == 0:
		return "nothing"
	case n == 1:
		return "contact " + r.Contacts[0]
	default:
		return fmt.Sprintf("%d contacts, %s to %s", n, r.Contacts[0], r.Contacts[n-1])
	}
}

// texts are the faults of an interface, a line each.
func texts(faults string) []string {
	var list []struct{ Location, Message string }
	if err := json.Unmarshal([]byte(faults), &list); err != nil {
		return []string{faults}
	}
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = f.Location + ": " + f.Message
	}
	return lines
}
