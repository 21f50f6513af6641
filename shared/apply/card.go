package apply

import (
	"context"
	"errors"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/event"
	"crmhook/shared/hook"
)

// The entity and the event of a loyalty card that CaptainWallet is told about.
const (
	cardEntity = "loyaltycard"
	cardEvent  = "loyaltycard.updated"
)

// tell sends a card's record to the interface that the source names, as an event that is made once however often the
// trigger is tried.
func (j *job) tell(ctx context.Context) error {
	if j.source.Interface == "" {
		return errors.New("no source of CaptainWallet names an interface: write one to sources/CaptainWallet")
	}
	key := hook.Key{Organization: j.trigger.Organization, Name: j.source.Interface}
	found, err := j.handler.Interfaces.Interfaces(ctx, []hook.Key{key})
	if err != nil {
		return err
	}
	is := found[key]
	if !is.Working() || is.Hook.Type != hook.EventWebhook {
		return fmt.Errorf("the interface %s is not an event-webhook that works: mend it, then replay the trigger", key.Name)
	}
	card := change.Key{Organization: j.trigger.Organization, Entity: cardEntity, ID: j.plan.Card.ID}
	records, err := j.handler.CRM.Read(ctx, []change.Key{card})
	if err != nil {
		return err
	}
	j.concerned(card.String())
	if record := records[card]; record.Exists() {
		j.wrote = true
		unfit, err := j.handler.Events.Make(ctx, []event.Event{{
			Interface: is.Name, Generation: is.Generation, Type: cardEvent, Record: card, At: j.trigger.At,
			Source: j.trigger.ID, Data: record.Data,
		}})
		if err == nil && len(unfit) > 0 {
			err = errors.New(unfit[0].Cause)
		}
		return err
	}
	if j.young() {
		return errWait
	}
	j.unmatched = append(j.unmatched, "there is no such loyalty card")
	return nil
}
