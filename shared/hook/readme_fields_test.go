package hook

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"crmhook/shared/schedule"
)

// rows are the README's rows of fields: a field's name → its row. The first table is an interface's, the second a
// schedule's.
func rows(t *testing.T, table string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(text), "| "+table+" | meaning | default |\n")
	if !found {
		t.Fatalf("README.md has no table of %s", table)
	}
	rest, _, _ = strings.Cut(rest, "\n\n")
	named := map[string]string{}
	for row := range strings.SplitSeq(rest, "\n") {
		cells := strings.Split(row, " | ")
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(cells[0], -1) {
			named[name[1]] = row
		}
	}
	return named
}

func TestTheReadmeListsEveryField(t *testing.T) {
	t.Parallel()
	listed := rows(t, "field")
	for _, kind := range []Type{ContactWebhookV1, ContactWebhookV2, EventWebhook, CRMTrigger, RuleWebhook} {
		c := &checker{hook: &Hook{Type: kind}}
		for name := range c.fields() {
			if listed[name] == "" && name != "signing" { // which are faults in this version
				t.Errorf("README.md does not list the field %s", name)
			}
		}
	}
	c := &checker{hook: &Hook{Type: ContactWebhookV2}}
	listed, fields := rows(t, "field of a schedule"), c.scheduleFields(&schedule.Schedule{})
	for name := range fields {
		if listed[name] == "" {
			t.Errorf("README.md does not list the field %s of a schedule", name)
		}
	}
	for name := range listed {
		if fields[name] == nil {
			t.Errorf("README.md lists %s, which is no field of a schedule", name)
		}
	}
}

func TestTheReadmesBoundsAndDefaultsAreTheCodes(t *testing.T) {
	t.Parallel()
	fields, schedules := rows(t, "field"), rows(t, "field of a schedule")
	for _, test := range []struct{ row, bounds, standard string }{
		{fields["retriesBeforeWarning"], fmt.Sprintf("0 to %d,", MostRetries), fmt.Sprint(DefaultRetriesBeforeWarning)},
		{fields["retriesBeforeStop"], fmt.Sprintf("0 to %d", MostRetries), fmt.Sprint(DefaultRetriesBeforeStop)},
		{fields["retryDelaySeconds"], "1 to " + thousands(LongestRetryDelay), fmt.Sprint(DefaultRetryDelay)},
		{fields["timeoutSeconds"], "1 to " + thousands(LongestTimeout), fmt.Sprint(DefaultTimeout)},
		{fields["notify"], fmt.Sprintf("up to %d ", MostRecipients), "none"},
		{schedules["frequencyMinutes"], fmt.Sprintf("1 to %d,", LongestFrequency), fmt.Sprint(DefaultFrequency)},
		{schedules["batchSize"], "1 to " + thousands(LargestBatch), fmt.Sprintf("V1: %d, V2: %d", DefaultBatchV1, DefaultBatchV2)},
		{schedules["bucketSize"], "1 to " + thousands(LargestBucket), fmt.Sprint(DefaultBucket)},
		{schedules["identifiers"], fmt.Sprintf("up to %d ", MostIdentifiers), "none"},
	} {
		if !strings.Contains(test.row, test.bounds) || !strings.HasSuffix(test.row, " | "+test.standard+" |") {
			t.Errorf("README.md says %q, want %q and the default %q", test.row, test.bounds, test.standard)
		}
	}
}

// thousands writes a number as the README does.
func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}
