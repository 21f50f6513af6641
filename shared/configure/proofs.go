package configure

import (
	"context"
	"maps"
	"slices"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

// signing are the secrets of a source whose values no other organization's may have.
func (e *entry) signing(against *facts) []string {
	var names []string
	if e.now.Source.Verify.Signs() {
		for _, secret := range e.now.Source.Secrets {
			if against.usable(secret) {
				names = with(names, secret)
			}
		}
	}
	return names
}

// known is the proof of a secret's version that was made before.
func (e *entry) known(secret string, against *facts) (access.Proof, bool) {
	at := against.at(secret)
	for _, proof := range e.was.Proofs {
		if proof.Secret == secret && proof.Version == at.number && proof.Modified.Equal(at.modified) {
			return proof, true
		}
	}
	return access.Proof{}, false
}

// unproven are the secrets that must be read.
func (e *entry) unproven(against *facts) []string {
	return slices.DeleteFunc(e.signing(against), func(secret string) bool {
		_, known := e.known(secret, against)
		return known
	})
}

func (r *run) secretName(e *entry, secret string) string {
	return parameter.Path{Organization: e.Organization, Kind: parameter.Secret, Name: secret}.Full(r.Stage)
}

// values reads the secrets that are not proven yet, several a call; one that cannot be read is unread, and holds up no
// source but those that name it.
func (r *run) values(ctx context.Context, all []*entry, against map[string]*facts) (values map[string]parameter.Value, unread map[string]bool) {
	wanted := map[string]bool{}
	for _, e := range all {
		for _, secret := range e.unproven(against[e.Organization]) {
			wanted[r.secretName(e, secret)] = true
		}
	}
	values, unread = map[string]parameter.Value{}, map[string]bool{}
	for chunk := range slices.Chunk(slices.Sorted(maps.Keys(wanted)), valuesSize) {
		for _, name := range r.valuesOf(ctx, chunk, values) {
			unread[name] = true
		}
	}
	return values, unread
}

// valuesOf reads some secrets, one by one what could not be read together, and returns the names of those that could not
// be had.
func (r *run) valuesOf(ctx context.Context, names []string, values map[string]parameter.Value) (unread []string) {
	if r.late() {
		r.incomplete = true
		return names
	}
	r.calls++
	found, _, err := r.Parameters.Values(ctx, names)
	for _, v := range found {
		values[v.Name] = v
	}
	if err == nil {
		return nil
	}
	if len(names) == 1 || ctx.Err() != nil {
		r.failed(err)
		return names
	}
	for _, name := range names {
		unread = append(unread, r.valuesOf(ctx, []string{name}, values)...)
	}
	return unread
}

// prove gives sources the fingerprints of their secrets' values and returns those that there was time for.
func (r *run) prove(all []*entry, against map[string]*facts, values map[string]parameter.Value) ([]*entry, error) {
	var proven []*entry
	for _, e := range all {
		if r.late() {
			r.incomplete = true
			break
		}
		for _, secret := range e.signing(against[e.Organization]) {
			proof, known := e.known(secret, against[e.Organization])
			if !known {
				var err error
				if proof, err = r.proof(secret, values[r.secretName(e, secret)]); err != nil {
					return nil, err
				}
			}
			e.now.Proofs = append(e.now.Proofs, proof)
		}
		proven = append(proven, e)
	}
	return proven, nil
}

// proof fingerprints a secret's value. Of one that has gone or changed its form meanwhile there is none: its own task tells
// those that depend on it.
func (r *run) proof(secret string, v parameter.Value) (access.Proof, error) {
	proof := access.Proof{Secret: secret, Version: v.Version, Modified: v.Modified}
	value, ok := secretValue(v)
	if !ok {
		return proof, nil
	}
	var err error
	proof.Fingerprint, err = r.Fingerprint(value)
	return proof, err
}
