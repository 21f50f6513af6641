package configure_test

import (
	"testing"

	"crmhook/shared/configure"
)

func TestParseEvent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		input string
		want  configure.Event
	}{
		"a parameter's change": {
			`{"version":"0","source":"aws.ssm","detail-type":"Parameter Store Change","detail":{"operation":"Update","name":"/crmhook/dev/settings/mailFrom","type":"String","description":""}}`,
			configure.Event{Name: "/crmhook/dev/settings/mailFrom", Operation: "Update"},
		},
		"the scheduler's own event": {`{"version":"0","source":"aws.scheduler","detail-type":"Scheduled Event","detail":"{}"}`, configure.Event{}},
		"another event":             {`{"detail-type":"Parameter Store Policy Action","detail":{"name":"x","operation":"y"}}`, configure.Event{}},
		"a change without detail":   {`{"detail-type":"Parameter Store Change"}`, configure.Event{}},
		"an empty object":           {`{}`, configure.Event{}},
		"null":                      {`null`, configure.Event{}},
		"no JSON":                   {`x`, configure.Event{}},
		"nothing":                   {``, configure.Event{}},
	} {
		if got := configure.ParseEvent([]byte(test.input)); got != test.want {
			t.Errorf("%s: %+v, want %+v", name, got, test.want)
		}
	}
}
