package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/receiver"
)

func (s *show) journal() string  { return "journal-" + s.run }
func (s *show) campaign() string { return "campaign-" + s.run }
func (s *show) console() string  { return "console-" + s.run }

// rule writes the rule that calls campaign.
func (s *show) rule(ctx context.Context) error {
	text := fmt.Sprintf(`{"name":"Very important","description":"has become very important","event":{"type":"tag.added","value":"vip"},`+
		`"conditions":"contactOrigin=%s","then":[%q]}`, s.run, s.campaign())
	return s.stage.PutString(ctx, "organizations/"+organization+"/rules/vip-"+s.run, text)
}

// agent makes a customer as an agent does in the console, whose key says so; and one as any other program does.
func (s *show) agent(ctx context.Context) error {
	for id, token := range map[string]string{s.run: s.stage.AgentToken, s.run + "-other": s.stage.DemoToken} {
		answer, err := s.stage.Call(ctx, http.MethodPut, "/organizations/"+organization+"/records/customer/"+id,
			map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/json"}, []byte(`{"name":"Example"}`))
		if err != nil {
			return err
		}
		if answer.Status != http.StatusCreated {
			return fmt.Errorf("make customer %s: got %d %s", id, answer.Status, answer.Body)
		}
	}
	return nil
}

// types looks at what the three types that tell events have said.
func (s *show) types(ctx context.Context) error {
	s.screen.title("What did the others hear, which are told each event by itself?")
	err := s.wait(ctx, 3*time.Minute, "the last events", func() (bool, error) {
		return len(s.taken(s.journal())) >= versions && len(s.taken(s.campaign())) > 0 && len(s.taken(s.console())) > 0, nil
	})
	if err != nil {
		return err
	}
	id := s.contacts[contacts-1]
	s.screen.line("%-18s %d events, %d of them about %s, each with what was before", s.journal(), len(s.taken(s.journal())), s.events(id), id)
	called := s.taken(s.campaign())[0]
	s.screen.line("%-18s %s", s.campaign(), called.Body)
	made := s.taken(s.console())[0]
	s.screen.line("%-18s %s %s?%s", s.console(), made.Method, made.Path, made.Query)
	s.promise(s.events(id) == versions-1, "each of the five changes of %s was told to %s by itself, and what was before", id, s.journal())
	s.promise(len(s.taken(s.campaign())) == 1 && bytes.Contains(called.Body, []byte(`"contactId":"`+s.contacts[told]+`"`)),
		"the rule called %s once, for the contact that got the tag", s.campaign())
	s.promise(len(s.taken(s.console())) == 1 && made.Query == "AccountID="+s.run, "%s heard of the agent's customer, and not of the other program's", s.console())
	return nil
}

// events counts the events about a contact that say what its function was before.
func (s *show) events(contact string) int {
	n := 0
	for _, r := range s.taken(s.journal()) {
		if s.tells(r, contact) {
			n++
		}
	}
	return n
}

func (s *show) tells(r receiver.Request, contact string) bool {
	var event struct {
		Record   struct{ ID string }
		Previous struct{ Function string }
	}
	return json.Unmarshal(r.Body, &event) == nil && event.Record.ID == contact && event.Previous.Function != ""
}
