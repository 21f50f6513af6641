package fault_test

import (
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
