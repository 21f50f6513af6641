package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// replay has the failing system mended and what it missed sent again, as an operator does in the console.
func (s *show) replay(ctx context.Context) error {
	s.screen.title("The system of %s is mended. An operator replays what was given up.", s.ticketing())
	s.receiver.Script(s.path(s.ticketing()))
	before := s.requests(s.ticketing())
	id := stage.DeliveryOf(before[0].Headers.Get("Webhook-Id"))
	at := "/organizations/" + organization + "/deliveries/" + id + "/replay"
	answer, err := s.stage.Call(ctx, http.MethodPost, at, map[string]string{"Authorization": "Bearer " + s.stage.DemoToken}, nil)
	if err != nil {
		return err
	}
	s.screen.line("POST %s: %d", at, answer.Status)
	if answer.Status != http.StatusAccepted {
		return fmt.Errorf("replay %s: got %d %.300s", id, answer.Status, answer.Body)
	}
	var sent []receiver.Request
	err = s.wait(ctx, 3*time.Minute, "the replayed contact", func() (bool, error) {
		sent = s.taken(s.ticketing())
		return len(sent) > 0, nil
	})
	if err != nil {
		return err
	}
	s.promise(len(sent) == 1 && receiver.Times(sent)[s.contacts[0]] == 1, "the contact that was given up arrived after its replay, in its state of now")
	return nil
}
