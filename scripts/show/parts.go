package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

const (
	organization = "demo"
	// contacts is how many are written; the first important of them also go to the receiver that fails.
	contacts  = 25
	important = 3
	// The failing receiver's interface: people are warned after the second attempt, the fourth is the last.
	attempts   = 4
	warnAfter  = 2
	retryDelay = 3 * time.Second
	recipient  = "ops@example.com"
)

func (s *show) v2() string     { return "newsletter-" + s.run }
func (s *show) v1() string     { return "shop-" + s.run }
func (s *show) broken() string { return "ticketing-" + s.run }
func (s *show) wrong() string  { return "wrong-" + s.run }

// path is where an interface's requests arrive.
func path(name string) string {
	if strings.HasPrefix(name, "shop-") {
		return "/v1/" // where the receiver looks for a V1 contact number
	}
	return "/" + name
}

// configure writes four interfaces, one of them with faults, and waits until crmhook has checked them.
func (s *show) configure(ctx context.Context) error {
	s.screen.title("Four interfaces are written as parameters of the organization demo.")
	schedule := `"schedules":[{"name":"each minute","frequencyMinutes":1,"batchSize":100,"bucketSize":%d}]`
	only := `"filter":"contactOrigin=` + s.run + `%s"`
	url := s.receiver.URL()
	for _, i := range []struct{ name, text, says string }{
		{s.v2(), `{"type":"contact-webhook-v2","url":"` + url + path(s.v2()) + `","details":["GENERAL","ADDRESSES"],` +
			fmt.Sprintf(only, "") + "," + fmt.Sprintf(schedule, 10) + `}`, "Contact Webhook V2, ten contacts in a request"},
		{s.v1(), `{"type":"contact-webhook-v1","url":"` + url + path(s.v1()) + `${contactNumber}","method":"GET","details":["GENERAL"],` +
			fmt.Sprintf(only, "") + "," + fmt.Sprintf(schedule, 1) + `}`, "Contact Webhook V1, one contact in a request"},
		{s.broken(), `{"type":"contact-webhook-v2","url":"` + url + path(s.broken()) + `","details":["GENERAL"],` +
			fmt.Sprintf(`"retryDelaySeconds":%d,"retriesBeforeWarning":%d,"retriesBeforeStop":%d,"notify":["%s"],`,
				int(retryDelay.Seconds()), warnAfter-1, attempts-1, recipient) +
			fmt.Sprintf(only, ";role=VIP") + "," + fmt.Sprintf(schedule, important) + `}`, "Contact Webhook V2 to a receiver that fails"},
		{s.wrong(), `{"type":"contact-webhook-v1","url":"` + url + `/?data={contactNumber}","filter":"role=("}`, "with two faults"},
	} {
		if err := s.stage.PutInterface(ctx, organization, i.name, i.text); err != nil {
			return err
		}
		s.screen.line("%-18s %s", i.name, i.says)
	}
	s.receiver.Script(path(s.broken()), receiver.Answer{Status: 503, Times: receiver.Forever, Body: "we are closed"})
	return s.checked(ctx)
}

