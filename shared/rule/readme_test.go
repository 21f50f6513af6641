package rule_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"crmhook/shared/hook"
	"crmhook/shared/rule"
)

// section is what the README says of rules.
func section(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "\n### Rules\n")
	if !found {
		t.Fatal("README.md says nothing of rules")
	}
	rest, _, _ = strings.Cut(rest, "\n## ")
	rest, _, _ = strings.Cut(rest, "\n### ")
	return rest
}

func TestTheReadmesRulesHaveNoFaults(t *testing.T) {
	t.Parallel()
	samples := regexp.MustCompile("(?s)```json rule\n(.*?)```").FindAllStringSubmatch(section(t), -1)
	if len(samples) == 0 {
		t.Fatal("README.md has no sample of a rule")
	}
	for _, sample := range samples {
		called := map[string]hook.Type{}
		for _, name := range rule.InterfacesOf([]byte(sample[1])) {
			called[name] = hook.RuleWebhook
		}
		if _, faults := rule.Parse([]byte(sample[1]), called); len(faults) > 0 {
			t.Errorf("%v in %s", faults, sample[1])
		}
	}
}

func TestTheReadmeListsWhatARuleMayHave(t *testing.T) {
	t.Parallel()
	text := section(t)
	rows := "\n" + strings.Join(regexp.MustCompile("(?m)^\\| `.*$").FindAllString(text, -1), "\n")
	_, faults := rule.Parse([]byte(`{"x":1,"event":{"type":"x"},"then":["a"]}`), nil)
	for _, message := range []string{faults[0].Message, faults[1].Message} {
		_, names, _ := strings.Cut(strings.TrimSuffix(message, ": remove it"), "has ")
		if _, types, is := strings.Cut(message, "must be one of "); is {
			names = types
		}
		for name := range strings.SplitSeq(names, ", ") {
			if name == "" || !strings.Contains(rows, "`"+name+"`") {
				t.Errorf("README.md has no row of %q", name)
			}
		}
	}
	for _, bounds := range []string{
		fmt.Sprintf("`maxPerContact`, 1 to %s ", thousands(rule.LargestMaxPerContact)), fmt.Sprintf("`minIntervalMinutes`, 1 to %s ", thousands(rule.LongestMinInterval)),
	} {
		if !strings.Contains(rows, bounds) {
			t.Errorf("README.md does not say %q", bounds)
		}
	}
}

// thousands writes a number as the README does.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}
