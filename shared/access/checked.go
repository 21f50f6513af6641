package access

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// Checked is the parameter of a key, source or customer as it was checked.
type Checked struct {
	parameter.Path
	Version  int64
	Modified time.Time
	// Revision is new with each writing; empty for one that is not kept.
	Revision string
	// Faults are what is wrong with it; with any, it counts as not there.
	Faults fault.List
	// DependsOn names the parameters that matter to a source besides its own, as secret#name.
	DependsOn []string
	// Proofs are the fingerprints of the secrets of a source whose proof is a signature.
	Proofs []Proof
	// Key, Source or Means is set as the path's kind says; Means is the organization that a customer stands for.
	Key    Key
	Source Source
	Means  string
}

// Usable reports whether the parameter has an effect.
func (c Checked) Usable() bool { return c.Revision != "" && len(c.Faults) == 0 }

// Hash is what a key that can be used is found by; empty for any other parameter.
func (c Checked) Hash() string {
	if c.Kind != parameter.Key || !c.Usable() {
		return ""
	}
	return c.Key.Hash
}

// Claims are the fingerprints that a source holds for its organization alone, sorted: those of its secrets while it can be
// used.
func (c Checked) Claims() []string {
	if !c.Usable() {
		return nil
	}
	var claims []string
	for _, proof := range c.Proofs {
		claims = append(claims, proof.Fingerprint)
	}
	slices.Sort(claims)
	return slices.Compact(claims)
}

// Proof tells a version of a secret's value from others without holding it.
type Proof struct {
	Secret      string    `json:"secret"`
	Version     int64     `json:"version"`
	Modified    time.Time `json:"modified"`
	Fingerprint string    `json:"fingerprint"`
}

// Change is one writing of a checked parameter: Now in place of Was, which is the zero Checked where there was nothing; a
// Now without Revision removes it. Seen is what is remembered of the parameter from then on, in place of the revision
// Before (empty: it was not remembered).
type Change struct {
	parameter.Path
	Was, Now Checked
	Seen     parameter.Seen
	Before   string
}

// Taken are the claims that the change adds.
func (c Change) Taken() []string { return without(c.Now.Claims(), c.Was.Claims()) }

// Released are the claims that the change gives up.
func (c Change) Released() []string { return without(c.Was.Claims(), c.Now.Claims()) }

func without(list, others []string) []string {
	return slices.DeleteFunc(list, func(one string) bool { return slices.Contains(others, one) })
}

// fingerprintRounds make a guess at a weak secret cost about a tenth of a second.
const fingerprintRounds = 600_000

// Fingerprint tells secrets' values apart and gives none away. It is slow on purpose.
func Fingerprint(value string) (string, error) {
	sum, err := pbkdf2.Key(sha256.New, value, []byte("crmhook: one secret, one organization"), fingerprintRounds, 16)
	if err != nil {
		return "", fmt.Errorf("fingerprint: %w", err)
	}
	return hex.EncodeToString(sum), nil
}
