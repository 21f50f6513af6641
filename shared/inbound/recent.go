package inbound

import (
	"context"
	"strings"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/recent"
)

// Bounds of what is kept of configuration.
const (
	configurationKept = time.Minute
	mostKept          = 10_000
)

// Configuration is what the door reads of the configuration table on each request.
type Configuration interface {
	Customers
	Sources
}

// recentConfiguration keeps answers for a minute, also that there is no such customer or source.
type recentConfiguration struct {
	from      Configuration
	customers *recent.Cache[[2]string, string]
	sources   *recent.Cache[string, map[string]access.Source]
}

// Recent asks for each customer and source at most once a minute, so that what a flood of refused requests costs is bounded.
func Recent(from Configuration, now func() time.Time) Configuration {
	return recentConfiguration{
		from,
		recent.New[[2]string, string](mostKept, configurationKept, now),
		recent.New[string, map[string]access.Source](mostKept, configurationKept, now),
	}
}

func (r recentConfiguration) Customer(ctx context.Context, customer, alias string) (string, error) {
	return r.customers.Get(ctx, [2]string{customer, alias}, func(ctx context.Context) (string, error) {
		return r.from.Customer(ctx, customer, alias)
	})
}

func (r recentConfiguration) Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error) {
	return r.sources.Get(ctx, organization+"#"+strings.Join(names, "#"), func(ctx context.Context) (map[string]access.Source, error) {
		return r.from.Sources(ctx, organization, names)
	})
}
