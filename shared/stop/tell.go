package stop

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/notice"
)

func join(errs []error) error { return errors.Join(errs...) }

func list[T comparable](set map[T]bool) []T { return slices.Collect(maps.Keys(set)) }

// subject is what one mail is about.
type subject struct {
	kind               notice.Kind
	organization, name string
}

// tell mails notices: those about one interface that come together in one mail, at most one an hour, the rest gathered
// for a digest that the agenda makes due.
func (t *turn) tell(ctx context.Context, letters []letter) error {
	groups := map[subject][]letter{}
	for _, l := range letters {
		s := subject{l.notice.Kind, l.notice.Organization, l.notice.Interface}
		groups[s] = append(groups[s], l)
	}
	var failed []error
	for s, group := range groups {
		if err := t.group(ctx, s, group); err != nil {
			failed = append(failed, fmt.Errorf("tell about %s/%s: %w", s.organization, s.name, err))
			for _, l := range group {
				t.again[l.message.ID] = ownDelay
			}
		}
	}
	return join(failed)
}

func (t *turn) group(ctx context.Context, s subject, letters []letter) error {
	h := t.handler
	var notices []notice.Notice
	for _, l := range letters {
		if !l.notice.Digest {
			notices = append(notices, l.notice)
		}
	}
	digest := len(notices) < len(letters)
	claimed, over, err := h.Notices.ClaimHour(ctx, letters[0].notice, h.Now())
	if err != nil {
		return err
	}
	if !claimed {
		return t.later(ctx, s, notices, digest, over)
	}
	gathered, err := h.Notices.Gathered(ctx, letters[0].notice)
	if err != nil {
		return err
	}
	all := append(gathered, notices...)
	if len(all) == 0 {
		return nil
	}
	if err := t.mail(ctx, s, all); err != nil {
		h.Log.Error("mail not sent", "organization", s.organization, "interface", s.name, "kind", string(s.kind), "error", err.Error())
		return t.later(ctx, s, notices, true, h.Now().Add(notice.Every))
	}
	return h.Notices.Forget(ctx, gathered)
}

// later gathers notices for the digest, due when the hour is over.
func (t *turn) later(ctx context.Context, s subject, notices []notice.Notice, digest bool, over time.Time) error {
	for _, n := range notices {
		if err := t.handler.Notices.Gather(ctx, n); err != nil {
			return err
		}
	}
	if len(notices) == 0 && !digest {
		return nil
	}
	purpose := backlog.WarningDigest
	if s.kind == notice.Stopped {
		purpose = backlog.StopDigest
	}
	return t.handler.Agenda.Put(ctx, []backlog.Entry{{
		Lane:    backlog.Lane{Organization: s.organization, Interface: s.name},
		Purpose: purpose, Due: over.Add(time.Second), Token: t.handler.Now().Format(time.RFC3339Nano),
	}})
}

// mail sends one mail to the interface's recipients; without a sender's address or recipients, a notice to the operators.
func (t *turn) mail(ctx context.Context, s subject, notices []notice.Notice) error {
	h := t.handler
	from, err := h.Configuration.Setting(ctx, "mailFrom")
	if err != nil {
		return err
	}
	found, err := h.Configuration.Interfaces(ctx, []hook.Key{{Organization: s.organization, Name: s.name}})
	if err != nil {
		return err
	}
	var to []string
	if is := found[hook.Key{Organization: s.organization, Name: s.name}]; is.Hook != nil {
		to = is.Hook.Notify
	}
	title, text := notice.Subject(s.kind, s.organization, s.name), notice.Text(s.kind, s.organization, s.name, notices)
	if from == "" || len(to) == 0 {
		return h.Mailer.Notice(ctx, title, text)
	}
	return h.Mailer.Send(ctx, from, to, title, text)
}
