package gate

import (
	"context"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/recent"
)

// Bounds of what is kept of keys: a key that is withdrawn works at most a minute longer, and a flood of tokens that are
// nobody's takes no more memory than this.
const (
	keysKept = time.Minute
	mostKeys = 10_000
)

// recentKeys keeps answers for a minute, also that a token is nobody's.
type recentKeys struct {
	keys  Keys
	cache *recent.Cache[string, []access.Key]
}

// Recent asks keys at most once a minute for each token.
func Recent(keys Keys, now func() time.Time) Keys {
	return recentKeys{keys, recent.New[string, []access.Key](mostKeys, keysKept, now)}
}

func (r recentKeys) KeysByHash(ctx context.Context, hash string) ([]access.Key, error) {
	return r.cache.Get(ctx, hash, func(ctx context.Context) ([]access.Key, error) { return r.keys.KeysByHash(ctx, hash) })
}
