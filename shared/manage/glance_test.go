package manage_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/managetest"
)

func TestFaredIsOfTheLastHours(t *testing.T) {
	t.Parallel()
	w := managetest.New(t)
	w.Interface("crm", managetest.Contacts)
	k := hook.Key{Organization: managetest.Organization, Name: "crm"}
	if err := w.Ledger.Count(t.Context(), map[hook.Key]hours.Counts{k: {Delivered: 3, Failed: 1}}, w.Clock.Now().Add(-2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	got, err := w.Handler.Fared(t.Context(), managetest.Organization, "crm")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([hours.Shown]hours.Counts{hours.Shown - 3: {Delivered: 3, Failed: 1}}, got); diff != "" {
		t.Errorf("fared (-want +got):\n%s", diff)
	}
}
