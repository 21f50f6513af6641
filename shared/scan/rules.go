package scan

import (
	"context"
	"errors"
	"fmt"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// Records reads contacts as they are now; those that are gone are left out. Keys are distinct.
type Records interface {
	Data(ctx context.Context, records []change.Key) (map[change.Key]map[string]any, error)
}

// Limits keeps how often rules have fired for contacts. SaveCounters answers for each whether it was written: not where
// somebody else has written it since it was read.
type Limits interface {
	Counters(ctx context.Context, keys []rule.CounterKey) (map[rule.CounterKey]rule.Counter, error)
	SaveCounters(ctx context.Context, counters []rule.Counter) ([]bool, error)
}

// firing is a rule whose event a change is, on its way to the calls that it makes.
type firing struct {
	event.Fired
	from   *interfaces
	origin string
	// asked is what the conditions are asked about where that is not what is told.
	asked map[string]any
	// later is set where the change is not the contact's own: what the contact is now may differ when the change is read
	// again.
	later bool
	// held says whether the conditions held.
	held bool
}

// firings are the rules whose event a change is; source names the change.
func (s *interfaces) firings(c change.Change, source string) []firing {
	if s == nil {
		return nil
	}
	var firings []firing
	for _, r := range s.rules.Concerned(c) {
		f := firing{Fired: event.Fired{Rule: r, Source: source, At: c.At, Contact: rule.ContactOf(c)}, from: s, origin: c.Origin}
		if f.later = f.Contact != c.Key; f.later {
			f.Source += " " + c.Key.String() // Another record's shard may have the same number.
		} else {
			f.Data, f.asked = event.Told(c), event.Data(c)
		}
		firings = append(firings, f)
	}
	return firings
}

// concern takes firings into the batch.
func (b *batch) concern(firings []firing) {
	for _, f := range firings {
		b.calls += max(len(f.Rule.Definition.Then), len(f.Rule.Definition.Else))
	}
	b.firings = append(b.firings, firings...)
}

// to are the interfaces that the firing calls: those of its branch that work and want the change's origin.
func (f firing) to() []hook.Interface {
	var to []hook.Interface
	for _, name := range f.Rule.Definition.Branch(f.held) {
		if i, works := f.from.called[name]; works && i.Hook.Wants(f.origin) {
			to = append(to, i)
		}
	}
	return to
}

// counts reports whether the firing is counted: for a limit, or so that a change which is read again when the contact is
// another does not take both branches.
func (f firing) counts() bool {
	d := f.Rule.Definition
	return d.Limits.Any() || f.later && len(d.Then) > 0 && len(d.Else) > 0
}

// fire judges rules and counts what is to be counted; it returns the events that they make. What it has counted it
// counts no more when it is asked again, and makes the same events.
func (r *run) fire(ctx context.Context, firings []firing) ([]event.Event, error) {
	if len(firings) == 0 {
		return nil, nil
	}
	firings, err := r.judge(ctx, firings)
	if err != nil {
		return nil, err
	}
	if firings, err = r.limit(ctx, firings); err != nil {
		return nil, err
	}
	var events []event.Event
	fired := 0
	for _, f := range firings {
		to := f.to()
		for _, i := range to {
			events = append(events, f.Of(i))
		}
		if len(to) > 0 {
			fired++
		}
	}
	r.count(func(n *counts) { n.fired += fired })
	return events, nil
}

// judge reads the contacts that are not the change's own and asks the conditions. A contact that is gone fires nothing.
func (r *run) judge(ctx context.Context, firings []firing) ([]firing, error) {
	asked := map[change.Key]bool{}
	var keys []change.Key
	for _, f := range firings {
		if f.Data == nil && !asked[f.Contact] {
			asked[f.Contact] = true
			keys = append(keys, f.Contact)
		}
	}
	var found map[change.Key]map[string]any
	if len(keys) > 0 {
		var err error
		if found, err = r.Records.Data(ctx, keys); err != nil {
			return nil, fmt.Errorf("read contacts of messages: %w", err)
		}
	}
	judged := make([]firing, 0, len(firings))
	for _, f := range firings {
		if f.Data == nil {
			data, there := found[f.Contact]
			if !there {
				continue
			}
			f.Data = contact.Numbered(f.Contact.ID, data)
			f.asked = f.Data
		}
		f.held = f.Rule.Definition.Conditions.Match(f.asked)
		judged = append(judged, f)
	}
	return judged, nil
}

// contested bounds how often a counter is read again because somebody else wrote it: of all who write one of them
// succeeds each time, so it takes as many times as there are others.
const contested = 100

// errContested says that others wrote the counters all the time; the next run tries again.
var errContested = errors.New("others keep counting for the same contacts")

// limit leaves out what limits forbid, and what calls nobody.
func (r *run) limit(ctx context.Context, firings []firing) ([]firing, error) {
	var free []firing
	waiting := map[rule.CounterKey][]firing{}
	for _, f := range firings {
		switch {
		case len(f.to()) == 0 && !f.later:
		case !f.counts():
			free = append(free, f)
		default:
			key := rule.CounterKey{Key: f.Rule.Key(), Generation: f.Rule.Generation, Contact: f.Contact.ID}
			waiting[key] = append(waiting[key], f)
		}
	}
	for n := 0; len(waiting) > 0; n++ {
		if n == contested {
			return nil, errContested
		}
		counted, err := r.counted(ctx, waiting)
		if err != nil {
			return nil, err
		}
		free = append(free, counted...)
	}
	return free, nil
}

// counted asks the counters once. It takes from what waits all for which the answer is certain, and returns of that what
// is allowed.
func (r *run) counted(ctx context.Context, waiting map[rule.CounterKey][]firing) ([]firing, error) {
	keys := make([]rule.CounterKey, 0, len(waiting))
	for key := range waiting {
		keys = append(keys, key)
	}
	counters, err := r.Limits.Counters(ctx, keys)
	if err != nil {
		return nil, err
	}
	var allowed []firing
	var changed []rule.Counter
	answers := map[rule.CounterKey][]firing{}
	for key, firings := range waiting {
		after, some := r.ask(counters[key], firings)
		if after.Firings == counters[key].Firings {
			allowed = append(allowed, some...)
			delete(waiting, key)
			continue
		}
		changed, answers[key] = append(changed, after), some
	}
	if len(changed) == 0 {
		return allowed, nil
	}
	saved, err := r.Limits.SaveCounters(ctx, changed)
	if err != nil {
		return nil, err
	}
	for i, counter := range changed {
		if saved[i] {
			allowed = append(allowed, answers[counter.CounterKey]...)
			delete(waiting, counter.CounterKey)
		}
	}
	return allowed, nil
}

// ask puts firings to their counter, in the order of their changes. A firing that was counted before takes the branch that
// it took then; a new one that calls nobody is not counted.
func (r *run) ask(counter rule.Counter, firings []firing) (after rule.Counter, allowed []firing) {
	for _, f := range firings {
		if _, before := counter.Known(f.Source); !before && len(f.to()) == 0 {
			continue
		}
		asked := rule.Firing{Source: f.Source, At: f.At, Counted: r.Now(), Held: f.held}
		next, counted, ok := counter.Fire(asked, f.Rule.Definition.Limits)
		if ok {
			counter, f.held = next, counted.Held
			allowed = append(allowed, f)
		}
	}
	return counter, allowed
}