// checked waits until configure has seen the interfaces, which takes up to a minute.
func (s *show) checked(ctx context.Context) error {
	want := map[string]string{s.v2(): "active", s.v1(): "active", s.broken(): "active", s.wrong(): "invalid"}
	err := s.wait(ctx, 3*time.Minute, "crmhook to check them, which it does each minute", func() (bool, error) {
		for name, state := range want {
			got, _, err := s.stage.State(ctx, organization, name)
			if err != nil || got != state {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	_, faults, err := s.stage.State(ctx, organization, s.wrong())
	if err != nil {
		return err
	}
	s.screen.line("Three are active. %s is invalid, and only this one is stopped by it:", s.wrong())
	for _, f := range texts(faults) {
		s.screen.line("  %s", f)
	}
	s.promise(strings.Contains(faults, "${contactNumber}") && strings.Contains(faults, "column"),
		"both faults of %s are named, with their place and what is right", s.wrong())
	return nil
}

// write writes the contacts and waits until both working receivers have them.
func (s *show) write(ctx context.Context) error {
	s.screen.title(fmt.Sprintf("%d contacts are written to the records table.", contacts))
	list := make([]stage.Contact, contacts)
	for i, id := range s.contacts {
		list[i] = s.contact(id, i, 1)
	}
	if err := s.stage.PutContacts(ctx, organization, list); err != nil {
		return err
	}
	began := time.Now()
	err := s.wait(ctx, 4*time.Minute, "the next scan and dispatch, each once a minute", func() (bool, error) {
		return s.have(s.v2(), contacts) && s.have(s.v1(), contacts), nil
	})
	if err != nil {
		return err
	}
	s.screen.flush()
	s.screen.line("All contacts are at both receivers, %d s after they were written.", int(time.Since(began).Seconds()))
	for _, name := range []string{s.v2(), s.v1()} {
		got := receiver.Times(s.taken(name))
		s.promise(len(got) == contacts && most(got) == 1, "%s has each of %d contacts once", name, contacts)
	}
	return nil
}

func (s *show) contact(id string, i, version int) stage.Contact {
	role := "MEMBER"
	if i < important {
		role = "VIP"
	}
	return stage.Contact{ID: id, Data: map[string]any{
		"contactNumber": id, "role": role, "contactOrigin": s.run, "function": fmt.Sprintf("state %d", version),
		"individualContact": map[string]any{"individualLastname": "Contact " + id},
		"addresses":         []any{map[string]any{"name": "home", "main": true, "zipCode": fmt.Sprintf("13%03d", i)}},
	}}
}

// change writes one contact five times and waits until it has arrived, and for another minute, in which it must not come
// again.
func (s *show) change(ctx context.Context) error {
	id := s.contacts[contacts-1]
	s.screen.title("One contact is changed five times within a second: " + id + ".")
	for version := 2; version <= 6; version++ {
		if err := s.stage.PutContacts(ctx, organization, []stage.Contact{s.contact(id, contacts-1, version)}); err != nil {
			return err
		}
	}
	err := s.wait(ctx, 4*time.Minute, "the change to arrive", func() (bool, error) {
		return receiver.Times(s.taken(s.v2()))[id] > 1 && receiver.Times(s.taken(s.v1()))[id] > 1, nil
	})
	if err != nil {
		return err
	}
	quiet := time.Now().Add(75 * time.Second)
	err = s.wait(ctx, 2*time.Minute, "another minute, in which it must not come again", func() (bool, error) {
		return time.Now().After(quiet), nil
	})
	if err != nil {
		return err
	}
	s.screen.flush()
	taken := s.taken(s.v2())
	last := string(taken[len(taken)-1].Body)
	s.screen.line("It came once more to each, with its last state.")
	s.promise(receiver.Times(taken)[id] == 2 && receiver.Times(s.taken(s.v1()))[id] == 2, "five changes of %s made one request to each", id)
	s.promise(strings.Contains(last, "state 6") && len(taken[len(taken)-1].Contacts) == 1, "what was sent of it is its last state")
	return nil
}

// fail looks at the interface whose receiver answers 503: its retries, the mails and the ledger.
func (s *show) fail(ctx context.Context) error {
	s.screen.title("Meanwhile the third receiver answered 503 to each request.")
	err := s.wait(ctx, 3*time.Minute, "its last attempt and the mails", func() (bool, error) {
		mails, err := s.mails(ctx)
		return len(s.requests(s.broken())) >= attempts && len(mails) >= 2, err
	})
	if err != nil {
		return err
	}
	s.screen.flush()
	requests := s.requests(s.broken())
	for i, r := range requests {
		s.screen.line("attempt %d at %s: status %d, webhook-id %s", i+1, r.At.Format("15:04:05"), r.Status, r.Headers.Get("Webhook-Id"))
	}
	mails, err := s.mails(ctx)
	if err != nil {
		return err
	}
	for _, m := range mails {
		s.screen.line("mail to %s: %s", strings.Join(m.To, ", "), m.Subject)
	}
	s.promise(len(requests) == attempts, "%s was tried %d times and not again", s.broken(), attempts)
	s.promise(spaced(requests), "its attempts were at least %s apart, under one webhook-id", retryDelay)
	s.promise(len(mails) == 2 && strings.HasPrefix(mails[0].Subject, "[crmhook] warning: ") && strings.HasPrefix(mails[1].Subject, "[crmhook] stopped: "),
		"people were told twice: one warning, one stop")
	return s.ledger(ctx, requests)
}

func (s *show) ledger(ctx context.Context, requests []receiver.Request) error {
	id := stage.DeliveryOf(requests[0].Headers.Get("Webhook-Id"))
	delivery, later, err := s.stage.Delivery(ctx, organization, id)
	if err != nil {
		return err
	}
	_, expires := delivery["expires"]
	s.screen.line("The ledger keeps delivery %s: %v, %d attempts.", id, delivery["status"], 1+len(later))
	s.promise(delivery["status"] == "stopped" && !expires && 1+len(later) == attempts, "the stopped delivery is kept with all its attempts, without expiry")
	return nil
}
