package backlog_test

import (
	"strings"
	"testing"

	"crmhook/shared/backlog"
)

// TestRounds: of each line at most one in a round, in the order given, in as few rounds as that takes.
func TestRounds(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"":                        "",
		"a1":                      "a1",
		"a1 b1 c1":                "a1 b1 c1",
		"a1 a2 a3":                "a1|a2|a3",
		"a1 b1 a2 c1 a3 b2":       "a1 b1 c1|a2 b2|a3",
		"b1 b2 b3 a1 a2 c1 b4 c2": "b1 a1 c1|b2 a2 c2|b3|b4",
	} {
		var places []backlog.Place
		for name := range strings.FieldsSeq(given) {
			places = append(places, backlog.Place{Ref: backlog.Ref{Record: name[:1]}, Delivery: name})
		}
		var rounds []string
		for _, round := range backlog.Rounds(places) {
			var names []string
			for _, p := range round {
				names = append(names, p.Delivery)
			}
			rounds = append(rounds, strings.Join(names, " "))
		}
		if got := strings.Join(rounds, "|"); got != want {
			t.Errorf("rounds of %s are %s, want %s", given, got, want)
		}
	}
}
