package main

import (
	"context"
	"strings"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// fail looks at the interface whose system answers 503: its retries, the mails and what is kept of it.
func (s *show) fail(ctx context.Context) error {
	s.screen.title("The system of %s answered 503, out of order, to each request.", s.ticketing())
	s.screen.line("Its interface says: try again after %d s, send a mail after failure %d, give up after failure %d.",
		int(retryDelay.Seconds()), warnAfter, attempts)
	var mails []stage.Mail
	err := s.wait(ctx, 4*time.Minute, "the last attempt and the mails", func() (found bool, err error) {
		mails, err = s.mails(ctx)
		return len(s.requests(s.ticketing())) >= attempts && len(mails) >= 2, err
	})
	if err != nil {
		return err
	}
	requests := s.requests(s.ticketing())
	for i, r := range requests {
		s.screen.line("attempt %d at %s   answered %d", i+1, r.At.Format(time.TimeOnly), r.Status)
	}
	s.screen.line("Each had this webhook-id, which tells a repeat: %s", requests[0].Headers.Get("Webhook-Id"))
	for _, m := range mails {
		s.screen.line("mail to %s: %s", strings.Join(m.To, ", "), m.Subject)
	}
	s.screen.line("No mail has left this machine: the emulator keeps them.")
	s.promise(len(requests) == attempts, "%s was called %d times for its one contact, and not again", s.ticketing(), attempts)
	s.promise(len(receiver.Times(requests)) == 1 && receiver.Times(requests)[s.contacts[0]] == len(requests), "only the very important contact was sent to it, %s", s.contacts[0])
	s.promise(spaced(requests), "there were about %d s or more between its attempts, all with one webhook-id", int(retryDelay.Seconds()))
	s.promise(len(mails) == 2 && strings.HasPrefix(mails[0].Subject, "[crmhook] warning: ") && strings.HasPrefix(mails[1].Subject, "[crmhook] stopped: "),
		"people were told twice: one warning, then one stop")
	return s.ledger(ctx, requests)
}

// ledger looks at what is kept of the delivery that was given up.
func (s *show) ledger(ctx context.Context, requests []receiver.Request) error {
	id := stage.DeliveryOf(requests[0].Headers.Get("Webhook-Id"))
	delivery, later, err := s.stage.Delivery(ctx, organization, id)
	if err != nil {
		return err
	}
	_, expires := delivery["expires"]
	s.screen.line("What was given up is kept: %v, %d attempts, no end to its keeping.", delivery["status"], 1+len(later))
	s.promise(delivery["status"] == "stopped" && !expires && 1+len(later) == attempts, "what was given up is kept for ever, with all its attempts")
	return nil
}

// mails are those about this run's failing interface, in order.
func (s *show) mails(ctx context.Context) ([]stage.Mail, error) {
	all, err := s.stage.Mails(ctx)
	if err != nil {
		return nil, err
	}
	var about []stage.Mail
	for _, m := range all {
		if strings.HasSuffix(m.Subject, organization+"/"+s.ticketing()) {
			about = append(about, m)
		}
	}
	return about, nil
}

// spaced reports whether requests came under one webhook-id and far enough apart. SQS counts in whole seconds, so a delay
// may be up to a second short.
func spaced(requests []receiver.Request) bool {
	for i := 1; i < len(requests); i++ {
		if requests[i].At.Sub(requests[i-1].At) < retryDelay-time.Second || requests[i].Headers.Get("Webhook-Id") != requests[0].Headers.Get("Webhook-Id") {
			return false
		}
	}
	return true
}
