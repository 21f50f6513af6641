package environment_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/environment"
)

func TestWhatVariablesWritesLoadReads(t *testing.T) {
	want := environment.Send{
		Common: environment.Common{Stage: "test"}, RecordsTable: "r", BacklogTable: "b", LedgerTable: "l", ConfigurationTable: "c",
		DeliveriesQueue: "d", SlowQueue: "s", StoppedQueue: "p", MaxReceives: 13,
	}
	variables, err := environment.Variables(want)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range variables {
		t.Setenv(name, value)
	}
	got, err := environment.Load[environment.Send]()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("loaded settings differ (-want +got):\n%s", diff)
	}
}

func TestLoadNamesEveryMissingVariable(t *testing.T) {
	_, err := environment.Load[environment.Scan]()
	if err == nil {
		t.Fatal("want an error for an empty environment")
	}
	for _, name := range []string{"CRMHOOK_STAGE", "RECORDS_STREAM", "BACKLOG_TABLE", "LEDGER_TABLE", "DIRECTORY_TABLE"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("error %q does not name %s", err, name)
		}
	}
}
