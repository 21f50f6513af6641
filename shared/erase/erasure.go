package erase

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/refusal"
)

// Bounds of one call: it begins nothing new after longest, or margin before its context ends.
const (
	longest = 20 * time.Second
	margin  = 4 * time.Second
	// again is when a call that could not finish is to be repeated.
	again = time.Second
	// sideBySide is how much is done at once.
	sideBySide = 8
)

// erasure is one call.
type erasure struct {
	*Handler
	contact    change.Key
	start, end time.Time
	// seen are the deliveries that were worked on.
	seen map[delivery.Ref]bool

	mu    sync.Mutex
	found Found
	// busy counts the deliveries that a sender was at work on.
	busy int
}

// errLate says that time is out.
var errLate = errors.New("out of time")

func (h *Handler) erasure(ctx context.Context, contact change.Key) *erasure {
	start, left := h.Now(), longest
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline)-margin)
	}
	return &erasure{Handler: h, contact: contact, start: start, end: start.Add(left), seen: map[delivery.Ref]bool{}}
}

// run keeps the order that a crash asks for: what the person is known by stays in record and directory until all is found
// that names them by it. The record goes before its deliveries, so that what is sent from then on finds it gone; the
// directory goes last, together with what was announced meanwhile.
func (e *erasure) run(ctx context.Context) error {
	is, err := e.person(ctx)
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, *person) error{e.triggers, e.setAside, e.removeRecord, e.deliveries, e.removeDirectory} {
		if err = step(ctx, is); err != nil {
			break
		}
	}
	switch {
	case errors.Is(err, errLate):
		return e.unfinished("there is more than one call has time for")
	case err != nil:
		return err
	case e.busy > 0:
		return e.unfinished(fmt.Sprintf("%d deliveries are being sent at this moment, and their answers may hold data of the contact", e.busy))
	}
	return nil
}

// unfinished asks to call again.
func (e *erasure) unfinished(why string) error {
	f := e.found
	r := refusal.New(http.StatusServiceUnavailable, "not all of the contact is erased yet: %s; call again until all is done. "+
		"This call found %d deliveries, and removed %d bodies and %d answers, %d triggers and %d things set aside",
		why, f.Deliveries, f.Bodies, f.Answers, f.Triggers, f.SetAside)
	if r.RetryAfter = again; e.busy > 0 {
		r.RetryAfter = 10 * again
	}
	return r
}

// late is errLate once time is out.
func (e *erasure) late(ctx context.Context) error {
	if !e.Now().Before(e.end) {
		return errLate
	}
	return ctx.Err()
}

// expires is when the ledger forgets what ends now.
func (e *erasure) expires() time.Time { return e.Now().Add(delivery.LedgerTime) }

// count changes what was found, for those who work side by side.
func (e *erasure) count(add func(*Found)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	add(&e.found)
}
