package gate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/refusal"
	"crmhook/shared/share"
)

func namesOf(list []access.Key) []string {
	var names []string
	for _, key := range list {
		names = append(names, key.Organization+"/"+key.Name)
	}
	return names
}

func TestSign(t *testing.T) {
	t.Parallel()
	door := &gate.Gate{Keys: known(), Shares: shares(false), Strangers: shares(false)}
	for _, c := range []struct {
		token        string
		sign, signed int
		want         []string
	}{
		{"manager", 0, 0, []string{"demo/m"}},
		{"both", 0, 0, []string{"demo/m", "else/m"}},
		{"reader", 0, 0, []string{"/r"}},
		{"replayer", 0, 0, []string{"/p"}},
		{"operator", 0, 0, []string{"/o"}},
		{"sender", 403, 401, nil},
		{"false", 403, 401, nil},
		{"nobody", 401, 401, nil},
		{"", 401, 0, []string{"demo/m"}},
		{"down", -1, -1, nil},
	} {
		list, err := door.Sign(t.Context(), c.token, "192.0.2.1")
		if c.token != "" {
			if diff := cmp.Diff(c.want, namesOf(list)); diff != "" {
				t.Errorf("%q signs in (-want +got):\n%s", c.token, diff)
			}
		}
		if status(err) != c.sign {
			t.Errorf("%q signs in: got %d, want %d", c.token, status(err), c.sign)
		}
		list, err = door.SignedIn(t.Context(), access.HashToken(c.token))
		if diff := cmp.Diff(c.want, namesOf(list)); diff != "" || status(err) != c.signed {
			t.Errorf("%q is signed in: got %d, want %d (-want +got):\n%s", c.token, status(err), c.signed, diff)
		}
	}
}

// TestWrongKeysUseUpTheirAddressAlone has whoever tries keys wait, and nobody else.
func TestWrongKeysUseUpTheirAddressAlone(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	door := &gate.Gate{Keys: known(), Shares: shares(false), Strangers: share.New(0.1, 2, func() time.Time { return now })}
	for i, c := range []struct {
		token, address string
		want           int
	}{
		{"nobody", "192.0.2.1", 401},
		{"else", "192.0.2.1", 401},
		{"nobody", "192.0.2.1", 429},
		{"", "192.0.2.1", 429},
		{"manager", "192.0.2.1", 0},
		{"sender", "192.0.2.1", 403},
		{"down", "192.0.2.1", -1},
		{"nobody", "192.0.2.2", 401},
	} {
		_, err := door.Sign(t.Context(), c.token, c.address)
		if status(err) != c.want {
			t.Errorf("%d: %q from %s: got %d, want %d", i, c.token, c.address, status(err), c.want)
		}
		if r := refusal.Of(err); r != nil && (r.RetryAfter == 10*time.Second) != (c.want == 429) {
			t.Errorf("%d: %d says to wait %s", i, r.Status, r.RetryAfter)
		}
	}
}
