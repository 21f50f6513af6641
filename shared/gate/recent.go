package gate

import (
	"context"
	"strings"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/recent"
)

// Bounds of what is kept of the configuration: what is withdrawn works at most a minute longer, and a flood of tokens and
// customers that are nobody's takes no more memory than this.
const (
	kept     = time.Minute
	mostKept = 10_000
)

// Configuration is what is read of the configuration table on the way in.
type Configuration interface {
	Keys
	// Customer is the organization that a CRM360 customer and database mean; "" for one that is not known.
	Customer(ctx context.Context, customer, alias string) (organization string, err error)
	// Sources are what an organization says of platforms, by the source's name; those that are not there are left out.
	Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error)
}

// recently keeps answers for a minute, also that there is no such key, customer or source.
type recently struct {
	from      Configuration
	keys      *recent.Cache[string, []access.Key]
	customers *recent.Cache[[2]string, string]
	sources   *recent.Cache[string, map[string]access.Source]
}

// Recent asks for each key, customer and source at most once a minute, so that what a flood of refused requests costs is
// bounded.
func Recent(from Configuration, now func() time.Time) Configuration {
	return recently{
		from,
		recent.New[string, []access.Key](mostKept, kept, now),
		recent.New[[2]string, string](mostKept, kept, now),
		recent.New[string, map[string]access.Source](mostKept, kept, now),
	}
}

func (r recently) KeysByHash(ctx context.Context, hash string) ([]access.Key, error) {
	return r.keys.Get(ctx, hash, func(ctx context.Context) ([]access.Key, error) { return r.from.KeysByHash(ctx, hash) })
}

func (r recently) Customer(ctx context.Context, customer, alias string) (string, error) {
	return r.customers.Get(ctx, [2]string{customer, alias}, func(ctx context.Context) (string, error) {
		return r.from.Customer(ctx, customer, alias)
	})
}

func (r recently) Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error) {
	return r.sources.Get(ctx, organization+"#"+strings.Join(names, "#"), func(ctx context.Context) (map[string]access.Source, error) {
		return r.from.Sources(ctx, organization, names)
	})
}
