package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

const (
	// contacts is how many are written; the first is the very important one.
	contacts = 25
	// versions is how many states the changed contact has: the one it is written with and five more.
	versions = 6
)

// write writes the contacts and waits until both working systems have them.
func (s *show) write(ctx context.Context) error {
	s.screen.title("%d contacts are written to the CRM's table: %s to %s.", contacts, s.contacts[0], s.contacts[contacts-1])
	s.screen.line("crmhook finds them in the table's log of changes and sends them to whom it concerns.")
	list := make([]stage.Contact, contacts)
	for i := range list {
		list[i] = s.contact(i, 1)
	}
	if err := s.stage.PutContacts(ctx, organization, list); err != nil {
		return err
	}
	began := time.Now()
	err := s.wait(ctx, 5*time.Minute, "crmhook to look for changes and to send them", func() (bool, error) {
		return s.have(s.newsletter()) && s.have(s.shop()) && s.have(s.webshop()) && len(s.requests(s.ticketing())) > 0, nil
	})
	if err != nil {
		return err
	}
	s.screen.line("All have arrived, %d s after they were written. ticketing is busy with failing: see part 7.", int(time.Since(began).Seconds()))
	for _, name := range []string{s.newsletter(), s.shop(), s.webshop()} {
		s.promise(s.eachOnce(name), "each of %d contacts arrived once at %s", contacts, name)
	}
	sent, extra := s.groups()
	s.promise(sent && !extra, "%s was sent what it asks for, addresses, and nothing else", s.newsletter())
	return nil
}

// contact is a contact's state. Its indicators are asked for by no interface.
func (s *show) contact(i, version int) stage.Contact {
	id, role := s.contacts[i], "MEMBER"
	if i == 0 {
		role = "VIP"
	}
	return stage.Contact{ID: id, Data: map[string]any{
		"contactNumber": id, "role": role, "contactOrigin": s.run, "function": state(version),
		"individualContact": map[string]any{"individualLastname": "Contact " + id, "email": email(id)},
		"addresses":         []any{map[string]any{"name": "home", "main": true, "zipCode": fmt.Sprintf("13%03d", i)}},
		"indicators":        []any{map[string]any{"code": "TURNOVER", "value": 100 * i}},
	}}
}

func state(version int) string { return fmt.Sprintf("state %d", version) }

// have reports whether each contact has arrived at an interface's system.
func (s *show) have(name string) bool { return len(receiver.Times(s.taken(name))) >= contacts }

// eachOnce reports whether each contact arrived exactly once, in requests that are not too large.
func (s *show) eachOnce(name string) bool {
	largest := bucket
	if name == s.shop() {
		largest = 1
	}
	taken := s.taken(name)
	for _, r := range taken {
		if len(r.Contacts) > largest {
			return false
		}
	}
	times := receiver.Times(taken)
	for _, id := range s.contacts {
		if times[id] != 1 {
			return false
		}
	}
	return len(times) == contacts
}

// groups reports whether each contact came with addresses, and any with what was not asked for.
func (s *show) groups() (asked, extra bool) {
	asked = true
	for _, r := range s.taken(s.newsletter()) {
		asked = asked && bytes.Count(r.Body, []byte(`"zipCode":"13`)) == len(r.Contacts)
		extra = extra || bytes.Contains(r.Body, []byte("TURNOVER"))
	}
	return asked, extra
}

// change writes one contact five times and waits until it has arrived, and for another minute, in which it must not come
// again.
func (s *show) change(ctx context.Context) error {
	last := contacts - 1
	id := s.contacts[last]
	s.screen.title("One contact is changed five times in a row: %s.", id)
	s.screen.line("Its function goes from %q to %q. One request with the last state is enough.", state(1), state(versions))
	for version := 2; version <= versions; version++ {
		if err := s.stage.PutContacts(ctx, organization, []stage.Contact{s.contact(last, version)}); err != nil {
			return err
		}
	}
	err := s.wait(ctx, 5*time.Minute, "crmhook to look for changes and to send them", func() (bool, error) {
		return receiver.Times(s.taken(s.newsletter()))[id] > 1 && receiver.Times(s.taken(s.shop()))[id] > 1 && len(s.naming(s.newsletter())) > 0, nil
	})
	if err != nil {
		return err
	}
	s.screen.line("It has arrived at both. Does it come again? crmhook gets another minute to do it wrong.")
	quiet := time.Now().Add(75 * time.Second)
	err = s.wait(ctx, 2*time.Minute, "another minute, in which nothing must come", func() (bool, error) {
		return time.Now().After(quiet), nil
	})
	if err != nil {
		return err
	}
	s.promise(receiver.Times(s.taken(s.newsletter()))[id] == 2 && receiver.Times(s.taken(s.shop()))[id] == 2,
		"five changes of %s made one request to each system", id)
	s.promise(s.lastState(id) == state(versions), "that request had its last state, %q", state(versions))
	return nil
}

// lastState is the function of a contact in the last request about it.
func (s *show) lastState(id string) string {
	last := ""
	for _, r := range s.taken(s.newsletter()) {
		var listed []struct{ ContactNumber, Function string }
		if json.Unmarshal(r.Body, &listed) != nil {
			continue
		}
		for _, c := range listed {
			if c.ContactNumber == id {
				last = c.Function
			}
		}
	}
	return last
}
