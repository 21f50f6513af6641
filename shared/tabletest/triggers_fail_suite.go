package tabletest

import (
	"strings"
	"testing"
	"time"

	"crmhook/shared/trigger"
)

func failedTries(t *testing.T, api TriggersAPI) {
	organization := organizationOfItsOwn()
	fail := func(e trigger.Entry, want bool) {
		t.Helper()
		if took, err := api.Fail(t.Context(), e); err != nil || took != want {
			t.Errorf("a failed try was kept: %v, error %v; want %v", took, err, want)
		}
	}
	waiting := triggerOf(t, organization, 0)
	waiting.Status, waiting.Tries, waiting.Records, waiting.Expires = trigger.Waiting, 0, nil, time.Time{}
	waiting.Message = []byte(strings.Repeat("x", 400_000))
	failed := waiting
	failed.Status, failed.Cause, failed.Tries, failed.EndedAt = trigger.Failed, "it failed", 3, kept(suiteTime.Add(time.Hour))
	failed.Records, failed.Message = []string{"contact/4711"}, nil
	fail(failed, false) // There is none.
	keepTriggers(t, api, waiting)
	for range 2 { // A repeated call is the same call.
		fail(failed, true)
		want := failed
		want.Message = waiting.Message
		checkTrigger(t, api, want)
	}
	checkOpen(t, api, organization, trigger.Waiting, 10, nil)
	checkOpen(t, api, organization, trigger.Failed, 10, []trigger.Entry{failed})
	applied := failed
	applied.Status, applied.Cause, applied.Expires = trigger.Applied, "", keptExpiry(suiteTime.Add(24*time.Hour))
	keepTriggers(t, api, applied)
	fail(failed, false)
	checkTrigger(t, api, applied)
	erasing := failed // Whoever erases it has begun, and not removed its message yet.
	erasing.Message, erasing.Expires = waiting.Message, applied.Expires
	keepTriggers(t, api, erasing)
	again := failed
	again.Cause = "it failed again"
	fail(again, false)
	checkTrigger(t, api, erasing)
	failed.ID = "x"
	if _, err := api.Fail(t.Context(), failed); err == nil {
		t.Error("a try of what has no id was kept")
	}
}
