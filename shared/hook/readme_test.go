package hook_test

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"crmhook/shared/filter"
	"crmhook/shared/hook"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheReadmesInterfacesHaveNoFaults(t *testing.T) {
	t.Parallel()
	samples := regexp.MustCompile("(?s)```json\n(.*?)```").FindAllStringSubmatch(readme(t), -1)
	types := map[hook.Type]bool{}
	for _, sample := range samples {
		if _, faults := hook.Parse([]byte(sample[1]), hook.Context{FirstSeen: time.Now()}); len(faults) > 0 {
			t.Errorf("%v in %s", faults, sample[1])
		}
		types[hook.TypeOf([]byte(sample[1]))] = true
	}
	for _, want := range []hook.Type{hook.ContactWebhookV1, hook.ContactWebhookV2, hook.EventWebhook, hook.CRMTrigger, hook.RuleWebhook} {
		if !types[want] {
			t.Errorf("README.md has no sample of the type %s", want)
		}
	}
}

func TestTheReadmesFiltersCompile(t *testing.T) {
	t.Parallel()
	_, section, _ := strings.Cut(readme(t), "### Filter")
	section, _, _ = strings.Cut(section, "\n### ")
	filters := regexp.MustCompile("(?m)^\\| `(.*?)` \\|").FindAllStringSubmatch(section, -1)
	if len(filters) < 4 {
		t.Fatalf("%d filters found", len(filters))
	}
	for _, f := range filters {
		if _, err := filter.Compile(f[1]); err != nil {
			t.Errorf("%s: %v", f[1], err)
		}
	}
}

func TestTheReadmeNamesOnlyFieldsThatExist(t *testing.T) {
	t.Parallel()
	_, table, _ := strings.Cut(readme(t), "| field | meaning | default |")
	table, _, _ = strings.Cut(table, "| field of a schedule |")
	for _, row := range regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(table, -1) {
		for _, name := range regexp.MustCompile("`(\\w+)`").FindAllStringSubmatch(row[1], -1) {
			_, v1 := hook.Parse([]byte(`{"type":"contact-webhook-v1","`+name[1]+`":0}`), hook.Context{})
			_, v2 := hook.Parse([]byte(`{"type":"contact-webhook-v2","`+name[1]+`":0}`), hook.Context{})
			_, events := hook.Parse([]byte(`{"type":"event-webhook","`+name[1]+`":0}`), hook.Context{})
			_, triggers := hook.Parse([]byte(`{"type":"crm-trigger","`+name[1]+`":0}`), hook.Context{})
			no := name[1] + ": is not a field"
			if strings.Contains(v1.Error(), no) && strings.Contains(v2.Error(), no) && strings.Contains(events.Error(), no) && strings.Contains(triggers.Error(), no) {
				t.Errorf("%s is no field of V1, V2, an event-webhook or a crm-trigger", name[1])
			}
		}
	}
}
