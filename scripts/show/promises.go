package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// promise is one thing that was promised, and whether it happened.
type promise struct {
	text string
	kept bool
}

func (s *show) promise(kept bool, format string, args ...any) {
	s.promises = append(s.promises, promise{fmt.Sprintf(format, args...), kept})
}

// summary is computed from what arrived. It fails if a promise was not kept.
func (s *show) summary() error {
	signed := true
	all := s.receiver.Requests()
	for _, r := range all {
		signed = signed && r.Headers.Get("Webhook-Id") != "" && r.Headers.Get("Webhook-Timestamp") != "" && strings.HasPrefix(r.Headers.Get("User-Agent"), "crmhook/")
	}
	s.promise(signed, "each of %d requests had a webhook-id, a webhook-timestamp and the User-Agent crmhook", len(all))
	s.screen.title("Summary")
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
	return nil
}

// requests are all that an interface sent, taken those that were answered 2xx.
func (s *show) requests(name string) []receiver.Request {
	return receiver.At(s.receiver.Requests(), path(name))
}

func (s *show) taken(name string) []receiver.Request { return receiver.Taken(s.requests(name)) }

func (s *show) have(name string, n int) bool { return len(receiver.Times(s.taken(name))) >= n }

// mails are those about this run's failing interface, in order.
func (s *show) mails(ctx context.Context) ([]stage.Mail, error) {
	all, err := s.stage.Mails(ctx)
	if err != nil {
		return nil, err
	}
	var about []stage.Mail
	for _, m := range all {
		if strings.HasSuffix(m.Subject, organization+"/"+s.broken()) {
			about = append(about, m)
		}
	}
	return about, nil
}

// wait asks once a second until done, showing what is waited for.
func (s *show) wait(ctx context.Context, most time.Duration, what string, done func() (bool, error)) error {
	began := time.Now()
	for {
		ok, err := done()
		if err != nil || ok {
			return err
		}
		elapsed := time.Since(began)
		if elapsed > most {
			return fmt.Errorf("waited %s in vain for %s: see .crmhook/log/emulator.log", most, what)
		}
		s.screen.progress(what, elapsed)
		select {
		case <-ctx.Done():
			return errors.New("the demo took too long or was ended")
		case <-time.After(time.Second):
		}
	}
}

func most(times map[string]int) int {
	n := 0
	for _, t := range times {
		n = max(n, t)
	}
	return n
}

// spaced reports whether requests about one state came under one webhook-id and far enough apart. SQS counts in whole
// seconds, so a delay may be up to a second short.
func spaced(requests []receiver.Request) bool {
	for i := 1; i < len(requests); i++ {
		if requests[i].At.Sub(requests[i-1].At) < retryDelay-time.Second || requests[i].Headers.Get("Webhook-Id") != requests[0].Headers.Get("Webhook-Id") {
			return false
		}
	}
	return true
}
