package manage

import (
	"context"
	"fmt"
	"net/http"
	"unicode/utf8"

	"crmhook/shared/audit"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/precondition"
	"crmhook/shared/refusal"
)

// Write is a write of configuration.
type Write struct {
	// Body is the parameter's text.
	Body []byte
	// IfMatch and IfNoneMatch are the headers' values, nil where a header was not sent.
	IfMatch, IfNoneMatch []string
}

// writing is one write of a parameter.
type writing struct {
	who  Who
	path parameter.Path
	// put and delete are how the audit calls it.
	put, delete audit.Action
	secure      bool
}

func (c writing) subject() string { return string(c.path.Kind) + " " + c.path.Name }

// write makes the body a parameter's text and has configure work it in, and then calls show, all while nobody else writes
// it. A death leaves the lock, which lapses, and perhaps the audit's entry; or the parameter, which the next sweep works
// in. Refusals: 400, 409, 412, 413, 422, 429, and 503 where it is written but does not work yet. Only what would be written
// counts towards the organization's share of writes.
func (h *Handler) write(ctx context.Context, c writing, w Write, show func(ctx context.Context) error) (created bool, err error) {
	conditions, err := c.readable(w)
	if err != nil {
		return false, err
	}
	err = h.locked(ctx, c.path, func(ctx context.Context) error {
		is, err := h.latest(ctx, c.path)
		if err != nil {
			return err
		}
		if err := h.refuseText(ctx, c, w.Body); err != nil {
			return err
		}
		if is.Version != 0 && is.Secure != c.secure {
			return c.otherType()
		}
		if err := expected(conditions, stateOf(is.Version, is.Modified)); err != nil {
			return err
		}
		if err := h.put(ctx, c, is, string(w.Body)); err != nil {
			return err
		}
		created = is.Version == 0
		return show(ctx)
	})
	return created, err
}

// readable refuses what can be refused without looking anything up, and reads the preconditions.
func (c writing) readable(w Write) (precondition.Conditions, error) {
	var faults fault.List
	if !hook.ValidName(c.path.Name) {
		faults.AddValue("path."+nameOf[c.path.Kind], fault.Shown(c.path.Name), "%s", hook.NameRule)
	}
	conditions := precondition.Read(w.IfMatch, w.IfNoneMatch, &faults)
	if len(faults) > 0 {
		return conditions, refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	if len(w.Body) > parameter.MostText {
		return conditions, tooLarge()
	}
	if !utf8.Valid(w.Body) {
		faults.Add("", "must be UTF-8")
		return conditions, refusal.Faulty(http.StatusBadRequest, faults)
	}
	return conditions, nil
}

// nameOf is what a kind's name is called in a path.
var nameOf = map[parameter.Kind]string{parameter.Interface: "name", parameter.Rule: "id", parameter.Secret: "name"}

// put records, writes and works in, if the organization's share of writes allows it.
func (h *Handler) put(ctx context.Context, c writing, is parameter.Parameter, text string) error {
	detail := "new"
	if is.Version != 0 {
		detail = fmt.Sprintf("after version %d", is.Version)
	}
	before, err := h.held(ctx, c.path)
	if err != nil {
		return err
	}
	if err := h.refuseMany(c.who.Organization); err != nil {
		return err
	}
	if err := h.record(ctx, c.who, c.put, c.subject(), detail); err != nil {
		return err
	}
	if _, err := h.Writer.Put(ctx, c.path.Full(h.Stage), text, c.secure); err != nil {
		return c.unwritten(err)
	}
	return h.workIn(ctx, c.path, updated, before)
}

// remove deletes a parameter and what configure made of it. Refusals: 404, 409, 412, 422, 429, 503.
func (h *Handler) remove(ctx context.Context, c writing, w Write) error {
	var faults fault.List
	conditions := precondition.Read(w.IfMatch, w.IfNoneMatch, &faults)
	if len(faults) > 0 {
		return refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	if !possible(c.path.Name) {
		return missing(c.path.Kind)
	}
	return h.locked(ctx, c.path, func(ctx context.Context) error {
		is, err := h.latest(ctx, c.path)
		if err != nil {
			return err
		}
		if is.Version == 0 {
			return missing(c.path.Kind)
		}
		if err := expected(conditions, stateOf(is.Version, is.Modified)); err != nil {
			return err
		}
		before, err := h.held(ctx, c.path)
		if err != nil {
			return err
		}
		if err := h.refuseMany(c.who.Organization); err != nil {
			return err
		}
		if err := h.record(ctx, c.who, c.delete, c.subject(), fmt.Sprintf("version %d", is.Version)); err != nil {
			return err
		}
		if err := h.Writer.Delete(ctx, c.path.Full(h.Stage)); err != nil {
			return c.unwritten(err)
		}
		return h.workIn(ctx, c.path, deleted, before)
	})
}
