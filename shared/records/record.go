package records

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

// busyFor is when to try again what others were faster in.
const busyFor = time.Second

// Get reads a record. Refusals: 404, 409 for one that cannot be read, 412, 422.
func (h *Handler) Get(ctx context.Context, r Request) (Answer, error) {
	var faults fault.List
	checkTarget(&faults, r.Key)
	conditions := r.conditions(&faults)
	if err := refuse(faults, true); err != nil {
		return Answer{}, err
	}
	is, err := h.read(ctx, r.Key)
	if err != nil {
		return Answer{}, err
	}
	found, err := answer(is)
	if err != nil {
		return Answer{}, err
	}
	if found.Known = conditions.Known(found.ETag); found.Known {
		conditions.Conditions = conditions.MatchOnly()
	}
	return found, conditions.check(is)
}

// read reads a record that is there.
func (h *Handler) read(ctx context.Context, key change.Key) (record.Record, error) {
	found, err := h.CRM.Records.Records(ctx, []change.Key{key})
	var spoilt interface{ Unreadable() []change.Key }
	if errors.As(err, &spoilt) {
		return record.Record{}, unreadable()
	}
	if err != nil {
		return record.Record{}, fmt.Errorf("read record: %w", err)
	}
	is, there := found[key]
	if !there || !is.Exists() {
		return record.Record{}, missing()
	}
	return is, nil
}

func missing() *refusal.Refusal {
	return refusal.New(http.StatusNotFound, "there is no such record")
}

// Put makes the body a record's data, whether it is there or not. Refusals: 400, 409, 412, 413, 422.
func (h *Handler) Put(ctx context.Context, r Request) (Answer, error) {
	data, conditions, err := r.data()
	if err != nil {
		return Answer{}, err
	}
	return h.change(ctx, r, func(now record.Record) (map[string]any, error) {
		return data, conditions.check(now)
	})
}

// Patch merges the body into a record's data (RFC 7396). Refusals: 400, 404, 409, 412, 413, 422.
func (h *Handler) Patch(ctx context.Context, r Request) (Answer, error) {
	patch, conditions, err := r.data()
	if err != nil {
		return Answer{}, err
	}
	return h.change(ctx, r, func(now record.Record) (map[string]any, error) {
		if !now.Exists() {
			return nil, missing()
		}
		return document.Merge(now.Data, patch), conditions.check(now)
	})
}

// Delete deletes a record; one that is gone already stays so. Refusals: 409, 412, 422.
func (h *Handler) Delete(ctx context.Context, r Request) error {
	var faults fault.List
	checkTarget(&faults, r.Key)
	conditions := r.conditions(&faults)
	if err := refuse(faults, true); err != nil {
		return err
	}
	_, err := h.change(ctx, r, func(now record.Record) (map[string]any, error) {
		return nil, conditions.check(now)
	})
	return err
}

// data reads the body of a write and checks all that can be checked without the record.
func (r Request) data() (map[string]any, conditions, error) {
	var faults fault.List
	checkTarget(&faults, r.Key)
	conditions := r.conditions(&faults)
	data, readable := readObject(&faults, "data", r.Body)
	checkNumber(&faults, "data", r.Key, data)
	return data, conditions, refuse(faults, readable)
}

// change makes one change.
func (h *Handler) change(ctx context.Context, r Request, apply func(record.Record) (map[string]any, error)) (Answer, error) {
	results, err := h.CRM.Change(ctx, []crm.Change{{Key: r.Key, Origin: r.Origin, Apply: apply}})
	if err != nil {
		return Answer{}, fmt.Errorf("change record: %w", err)
	}
	if err := results[0].Err; err != nil {
		return Answer{}, refused(err)
	}
	done, err := answer(results[0].Record)
	done.Created = results[0].Outcome == crm.Created
	return done, err
}

// refused is the refusal for a change that was not made; our own trouble stays what it is.
func refused(err error) error {
	var large record.TooLargeError
	switch {
	case errors.As(err, &large):
		return refusal.New(http.StatusRequestEntityTooLarge, "%s: keep less in it, or part of it in a record of its own", large)
	case errors.Is(err, crm.ErrUnreadable):
		return unreadable()
	case errors.Is(err, crm.ErrBusy):
		busy := refusal.New(http.StatusServiceUnavailable, "others write this record all the time: try again")
		busy.RetryAfter = busyFor
		return busy
	case refusal.Of(err) != nil:
		return err
	}
	return fmt.Errorf("change record: %w", err)
}

func unreadable() *refusal.Refusal {
	return refusal.New(http.StatusConflict, "%s: mend or remove the item in the table first", crm.ErrUnreadable)
}
