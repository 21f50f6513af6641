// Package configure is the one reader of configuration: it finds the parameters that changed, checks them and writes
// them to the configuration table, ready to use or invalid with every fault, so that no other function asks Parameter
// Store what an interface is or who may call. It must not know where parameters and tables are, nor send anything.
//
// Two runs may work side by side, and a run may die after any write. Four rules keep the table true:
//
//  1. What is remembered of a parameter is written last, on the condition that nobody wrote it since the run read it. A
//     run that dies, or meets another one, leaves the parameter to be worked in again; every step may be repeated.
//  2. A name is remembered before, or together with, what is first written of it, and a generation before its interface is
//     written, so that nothing takes effect whose name and generation are not known: a later deletion finds both.
//  3. A removal takes hold of what is remembered, after it read what it is to remove, and removes only that: what another
//     run wrote meanwhile stays, and one of the two runs leaves the parameter to be worked in again.
//  4. After an interface, a source or a rule was written, what it was checked against (settings and secrets, or interfaces)
//     is read again. If that changed it is checked again; if it changes later, whoever changes it finds it in the table.
//
// Keys, sources and customers are written in one transaction with what is remembered of them and with all that they are
// found by or hold, so that a run which has been overtaken writes none of it, and a key that was revoked is found no more.
package configure

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

const (
	// Pages of a listing that one run reads. With 50 parameters a page, up to 2,000 are swept each minute; beyond, a
	// sweep takes several runs.
	Pages = 40
	// Known is how many parameters are remembered at most for a run to see them all.
	Known = Pages * 50
	// Slice is how many known names a run looks up by name, to find deleted ones, when its listing is not the whole: 20
	// calls.
	Slice = 1000
	// Margin is kept before the context's deadline: the longest that a group of parameters, once begun, may take.
	Margin = 6 * time.Second
	// group is how many parameters are worked in together.
	group = 100
)

// The sizes of calls to Parameter Store.
const (
	describeSize = 50
	valuesSize   = 10
)

// Parameters reads Parameter Store; each method is one call. List is a page of all the stage's parameters, Describe those
// of up to 50 names, Values up to ten with their values, and the names that do not exist.
type Parameters interface {
	List(ctx context.Context, token string) (parameter.Page, error)
	Describe(ctx context.Context, names []string) ([]parameter.Parameter, error)
	Values(ctx context.Context, names []string) (values []parameter.Value, missing []string, err error)
}

// Memory reads what is remembered of parameters.
type Memory interface {
	First(ctx context.Context, limit int) (seen []parameter.Seen, position parameter.Position, more bool, err error)
	After(ctx context.Context, name string, limit int) ([]parameter.Seen, error)
	ByName(ctx context.Context, names []string) ([]parameter.Seen, error)
}

// Recorder writes what is remembered of parameters; Record and Forget answer for each whether its revision was still the
// one that is expected.
type Recorder interface {
	Record(ctx context.Context, seen []parameter.Seen, previous []string) ([]bool, error)
	Forget(ctx context.Context, seen []parameter.Seen) ([]bool, error)
	Recheck(ctx context.Context, names []string, at time.Time, revision string) ([]parameter.Seen, error)
	SavePosition(ctx context.Context, position parameter.Position) error
}

// Facts keeps settings and secrets' hosts; an older version never replaces a newer one, and what was written since it was
// read is not dropped. Dependencies names, for each parameter of some kinds of an organization, what it was checked
// against.
type Facts interface {
	Facts(ctx context.Context, organization string) ([]parameter.Fact, error)
	Dependencies(ctx context.Context, organization string, kinds ...parameter.Kind) (map[parameter.Path][]string, error)
	KeepFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error)
	DropFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error)
}

// Interfaces keeps checked interfaces; an older version never replaces a newer one, and what was written since it was read
// is not removed.
type Interfaces interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
	SaveInterfaces(ctx context.Context, interfaces []hook.Checked) ([]bool, error)
	RemoveInterfaces(ctx context.Context, interfaces []hook.Interface) ([]bool, error)
	SaveStamps(ctx context.Context, organizations []string, token string) error
}

// Rules keeps checked rules, as Interfaces keeps interfaces.
type Rules interface {
	Rules(ctx context.Context, keys []rule.Key) (map[rule.Key]rule.Rule, error)
	SaveRules(ctx context.Context, rules []rule.Checked) ([]bool, error)
	RemoveRules(ctx context.Context, rules []rule.Rule) ([]bool, error)
}

// Access keeps who may call. A change is made as a whole, unless the parameter or what is remembered of it was written since
// it was read, or a source wants a claim that another organization holds; Holders says who holds claims.
type Access interface {
	Access(ctx context.Context, paths []parameter.Path) (map[parameter.Path]access.Checked, error)
	ChangeAccess(ctx context.Context, changes []access.Change) ([]bool, error)
	Holders(ctx context.Context, fingerprints []string) (map[string]string, error)
}

// Agenda tells dispatch what is due.
type Agenda interface {
	Put(ctx context.Context, entries []backlog.Entry) error
}

// Handler keeps the configuration table in step with Parameter Store.
type Handler struct {
	Stage      string
	Parameters Parameters
	Memory     Memory
	Recorder   Recorder
	Facts      Facts
	Interfaces Interfaces
	Rules      Rules
	Access     Access
	Agenda     Agenda
	Now        func() time.Time
	// Fingerprint tells secrets' values apart and gives none away; access.Fingerprint is meant.
	Fingerprint func(value string) (string, error)
	// Token gives a new unguessable text with each call.
	Token func() string
	Log   *slog.Logger
}

// Run works in the parameter of a change event, or sweeps. It ends Margin before the context's deadline; what is left is
// the next run's. The error joins all that failed, of which nothing is remembered, so that the next run tries again.
func (h Handler) Run(ctx context.Context, event Event) error {
	r := &run{Handler: h, began: h.Now(), tasks: map[string]*task{}}
	if deadline, ok := ctx.Deadline(); ok {
		r.until = deadline.Add(-Margin)
	}
	if event.Name != "" {
		r.one(ctx, event)
	} else {
		r.sweep(ctx)
	}
	h.Log.LogAttrs(
		ctx, slog.LevelInfo, "configured", slog.Int("parameters", r.parameters), slog.Int("changed", r.changed),
		slog.Int("removed", r.removed), slog.Int("invalid", r.invalid), slog.Int("calls", r.calls),
		slog.Int64("duration_ms", h.Now().Sub(r.began).Milliseconds()),
	)
	return errors.Join(r.errs...)
}
