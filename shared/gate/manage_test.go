package gate_test

import (
	"strings"
	"testing"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/refusal"
)

// known are the keys of managers and operators.
func known() keys {
	key := func(organization, name string, scopes ...access.Scope) access.Key {
		return access.Key{Organization: organization, Name: name, Scopes: scopes}
	}
	return keys{
		"manager":  {key("demo", "m", access.Manage)},
		"sender":   {key("demo", "s", access.RecordsRead, access.RecordsWrite, access.Triggers, access.Messages)},
		"both":     {key("demo", "b", access.RecordsRead), key("demo", "m", access.Manage), key("else", "m", access.Manage)},
		"reader":   {key("", "r", access.OperateRead)},
		"replayer": {key("", "p", access.OperateReplay)},
		"operator": {key("", "o", access.OperateRead, access.OperateReplay)},
		"false":    {key("", "f", access.Manage)},
		"":         {key("demo", "m", access.Manage)},
	}
}

// status is what an error answers, 0 for none and -1 for our own trouble.
func status(err error) int {
	switch r := refusal.Of(err); {
	case err == nil:
		return 0
	case r == nil:
		return -1
	default:
		return r.Status
	}
}

func TestManaging(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		token, organization string
		look, redo, alter   int
	}{
		{"manager", "demo", 0, 0, 0},
		{"both", "demo", 0, 0, 0},
		{"both", "else", 0, 0, 0},
		{"manager", "else", 403, 403, 403},
		{"manager", "nobody-has-this", 403, 403, 403},
		{"manager", "", 403, 403, 403},
		{"manager", "demo#crm", 403, 403, 403},
		{"sender", "demo", 403, 403, 403},
		{"reader", "demo", 0, 403, 403},
		{"replayer", "demo", 403, 0, 403},
		{"operator", "demo", 0, 0, 403},
		{"operator", "nobody-has-this", 0, 0, 403},
		{"operator", "", 403, 403, 403},
		{"operator", "demo#crm", 403, 403, 403},
		{"operator", "Demo", 403, 403, 403},
		{"false", "demo", 403, 403, 403},
		{"nobody", "demo", 401, 401, 401},
		{"", "demo", 401, 401, 401},
		{"down", "demo", -1, -1, -1},
	} {
		open := &gate.Gate{Keys: known(), Shares: shares(false)}
		for need, want := range map[access.Need]int{access.Look: c.look, access.Redo: c.redo, access.Alter: c.alter} {
			key, err := open.Managing(t.Context(), c.token, c.organization, need)
			if got := status(err); got != want || err == nil && !key.May(c.organization, need) || err != nil && key.Name != "" {
				t.Errorf("%q to %s in %q: got %d and key %q, want %d", c.token, need, c.organization, got, key.Name, want)
			}
			if c.token == "" {
				continue
			}
			if _, err := open.ByHash(t.Context(), access.HashToken(c.token), c.organization, need); status(err) != want {
				t.Errorf("%q by hash to %s in %q: got %d, want %d", c.token, need, c.organization, status(err), want)
			}
		}
	}
}

// TestARefusalTellsNothingOfOthers has the same words for an organization that is there and one that is not.
func TestARefusalTellsNothingOfOthers(t *testing.T) {
	t.Parallel()
	door := &gate.Gate{Keys: known(), Shares: shares(false)}
	_, there := door.Managing(t.Context(), "manager", "else", access.Look)
	_, nowhere := door.Managing(t.Context(), "manager", "nobody-has-this", access.Look)
	if there == nil || nowhere == nil || there.Error() != nowhere.Error() || strings.Contains(there.Error(), "else") {
		t.Errorf("got %v and %v", there, nowhere)
	}
}

func TestASharesEndIsEverybodys(t *testing.T) {
	t.Parallel()
	full := &gate.Gate{Keys: known(), Shares: shares(true), Strangers: shares(false)}
	_, managing := full.Managing(t.Context(), "manager", "else", access.Look)
	_, hashed := full.ByHash(t.Context(), access.HashToken("operator"), "demo", access.Look)
	_, signing := full.Sign(t.Context(), "sender", "192.0.2.1")
	_, signed := full.SignedIn(t.Context(), access.HashToken("manager"))
	for name, err := range map[string]error{"token": managing, "session": hashed, "sign-in": signing, "signed in": signed} {
		if r := refusal.Of(err); r == nil || r.Status != 429 || r.RetryAfter == 0 {
			t.Errorf("%s: got %v, want 429 with a time", name, err)
		}
	}
	if _, err := full.Managing(t.Context(), "nobody", "demo", access.Look); status(err) != 401 {
		t.Errorf("got %v, want 401: who is nobody has no share", err)
	}
}
