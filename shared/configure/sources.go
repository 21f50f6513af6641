package configure

import (
	"context"
	"fmt"
	"slices"

	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

const (
	noSecret     = `names no secret of the organization that can be used: write the SecureString parameter secrets/<name>, {"value":"…"}`
	sharedSecret = "has the value of a secret that serves another organization's source: a signature covers the body alone, so each organization needs a secret of its own"
)

// checkSources checks sources, their secrets included, and returns those whose secrets could be read.
func (r *run) checkSources(ctx context.Context, all []*entry, against map[string]*facts) ([]*entry, error) {
	for _, e := range all {
		e.read()
		e.secrets(against[e.Organization])
	}
	values, unread := r.values(ctx, all, against)
	all = slices.DeleteFunc(slices.Clone(all), func(e *entry) bool {
		return slices.ContainsFunc(e.unproven(against[e.Organization]), func(secret string) bool { return unread[r.secretName(e, secret)] })
	})
	proven, err := r.prove(all, against, values)
	if err != nil {
		return nil, err
	}
	holders, err := r.Access.Holders(ctx, fingerprints(proven))
	if err != nil {
		return nil, err
	}
	for _, e := range proven {
		e.exclusive(holders)
		e.complete()
	}
	return proven, nil
}

// secrets notes what the source depends on, whether it is valid or not: a secret that does not exist yet matters most.
func (e *entry) secrets(against *facts) {
	for i, secret := range e.now.Source.Secrets {
		if !hook.ValidName(secret) {
			continue
		}
		e.now.DependsOn = with(e.now.DependsOn, parameter.Path{Kind: parameter.Secret, Name: secret}.String())
		if !against.usable(secret) {
			e.now.Faults.Add(fmt.Sprintf("secrets[%d]", i), noSecret)
		}
	}
}

func fingerprints(all []*entry) []string {
	var list []string
	for _, e := range all {
		for _, proof := range e.now.Proofs {
			list = with(list, proof.Fingerprint)
		}
	}
	return list
}

// exclusive faults the secrets whose values serve another organization. Nobody tells when that ends, so the source is
// looked at again until it does.
func (e *entry) exclusive(holders map[string]string) {
	e.waits = false
	for _, proof := range e.now.Proofs {
		i := slices.Index(e.now.Source.Secrets, proof.Secret)
		switch holder := holders[proof.Fingerprint]; {
		case proof.Fingerprint == "":
			e.now.Faults.Add(fmt.Sprintf("secrets[%d]", i), noSecret)
		case holder != "" && holder != e.Organization:
			e.now.Faults.Add(fmt.Sprintf("secrets[%d]", i), sharedSecret)
			e.waits = true
		}
	}
}
