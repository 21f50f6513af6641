package manage

import (
	"context"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/configure"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
)

// Configuration is what an organization's configuration is read from and written through. Every field is required.
type Configuration struct {
	Stage      string
	Parameters Parameters
	Writer     Writer
	Shares     Shares
	Locks      Locks
	Pages      Pages
	Kept       Kept
	States     States
	Hours      Hours
	Configure  Configure
}

// Parameters reads Parameter Store: Values up to ten parameters with their values, and the names that do not exist; Describe
// those of up to 50 names that exist, without.
type Parameters interface {
	Describe(ctx context.Context, names []string) ([]parameter.Parameter, error)
	Values(ctx context.Context, names []string) (values []parameter.Value, missing []string, err error)
}

// Writer writes Parameter Store. Its errors hold no text of a parameter; those of package parameter say why one was not
// written. Deleting what is not there is none.
type Writer interface {
	Put(ctx context.Context, name, text string, secure bool) (parameter.Parameter, error)
	Delete(ctx context.Context, name string) error
}

// Shares keep each organization to its part of the writes that Parameter Store takes of all of them together, and say when
// there is some of it again.
type Shares interface {
	Take(organization string) (wait time.Duration, ok bool)
}

// Locks let one at a time write a parameter. Lock answers whether it is had until then; a lock whose time has passed is free.
type Locks interface {
	Lock(ctx context.Context, path parameter.Path, token string, now, until time.Time) (bool, error)
	Unlock(ctx context.Context, path parameter.Path, token string) error
}

// Pages lists what configure has checked, in order of names, after a name.
type Pages interface {
	Page(ctx context.Context, organization, after string, limit int) (list []hook.Interface, next string, err error)
	RulePage(ctx context.Context, organization, after string, limit int) (list []rule.Rule, next string, err error)
	Organizations(ctx context.Context, after string, limit int) (list []string, next string, err error)
}

// Kept is what configure has checked beside interfaces: rules by id, and the facts of settings and secrets.
type Kept interface {
	Rules(ctx context.Context, keys []rule.Key) (map[rule.Key]rule.Rule, error)
	Facts(ctx context.Context, organization string) ([]parameter.Fact, error)
}

// States is what dispatch remembers of distinct lanes, read in one batch.
type States interface {
	States(ctx context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error)
}

// Hours are the counts of the last hours as hours.Last names them, read in one batch.
type Hours interface {
	Hours(ctx context.Context, keys []hook.Key, now time.Time) (map[hook.Key][hours.Shown]hours.Counts, error)
}

// Configure checks a text without writing anything, and works a parameter in: configure.Handler is meant.
type Configure interface {
	Check(ctx context.Context, path parameter.Path, text string, secure bool) (fault.List, error)
	Run(ctx context.Context, event configure.Event) error
}
