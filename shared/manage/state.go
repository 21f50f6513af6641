package manage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"crmhook/shared/configure"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/refusal"
	"crmhook/shared/rule"
)

// state names what the table or Parameter Store holds of a parameter; the zero state is of one that is not there.
type state struct {
	version  int64
	modified int64
}

func stateOf(version int64, modified time.Time) state {
	if version == 0 {
		return state{}
	}
	return state{version, modified.UnixMilli()}
}

func (s state) there() bool { return s.version != 0 }

// etag names the state, quoted as in HTTP.
func (s state) etag() string {
	return `"` + strconv.FormatInt(s.version, 10) + "-" + strconv.FormatInt(s.modified, 36) + `"`
}

// latest reads what Parameter Store holds, without a value. Where the table lags behind, that is worked in first, so that
// whoever is told that the state is another one sees that state when they read again.
func (h *Handler) latest(ctx context.Context, path parameter.Path) (parameter.Parameter, error) {
	is, err := h.stored(ctx, path)
	if err != nil || path.Kind == parameter.Secret {
		return is, err
	}
	held, err := h.held(ctx, path)
	if err != nil || held == stateOf(is.Version, is.Modified) {
		return is, err
	}
	operation := updated
	if is.Version == 0 {
		operation = deleted
	}
	if err := h.Configure.Run(ctx, configure.Event{Name: path.Full(h.Stage), Operation: operation}); err != nil {
		return is, fmt.Errorf("work in %s: %w", path, err)
	}
	return is, nil
}

// stored is a parameter as Parameter Store holds it, of version 0 where there is none. A secret's value is not read.
func (h *Handler) stored(ctx context.Context, path parameter.Path) (parameter.Parameter, error) {
	name := []string{path.Full(h.Stage)}
	if path.Kind == parameter.Secret {
		found, err := h.Parameters.Describe(ctx, name)
		if err != nil || len(found) == 0 {
			return parameter.Parameter{}, h.unread(err)
		}
		return found[0], nil
	}
	values, _, err := h.Parameters.Values(ctx, name)
	if err != nil || len(values) == 0 {
		return parameter.Parameter{}, h.unread(err)
	}
	return values[0].Parameter, nil
}

func (h *Handler) unread(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, parameter.ErrThrottled):
		return throttled()
	}
	return fmt.Errorf("read parameter: %w", err)
}

// held is the state of what configure has made of a parameter.
func (h *Handler) held(ctx context.Context, path parameter.Path) (state, error) {
	switch path.Kind {
	case parameter.Interface:
		k := hook.Key{Organization: path.Organization, Name: path.Name}
		found, err := h.Current.Interfaces(ctx, []hook.Key{k})
		return stateOf(found[k].Version, found[k].Modified), err
	case parameter.Rule:
		k := rule.Key{Organization: path.Organization, ID: path.Name}
		found, err := h.Kept.Rules(ctx, []rule.Key{k})
		return stateOf(found[k].Version, found[k].Modified), err
	}
	facts, err := h.Kept.Facts(ctx, path.Organization)
	for _, fact := range facts {
		if fact.Path == path {
			return stateOf(fact.Version, fact.Modified), nil
		}
	}
	return state{}, err
}

// What configure is told that was done to a parameter.
const (
	updated = "Update"
	deleted = "Delete"
)

// tries is how often a parameter is worked in until the table shows it: another run that is at work on it may keep one from
// it, and the next then finds what that has begun.
const tries = 3

// workIn has configure work a parameter in, until the table holds another state than before, or none, as it was deleted.
func (h *Handler) workIn(ctx context.Context, path parameter.Path, operation string, before state) error {
	for range tries {
		if err := h.Configure.Run(ctx, configure.Event{Name: path.Full(h.Stage), Operation: operation}); err != nil {
			return fmt.Errorf("work in %s: %w", path, err)
		}
		if now, err := h.held(ctx, path); err != nil || now != before || operation == deleted && !now.there() {
			return err
		}
	}
	later := refusal.New(http.StatusServiceUnavailable, "it is written, and works within a minute: read it again then")
	later.RetryAfter = time.Minute
	return later
}
