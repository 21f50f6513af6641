package apply

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/platform"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// job is one trigger on its way through an invocation.
type job struct {
	handler *Handler
	message Message
	trigger trigger.Trigger
	// kept says that the trigger came out of the ledger, which its message names.
	kept   bool
	source access.Source
	plan   platform.Plan

	// records are those that the trigger concerned; wrote says that one of them changed or something left the house.
	records []string
	wrote   bool
	// first is the number of the first person of the plan, whom a message that leaves concerns; empty for nobody.
	first string
	// unmatched says whom the trigger was about and could not be found.
	unmatched []string

	// again says that the message is to be seen again, after delay.
	again bool
	delay time.Duration
	// entry is what the ledger keeps of this try; trouble is what goes wrong on our side, for the log.
	entry   *trigger.Entry
	trouble error
}

// errWait asks for another try because somebody may still come to be found.
var errWait = errors.New("nobody was found yet")

// patience is how long somebody who is not found is waited for: the directory may be a minute behind other programs.
const patience = 2 * time.Minute

// age is how long the trigger has been due.
func (j *job) age() time.Duration { return j.handler.Now().Sub(j.trigger.Due) }

func (j *job) retry(after time.Duration) { j.again, j.delay = true, after }

// run is one try. Whatever happens in it concerns this trigger alone.
func (j *job) run(ctx context.Context) {
	t, err := j.read(ctx)
	if err != nil {
		j.unreadable(ctx, err)
		return
	}
	if t == nil {
		return
	}
	j.trigger = *t
	still, err := j.lastWords(ctx)
	if err == nil && !still {
		return
	}
	if err == nil {
		err = j.guarded(ctx)
	}
	j.end(err)
	j.failAgain(ctx)
}

// read decodes the message, fetching a trigger that waited in the ledger; nil where there is nothing to do any more.
func (j *job) read(ctx context.Context) (*trigger.Trigger, error) {
	var kept trigger.Kept
	if json.Unmarshal([]byte(j.message.Body), &kept) == nil && kept.ID != "" {
		entry, there, err := j.handler.Ledger.Entry(ctx, kept.Organization, kept.ID)
		switch {
		case err != nil:
			j.trouble = fmt.Errorf("read kept trigger %s: %w", kept.ID, err)
			j.retry(ownDelay)
			return nil, nil
		case !there:
			return nil, errors.New("the message names a trigger that the ledger does not have")
		case len(entry.Message) == 0:
			return nil, nil // It was done: the queue hands the message out again.
		}
		t, err := trigger.Decode(entry.Message)
		j.kept = true
		return &t, err
	}
	t, err := trigger.Decode([]byte(j.message.Body))
	return &t, err
}

// unreadable takes what is no trigger to the dead letters at once, and says so.
func (j *job) unreadable(ctx context.Context, cause error) {
	h := j.handler
	item := setaside.Item{
		Organization: setaside.Unknown, Source: setaside.Queue, ID: j.message.ID, At: h.Now(), Cause: cause.Error(),
		Body: delivery.Cut(j.message.Body, setaside.BodyKept),
	}
	dead := h.LiveDead
	if j.message.Bulk {
		dead = h.BulkDead
	}
	err := h.Aside.SetAside(ctx, []setaside.Item{item})
	if err == nil {
		_, err = dead.SendText(ctx, "", []string{j.message.Body})
	}
	if err != nil {
		j.trouble = fmt.Errorf("set message %s aside: %w", j.message.ID, err)
		j.retry(ownDelay)
		return
	}
	h.Log.Error("message set aside", "message_id", j.message.ID, "cause", cause.Error())
}

// lastWords are kept before the last try, in case it ends as the former ones did: without a word. False: the trigger was kept,
// and by now is not.
func (j *job) lastWords(ctx context.Context) (still bool, err error) {
	if j.message.Receives < j.handler.MaxReceives {
		return true, nil
	}
	entry := j.failed("the tries before this one ended without a word: the function crashed or ran out of time")
	if j.kept {
		return j.handler.Ledger.Fail(ctx, entry)
	}
	return true, j.handler.Ledger.Keep(ctx, []trigger.Entry{entry})
}

// failAgain keeps a failed try of a kept trigger, unless another try, of a second message that names it, has ended it, or its
// message was erased: then that stands, and this one is dropped.
func (j *job) failAgain(ctx context.Context) {
	if !j.kept || j.entry == nil || j.entry.Status != trigger.Failed {
		return
	}
	entry := *j.entry
	j.entry = nil
	still, err := j.handler.Ledger.Fail(ctx, entry)
	switch {
	case err != nil:
		j.trouble = err
		j.retry(ownDelay)
	case !still:
		j.again = false
	}
}

// guarded carries the trigger out. A panic is a fault of ours in one trigger, not of the others in the batch.
func (j *job) guarded(ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a fault in crmhook: %v", p)
		}
	}()
	return j.carryOut(ctx)
}

func (j *job) carryOut(ctx context.Context) error {
	action, known := platform.Find(j.trigger.Platform, j.trigger.Entity, j.trigger.Action)
	if !known {
		return fmt.Errorf("no handler for %s", j.trigger.Name())
	}
	var faults fault.List
	if j.plan, faults = action.Plan(j.trigger); len(faults) > 0 {
		return fmt.Errorf("the content has faults: %w", faults)
	}
	if err := j.findSource(ctx); err != nil {
		return err
	}
	changes, waiting, err := j.people(ctx)
	if err != nil {
		return err
	}
	if err := j.change(ctx, append(changes, j.writes(j.plan.Writes, "")...)); err != nil {
		return err
	}
	if err := j.leave(ctx); err != nil {
		return err
	}
	if err := j.copyByMail(ctx); err != nil {
		return err // The last thing: a mail that cannot go keeps nothing from being done.
	}
	if waiting {
		return errWait
	}
	return nil
}

// findSource reads what the organization says of the platform: of this SourceId, else of all.
func (j *job) findSource(ctx context.Context) error {
	names := access.SourceNames(j.trigger.Platform, j.trigger.SourceID)
	found, err := j.handler.Sources.Sources(ctx, j.trigger.Organization, names)
	if err != nil {
		return fmt.Errorf("read source: %w", err)
	}
	for _, name := range names {
		if source, ok := found[name]; ok {
			j.source = source
			return nil
		}
	}
	return nil
}

func (j *job) concerned(record string) {
	if !slices.Contains(j.records, record) {
		j.records = append(j.records, record)
	}
}
