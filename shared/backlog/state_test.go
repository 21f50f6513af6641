package backlog_test

import (
	"testing"

	"crmhook/shared/backlog"
)

func TestExecutionIsDone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		is   backlog.Execution
		want bool
	}{
		{"nothing made", backlog.Execution{}, true},
		{"none ended", backlog.Execution{Deliveries: 2}, false},
		{"one is under way", backlog.Execution{Deliveries: 2, Ended: 1}, false},
		{"all ended", backlog.Execution{Deliveries: 2, Ended: 2}, true},
		{"one counted twice", backlog.Execution{Deliveries: 2, Ended: 3}, true},
		{"closed though its counts lag behind", backlog.Execution{Deliveries: 2, Ended: 1, Closed: true}, true},
	} {
		if got := test.is.Done(); got != test.want {
			t.Errorf("%s: done %v, want %v", test.name, got, test.want)
		}
	}
}

func TestExecutionIsClean(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		tally backlog.Tally
		want  bool
	}{
		{"nothing", backlog.Tally{}, true},
		{"delivered and skipped", backlog.Tally{Delivered: 3, Skipped: 1}, true},
		{"failed at first", backlog.Tally{Delivered: 3, Failed: 1}, false},
		{"stopped", backlog.Tally{Delivered: 3, Stopped: 1}, false},
	} {
		if got := (backlog.Execution{Tally: test.tally}).Clean(); got != test.want {
			t.Errorf("%s: clean %v, want %v", test.name, got, test.want)
		}
	}
}

func TestLaneString(t *testing.T) {
	t.Parallel()
	lane := backlog.Lane{Organization: "demo", Interface: "crm", Generation: "g1"}
	if got, want := lane.String(), "demo#crm#g1"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
