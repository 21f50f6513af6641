package tabletest

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
)

// SessionsAPI is what the fake and table.Sessions both are.
type SessionsAPI interface {
	Put(ctx context.Context, session access.Session) error
	Get(ctx context.Context, hash string) (access.Session, bool, error)
	Drop(ctx context.Context, hash string) error
}

// RunSessions checks what the console relies on.
func RunSessions(t *testing.T, api SessionsAPI) {
	t.Helper()
	is := access.Session{Hash: access.HashToken(rand.Text()), KeyHash: access.HashToken(rand.Text()), Expires: kept(suiteTime.Add(access.SessionTime))}
	other := is
	other.Hash = access.HashToken(rand.Text())
	checkSession(t, api, is, false)
	for _, session := range []access.Session{is, other} {
		if err := api.Put(t.Context(), session); err != nil {
			t.Fatal(err)
		}
	}
	checkSession(t, api, is, true)
	is.Expires = is.Expires.Add(time.Hour)
	if err := api.Put(t.Context(), is); err != nil {
		t.Fatal(err)
	}
	checkSession(t, api, is, true)
	for range 2 {
		if err := api.Drop(t.Context(), is.Hash); err != nil {
			t.Fatal(err)
		}
		checkSession(t, api, is, false)
	}
	checkSession(t, api, other, true)
}

func checkSession(t *testing.T, api SessionsAPI, want access.Session, wantThere bool) {
	t.Helper()
	got, there, err := api.Get(t.Context(), want.Hash)
	if err != nil || there != wantThere {
		t.Fatalf("there: %v, error %v, want %v", there, err, wantThere)
	}
	if !there {
		want = access.Session{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session differs (-want +got):\n%s", diff)
	}
}
