package secret_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/secret"
)

func TestNameString(t *testing.T) {
	t.Parallel()
	if got, want := (secret.Name{Organization: "demo", Name: "crm"}).String(), "demo/crm"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSecretIsReadButNeverShown(t *testing.T) {
	t.Parallel()
	var got secret.Secret
	if err := json.Unmarshal([]byte(`{"value":"dummy-password","hosts":["crm.example.com"]}`), &got); err != nil {
		t.Fatal(err)
	}
	want := secret.Secret{Value: "dummy-password", Hosts: []string{"crm.example.com"}}
	if !cmp.Equal(want, got) {
		t.Error("the parameter's value and hosts are not those read")
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{string(text), fmt.Sprintf("%v %+v %#v %v", got, got, got, &got)} {
		if strings.Contains(shown, "dummy-password") {
			t.Errorf("shown: %s", shown)
		}
	}
}
