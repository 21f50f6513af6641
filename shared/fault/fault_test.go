package fault_test

import (
	"strings"
	"testing"

	"crmhook/shared/fault"
)

func TestAllFaultsAreNamed(t *testing.T) {
	t.Parallel()
	var l fault.List
	if l.Err() != nil {
		t.Error("an empty list is no error")
	}
	l.Add("url", "must start with %s", "https://")
	l.AddValue("", 7, "is not an object")
	if got, want := l.Err().Error(), "url: must start with https://; is not an object"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if l[1].Value != 7 {
		t.Errorf("value %v, want 7", l[1].Value)
	}
}

func TestATextIsShownShortAndValid(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, text, want string }{
		{"none", "", ""},
		{"short", "order/4711", "order/4711"},
		{"as long as may be", strings.Repeat("a", 80), strings.Repeat("a", 80)},
		{"a byte longer", strings.Repeat("a", 81), strings.Repeat("a", 80) + "…"},
		{"a character at the cut", strings.Repeat("a", 79) + "é", strings.Repeat("a", 79) + "…"},
		{"a character before the cut", strings.Repeat("a", 78) + "éa", strings.Repeat("a", 78) + "é…"},
		{"not UTF-8", "a\xff\xfeb", "a\ufffdb"},
		{"nothing but ends of characters", strings.Repeat("\x80", 100), "…"},
	} {
		if got := fault.Shown(test.text); got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
