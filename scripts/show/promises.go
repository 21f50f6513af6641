package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"crmhook/shared/receiver"
)

// promise is one thing that was promised, and whether it happened.
type promise struct {
	text string
	kept bool
}

func (s *show) promise(kept bool, format string, args ...any) {
	s.promises = append(s.promises, promise{fmt.Sprintf(format, args...), kept})
}

// summary is computed from what arrived. It fails if a promise was not kept, or if the story came to no end because of
// interrupted.
func (s *show) summary(interrupted error) error {
	all := s.receiver.Requests()
	s.promise(len(all) > 0 && marked(all), "each of %d requests had a webhook-id, a webhook-timestamp and crmhook's User-Agent", len(all))
	s.promise(s.expected() == len(all), "no request came that was not expected")
	if interrupted != nil {
		s.promise(false, "the demo reaches its end: %v", interrupted)
	}
	s.screen.title("Summary, computed from what arrived")
	s.screen.line("%d requests in %s:", len(all), time.Since(s.began).Round(time.Second))
	for _, name := range s.names() {
		s.screen.line("  %-18s %d", name, len(s.requests(name)))
	}
	broken := 0
	for _, p := range s.promises {
		word := "kept:  "
		if !p.kept {
			word, broken = "BROKEN:", broken+1
		}
		s.screen.line("%s %s", word, p.text)
	}
	if broken > 0 {
		return fmt.Errorf("%d of %d promises were not kept", broken, len(s.promises))
	}
	s.screen.line("All %d promises were kept.", len(s.promises))
	return nil
}

// expected counts the requests of the demo's interfaces.
func (s *show) expected() int {
	n := 0
	for _, name := range s.names() {
		n += len(s.requests(name))
	}
	return n
}

// marked reports whether each request says by its headers which it is, when it was made and who made it.
func marked(requests []receiver.Request) bool {
	for _, r := range requests {
		if r.Headers.Get("Webhook-Id") == "" || r.Headers.Get("Webhook-Timestamp") == "" || !strings.HasPrefix(r.Headers.Get("User-Agent"), "crmhook/") {
			return false
		}
	}
	return true
}

// requests are all that an interface sent, taken those that were answered 2xx.
func (s *show) requests(name string) []receiver.Request {
	return receiver.At(s.receiver.Requests(), s.path(name))
}

func (s *show) taken(name string) []receiver.Request { return receiver.Taken(s.requests(name)) }

// wait asks once a second until done, showing what is waited for.
func (s *show) wait(ctx context.Context, most time.Duration, what string, done func() (bool, error)) error {
	began := time.Now()
	for {
		ok, err := done()
		if err != nil || ok {
			s.screen.rest()
			return err
		}
		elapsed := time.Since(began)
		if elapsed > most {
			return fmt.Errorf("waited %s in vain for %s: see .crmhook/log/emulator.log", most, what)
		}
		s.screen.progress(what, elapsed)
		select {
		case <-ctx.Done():
			return errors.New("the demo took too long")
		case <-time.After(time.Second):
		}
	}
}
