package gate_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/refusal"
)

// keys are those of each token; a token named down cannot be looked up.
type keys map[string][]access.Key

func (k keys) KeysByHash(_ context.Context, hash string) ([]access.Key, error) {
	if hash == access.HashToken("down") {
		return nil, errors.New("down")
	}
	for token, list := range k {
		if access.HashToken(token) == hash {
			return list, nil
		}
	}
	return nil, nil
}

// shares are all used up or not.
type shares bool

func (s shares) Take(string) (time.Duration, bool) { return time.Second, !bool(s) }

func TestOwnIsTheKeysOrganization(t *testing.T) {
	t.Parallel()
	key := func(organization, name string, scopes ...access.Scope) access.Key {
		return access.Key{Organization: organization, Name: name, Scopes: scopes}
	}
	known := keys{
		"one":      {key("demo", "a", access.RecordsRead)},
		"other":    {key("demo", "a", access.Triggers)},
		"twice":    {key("demo", "a", access.Triggers), key("demo", "b", access.RecordsRead), key("demo", "c", access.RecordsRead)},
		"shared":   {key("demo", "a", access.RecordsRead), key("else", "b", access.RecordsRead)},
		"unshared": {key("demo", "a", access.Triggers), key("else", "b", access.RecordsRead)},
		"operator": {key("", "a", access.RecordsRead)},
	}
	for _, c := range []struct {
		token  string
		full   bool
		name   string
		status int
	}{
		{"one", false, "demo/a", 0},
		{"twice", false, "demo/b", 0},
		{"unshared", false, "else/b", 0},
		{"other", false, "", 403},
		{"shared", false, "", 403},
		{"operator", false, "", 403},
		{"nobody", false, "", 401},
		{"", false, "", 401},
		{"one", true, "", 429},
		{"nobody", true, "", 401},
	} {
		got, err := (&gate.Gate{Keys: known, Shares: shares(c.full)}).Own(t.Context(), c.token, access.RecordsRead)
		status := 0
		if r := refusal.Of(err); r != nil {
			status = r.Status
		}
		if status != c.status || status == 0 && (err != nil || got.Organization+"/"+got.Name != c.name) {
			t.Errorf("%q: got %s/%s (%v), want %q or %d", c.token, got.Organization, got.Name, err, c.name, c.status)
		}
	}
	if _, err := (&gate.Gate{Keys: known, Shares: shares(false)}).Own(t.Context(), "down", access.RecordsRead); err == nil || refusal.Of(err) != nil {
		t.Errorf("got %v, want our own trouble", err)
	}
}
