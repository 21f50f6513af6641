package gate

import (
	"context"
	"net/http"

	"crmhook/shared/access"
	"crmhook/shared/refusal"
)

// Own is the key of a token that allows the scope, for calls that name no organization: it is the key's own. A token that
// several organizations gave to their keys does not say which of them is meant, and is refused. Errors are those of Key.
func (g *Gate) Own(ctx context.Context, token string, scope access.Scope) (access.Key, error) {
	keys, err := g.known(ctx, token)
	if err != nil {
		return access.Key{}, err
	}
	var own []access.Key
	for _, key := range keys {
		switch {
		case key.Organization == "" || !key.Allows(scope):
		case len(own) > 0 && own[0].Organization != key.Organization:
			return access.Key{}, refusal.New(http.StatusForbidden, "the token is a key of several organizations, so it does not say which is meant: give each key a token of its own")
		default:
			own = append(own, key)
		}
	}
	if len(own) == 0 {
		return access.Key{}, refusal.New(http.StatusForbidden, "the key does not allow this: it needs the scope %s of an organization", scope)
	}
	return own[0], nil
}
