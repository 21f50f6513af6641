package access_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
)

func TestCustomer(t *testing.T) {
	t.Parallel()
	const (
		badName = "its name must be customers/{CustomerName}/{DatabaseAlias}: write it under another name and delete this one"
		badText = "must be an organization's name: 1 to 63 of a-z, 0-9 and -, not starting with -"
	)
	for _, test := range []struct {
		name, text, want string
		faults           []string
	}{
		{"Shop/Main", "demo", "demo", nil},
		{access.CustomerName("Shop", "Main"), " demo-2\n", "demo-2", nil},
		{"Shop", "demo", "demo", []string{badName}},
		{"Shop/Main/Old", "demo", "demo", []string{badName}},
		{"/Main", "", "", []string{badName, badText}},
		{"Shop/", "Demo", "Demo", []string{badName, badText}},
	} {
		got, faults := access.ParseCustomer(test.name, test.text)
		if got != test.want {
			t.Errorf("%s = %q, want %q", test.name, got, test.want)
		}
		if diff := cmp.Diff(test.faults, texts(faults)); diff != "" {
			t.Errorf("%s = %q (-want +got):\n%s", test.name, test.text, diff)
		}
	}
}
