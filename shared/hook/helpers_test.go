package hook_test

import (
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
)

var update = flag.Bool("update", false, "write the golden files anew")

// given is the context most tests check against.
func given() hook.Context {
	return hook.Context{
		FirstProductDate: time.Date(2026, 12, 24, 0, 0, 0, 0, time.UTC),
		AllowedNetworks:  []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		Secrets: map[string][]string{
			"crm-password": {"crm.example.com", "127.0.0.1"},
			"elsewhere":    {"other.example.com"},
		},
		FirstSeen: time.Date(2026, 11, 20, 9, 30, 0, 0, time.UTC),
	}
}

// v1 and v2 write a good configuration of their type, changed by pairs of field and JSON: a field that is there is
// replaced, another added at the end, one with empty JSON left out.
func v1(changes ...string) string {
	return configuration([]string{
		"type", `"contact-webhook-v1"`, "url", `"http://dev.environment.com/${contactNumber}"`, "method", `"GET"`,
	}, changes)
}

func v2(changes ...string) string {
	return configuration([]string{
		"type", `"contact-webhook-v2"`, "url", `"https://crm.example.com/contacts"`, "details", `["GENERAL"]`,
	}, changes)
}

func configuration(fields, changes []string) string {
	for i := 0; i < len(changes); i += 2 {
		at := 0
		for at < len(fields) && fields[at] != changes[i] {
			at += 2
		}
		if at == len(fields) {
			fields = append(fields, changes[i], "")
		}
		fields[at+1] = changes[i+1]
	}
	var members []string
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			members = append(members, `"`+fields[i]+`":`+fields[i+1])
		}
	}
	return "{" + strings.Join(members, ",") + "}"
}

// parse fails the test on any fault.
func parse(t testing.TB, source string) *hook.Hook {
	t.Helper()
	h, faults := hook.Parse([]byte(source), given())
	if len(faults) > 0 {
		t.Fatalf("faults in %s:\n%s", source, faults.Error())
	}
	return h
}

// golden compares with the file under testdata, or writes it with -update.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}
