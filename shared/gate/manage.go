package gate

import (
	"context"
	"net/http"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/refusal"
)

// Managing is the key of a token that allows what is needed in an organization: one of its own with the scope manage, or an
// operator's. Errors are those of Key; 403 also for an organization that cannot be, whoever asks.
func (g *Gate) Managing(ctx context.Context, token, organization string, need access.Need) (access.Key, error) {
	keys, err := g.known(ctx, token)
	if err != nil {
		return access.Key{}, err
	}
	return managing(keys, organization, need)
}

// ByHash is Managing for somebody who signed in with a key, of which the session keeps the hash of the token: 401 says that
// there is no such key any more.
func (g *Gate) ByHash(ctx context.Context, hash, organization string, need access.Need) (access.Key, error) {
	keys, err := g.knownByHash(ctx, hash)
	if err != nil {
		return access.Key{}, err
	}
	return managing(keys, organization, need)
}

func managing(keys []access.Key, organization string, need access.Need) (access.Key, error) {
	for _, key := range keys {
		if key.May(organization, need) && change.ValidOrganization(organization) {
			return key, nil
		}
	}
	text := "the key does not allow this: it needs the scope %s in this organization"
	switch need {
	case access.Look:
		text += ", or to be an operator's with the scope " + string(access.OperateRead)
	case access.Redo:
		text += ", or to be an operator's with the scope " + string(access.OperateReplay)
	case access.Alter:
	}
	return access.Key{}, refusal.New(http.StatusForbidden, text, access.Manage)
}
