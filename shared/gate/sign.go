package gate

import (
	"context"
	"net/http"
	"slices"

	"crmhook/shared/access"
	"crmhook/shared/refusal"
)

// Sign are the keys that a token signs in with, at least one: those of organizations with the scope manage, and operators'.
// Errors are those of Key; 403 where the token is a key's that is for other things, and 429 at once where too many tokens that
// are nobody's came from the address. Who has a key is let in whatever others at its address try.
func (g *Gate) Sign(ctx context.Context, token, address string) ([]access.Key, error) {
	keys, err := g.known(ctx, token)
	if refused := refusal.Of(err); refused != nil && refused.Status == http.StatusUnauthorized {
		if wait, ok := g.Strangers.Take(address); !ok {
			return nil, tooManyTries(wait)
		}
	}
	if err != nil {
		return nil, err
	}
	if keys = leading(keys); len(keys) == 0 {
		return nil, refusal.New(http.StatusForbidden, "the key is not one to sign in with: it needs the scope %s", access.Manage)
	}
	return keys, nil
}

// SignedIn are the keys of somebody who signed in, of whom the session keeps the hash of the token: at least one, as Sign has
// them. Errors are those of Key; 401 says that there is none of them any more.
func (g *Gate) SignedIn(ctx context.Context, hash string) ([]access.Key, error) {
	keys, err := g.knownByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	if keys = leading(keys); len(keys) == 0 {
		return nil, Unknown()
	}
	return keys, nil
}

// leading are the keys that lead somewhere in what people look at.
func leading(keys []access.Key) []access.Key {
	return slices.DeleteFunc(slices.Clone(keys), func(k access.Key) bool {
		if k.Organization == "" {
			return !k.Allows(access.OperateRead) && !k.Allows(access.OperateReplay)
		}
		return !k.Allows(access.Manage)
	})
}
