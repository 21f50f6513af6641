package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"crmhook/shared/once"
	"crmhook/shared/parameter"
	"crmhook/shared/platform"
)

// leave sends what the plan has to leave the house.
func (j *job) leave(ctx context.Context) error {
	switch {
	case j.plan.SMS != nil:
		sms := j.plan.SMS
		return j.send(ctx, sms.Message, func() (string, error) {
			return j.handler.Texter.Send(ctx, sms.To, sms.Sender, sms.Text)
		})
	case j.plan.Email != nil:
		e := j.plan.Email
		return j.send(ctx, e.Message, func() (string, error) {
			return j.handler.Mailer.Post(ctx, Letter{
				From: e.From, Alias: e.Alias, To: e.To, ReplyTo: e.ReplyTo, Subject: e.Subject, HTML: e.HTML, Text: e.Text,
			})
		})
	case j.plan.Card != nil:
		return j.tell(ctx)
	}
	return nil
}

// sent is what a claim remembers of a message that left: its id, and the trigger whose it was.
type sent struct {
	ID      string    `json:"id"`
	Trigger string    `json:"trigger"`
	At      time.Time `json:"at"`
}

// send sends a message once and keeps its record. After a crash in between it may be sent twice, never not at all.
func (j *job) send(ctx context.Context, message map[string]any, do func() (string, error)) error {
	limit, err := j.limit(ctx)
	if err != nil {
		return err
	}
	result, err := j.once(ctx, j.trigger.Name()+"/"+j.trigger.Event, limit, func() (string, error) {
		id, err := do()
		if err != nil {
			return "", err
		}
		text, err := json.Marshal(sent{ID: id, Trigger: j.trigger.ID, At: j.handler.Now().UTC().Truncate(time.Millisecond)})
		return string(text), err
	})
	if err != nil {
		return err
	}
	var was sent
	if err := json.Unmarshal([]byte(result), &was); err != nil {
		return fmt.Errorf("read what was sent: %w", err)
	}
	write := platform.Write{Entity: "message", ID: "Crm360-" + was.Trigger, Change: func(data map[string]any, _ string) map[string]any {
		if data != nil {
			return data // It was kept before, and may have had other events since.
		}
		data = maps.Clone(message)
		if j.first != "" {
			data["contactNumber"] = j.first
		}
		at := was.At.Format(time.RFC3339Nano)
		maps.Copy(data, map[string]any{
			"messageId": was.ID, "status": "sent", "statusAt": at,
			"events": []any{map[string]any{"event": "sent", "at": at}},
		})
		return data
	}}
	return j.change(ctx, j.writes([]platform.Write{write}, ""))
}

// limit is how many messages the organization may send today.
func (j *job) limit(ctx context.Context) (*once.Limit, error) {
	set, err := j.handler.Settings.OrganizationSettings(ctx, j.trigger.Organization, []string{parameter.DailyMessages})
	if err != nil {
		return nil, fmt.Errorf("read settings: %w", err)
	}
	most, _ := strconv.Atoi(set[parameter.DailyMessages])
	return &once.Limit{Name: parameter.DailyMessages, Day: j.handler.Now().UTC().Format(time.DateOnly), Most: most}, nil
}

// once does something under a claim and gives its result, that of the first time where it was done before.
func (j *job) once(ctx context.Context, key string, limit *once.Limit, do func() (string, error)) (string, error) {
	now := j.handler.Now()
	claim := once.Claim{Organization: j.trigger.Organization, Key: key, Lease: now.Add(once.Lease)}
	kept, standing, err := j.handler.Claims.Claim(ctx, claim, limit, now)
	switch {
	case err != nil:
		return "", fmt.Errorf("claim: %w", err)
	case standing == once.Done:
		return kept.Result, nil
	case standing == once.Busy:
		return "", heldError{kept.Lease}
	case standing == once.Full:
		return "", fmt.Errorf("the organization's daily limit of messages (settings/%s) is reached: replay the trigger on another day, or raise the limit", parameter.DailyMessages)
	}
	if claim.Result, err = do(); err != nil {
		return "", errors.Join(fmt.Errorf("send: %w", err), j.handler.Claims.Release(ctx, claim))
	}
	j.wrote = true
	if err := j.handler.Claims.Done(ctx, claim, j.handler.Now()); err != nil {
		return "", fmt.Errorf("mark as sent: %w", err)
	}
	return claim.Result, nil
}

// heldError says that an earlier try holds the claim: it may still be at work, or has crashed.
type heldError struct{ until time.Time }

func (heldError) Error() string { return "an earlier try holds the claim to send this" }
