// Package gate says whether a caller may pass: it finds the key of a token, checks scope and organization, and keeps each
// key to its share. It must not know what is asked for, nor where keys are kept.
package gate

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/refusal"
)

// Keys finds keys by the hash of their token. There are several where organizations gave theirs the same token.
type Keys interface {
	KeysByHash(ctx context.Context, hash string) ([]access.Key, error)
}

// Shares says whether a caller's share is used up, and when there is some again.
type Shares interface {
	Take(caller string) (wait time.Duration, ok bool)
}

// Gate checks tokens.
type Gate struct {
	Keys   Keys
	Shares Shares
	// Strangers keeps each address to its share of tokens that are nobody's. Only Sign needs it.
	Strangers Shares
}

// Key is the key of a token that allows the scope in the organization. Else the error is a *refusal.Refusal: 401 for a token
// that is nobody's, 403 for one without the scope or of another organization, whether the asked one exists or not, 429 for
// one whose share is used up; or our own trouble.
func (g *Gate) Key(ctx context.Context, token, organization string, scope access.Scope) (access.Key, error) {
	keys, err := g.known(ctx, token)
	if err != nil {
		return access.Key{}, err
	}
	for _, key := range keys {
		if key.Organization == organization && organization != "" && key.Allows(scope) {
			return key, nil
		}
	}
	return access.Key{}, refusal.New(http.StatusForbidden, "the key does not allow this: it needs the scope %s in this organization", scope)
}

// known are the keys of a token, at least one, whose share is not used up.
func (g *Gate) known(ctx context.Context, token string) ([]access.Key, error) {
	if token == "" {
		return nil, Unknown()
	}
	return g.knownByHash(ctx, access.HashToken(token))
}

func (g *Gate) knownByHash(ctx context.Context, hash string) ([]access.Key, error) {
	keys, err := g.Keys.KeysByHash(ctx, hash)
	if err != nil {
		return nil, fmt.Errorf("find key: %w", err)
	}
	if len(keys) == 0 {
		return nil, Unknown()
	}
	if wait, ok := g.Shares.Take(keys[0].Hash); !ok {
		return nil, TooMany(wait)
	}
	return keys, nil
}

// Unknown refuses a caller who gave no good proof of who it is.
func Unknown() *refusal.Refusal {
	return refusal.New(http.StatusUnauthorized, "no valid proof of who is calling: send a key's token as Authorization: Bearer (to QueueProcess also as X-Crm360Api-Token), or the proof that the organization's source for this platform asks for")
}

// TooMany refuses a caller whose share is used up.
func TooMany(wait time.Duration) *refusal.Refusal {
	r := refusal.New(http.StatusTooManyRequests, "too many requests with this key: slow down")
	r.RetryAfter = wait
	return r
}

func tooManyTries(wait time.Duration) *refusal.Refusal {
	r := refusal.New(http.StatusTooManyRequests, "too many keys from here that are nobody's: look for the right one, and try again later")
	r.RetryAfter = wait
	return r
}
