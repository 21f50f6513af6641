package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"crmhook/shared/receiver"
)

const (
	// width is the most characters of a line.
	width = 100
	// each is the time between two lines of progress where they cannot be written over.
	each = 15 * time.Second
)

// screen prints plain lines, with each request as it arrives in between.
type screen struct {
	receiver *receiver.Receiver
	describe func(receiver.Request) string
	terminal bool

	mu     sync.Mutex
	shown  int
	parts  int
	waited bool
	// next is when the next line of progress is due where they cannot be written over.
	next time.Duration
}

func newScreen(r *receiver.Receiver, describe func(receiver.Request) string) *screen {
	info, err := os.Stdout.Stat()
	return &screen{receiver: r, describe: describe, terminal: err == nil && info.Mode()&os.ModeCharDevice != 0}
}

func (s *screen) title(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals()
	s.clear()
	s.parts++
	fmt.Println()
	s.print(fmt.Sprintf("%d. ", s.parts), fmt.Sprintf(format, args...))
}

func (s *screen) line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals()
	s.clear()
	s.print("   ", fmt.Sprintf(format, args...))
}

func (s *screen) text(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	s.print("", fmt.Sprintf(format, args...))
}

// print breaks a text between words so that no line is too wide, each after the first indented as far as its own blanks.
func (s *screen) print(before, text string) {
	indent := strings.Repeat(" ", len(before)+len(text)-len(strings.TrimLeft(text, " ")))
	rest := before + text
	for utf8.RuneCountInString(rest) > width {
		at := strings.LastIndexByte(string([]rune(rest)[:width+1]), ' ')
		if at <= len(indent) {
			break // one word that fills the line
		}
		fmt.Println(strings.TrimRight(rest[:at], " "))
		rest = indent + strings.TrimLeft(rest[at:], " ")
	}
	fmt.Println(rest)
}

// progress says what is waited for: on a terminal one line that is written over, elsewhere a line from time to time.
func (s *screen) progress(what string, elapsed time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals()
	line := fmt.Sprintf("   … %3d s, waiting for %s", int(elapsed.Seconds()), what)
	switch {
	case s.terminal:
		fmt.Print("\r" + line + "\033[K")
		s.waited = true
	case elapsed >= s.next:
		fmt.Println(line)
		s.next = elapsed.Truncate(each) + each
	}
}

// rest ends a wait.
func (s *screen) rest() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.arrivals()
	s.clear()
	s.next = 0
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
		known := len(s.receiver.Requests())
		s.mu.Lock()
		s.arrivals()
		s.mu.Unlock()
		if s.receiver.WaitFor(ctx, func(all []receiver.Request) bool { return len(all) > known }) != nil {
			return
		}
	}
}

// arrivals prints what has arrived and is not shown yet; mu is held.
func (s *screen) arrivals() {
	all := s.receiver.Requests()
	for _, r := range all[s.shown:] {
		s.clear()
		s.print("   ", s.describe(r))
	}
	s.shown = len(all)
}

// describe is a request in a line: when, by which interface, which contacts, and the answer.
func (s *show) describe(r receiver.Request) string {
	name := r.Path
	for _, known := range s.names() {
		if len(receiver.At([]receiver.Request{r}, s.path(known))) > 0 {
			name = known
		}
	}
	numbers := make([]string, len(r.Contacts))
	for i, number := range r.Contacts {
		numbers[i] = strings.TrimPrefix(number, s.run+"-")
	}
	carried := fmt.Sprintf("%2d contacts: %s", len(numbers), strings.Join(numbers, " "))
	if len(numbers) == 1 {
		carried = " 1 contact:  " + numbers[0]
	}
	return fmt.Sprintf("%s  %-18s %-43s answered %d", r.At.Format(time.TimeOnly), name, carried, r.Status)
}

// texts are the faults of an interface, a line each.
func texts(faults string) ([]string, error) {
	var list []struct{ Location, Message string }
	if err := json.Unmarshal([]byte(faults), &list); err != nil {
		return nil, fmt.Errorf("read faults: %w", err)
	}
	lines := make([]string, len(list))
	for i, f := range list {
		lines[i] = f.Location + ": " + f.Message
	}
	return lines, nil
}
