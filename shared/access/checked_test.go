package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

func source(revision string, faults fault.List, fingerprints ...string) access.Checked {
	c := access.Checked{Path: parameter.Path{Organization: "demo", Kind: parameter.Source, Name: "Shopify"}, Revision: revision, Faults: faults}
	for _, fingerprint := range fingerprints {
		c.Proofs = append(c.Proofs, access.Proof{Fingerprint: fingerprint})
	}
	return c
}

func TestClaims(t *testing.T) {
	t.Parallel()
	wrong := fault.List{{Message: "wrong"}}
	for name, test := range map[string]struct {
		was, now        access.Checked
		taken, released []string
	}{
		"new":                {access.Checked{}, source("r1", nil, "b", "a", "b"), []string{"a", "b"}, nil},
		"rotated":            {source("r1", nil, "a", "b"), source("r2", nil, "c", "a"), []string{"c"}, []string{"b"}},
		"removed":            {source("r1", nil, "a"), access.Checked{}, nil, []string{"a"}},
		"not usable":         {source("r1", nil, "a"), source("r2", wrong, "a"), nil, []string{"a"}},
		"usable again":       {source("r1", wrong, "a"), source("r2", nil, "a"), []string{"a"}, nil},
		"the same once more": {source("r1", nil, "a"), source("r2", nil, "a"), nil, nil},
	} {
		change := access.Change{Was: test.was, Now: test.now}
		if diff := cmp.Diff([][]string{test.taken, test.released}, [][]string{change.Taken(), change.Released()}, ignoreEmpty()); diff != "" {
			t.Errorf("%s: taken and released (-want +got):\n%s", name, diff)
		}
	}
}

func ignoreEmpty() cmp.Option {
	return cmp.Transformer("sorted", func(list []string) string {
		text := ""
		for _, one := range list {
			text += one + " "
		}
		return text
	})
}

func TestHashOfAKeyThatCanBeUsed(t *testing.T) {
	t.Parallel()
	key := access.Checked{Path: parameter.Path{Kind: parameter.Key}, Revision: "r1", Key: access.Key{Hash: "h"}}
	wrong, removed, other := key, key, key
	wrong.Faults.Add("", "wrong")
	removed.Revision = ""
	other.Kind = parameter.Source
	for want, list := range map[string][]access.Checked{"h": {key}, "": {wrong, removed, other}} {
		for _, c := range list {
			if got := c.Hash(); got != want {
				t.Errorf("hash of %+v = %q, want %q", c, got, want)
			}
		}
	}
}

func TestFingerprint(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, value := range []string{"not-a-real-secret", "not-a-real-secret ", ""} {
		one, err := access.Fingerprint(value)
		again, _ := access.Fingerprint(value)
		if err != nil || one != again || len(one) != 32 || seen[one] != "" {
			t.Errorf("fingerprint of %q = %q, then %q, error %v; want 32 hex digits of its own", value, one, again, err)
		}
		seen[one] = value
	}
}
