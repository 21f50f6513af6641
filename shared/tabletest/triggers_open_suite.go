package tabletest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

// triggerIn is a trigger's entry of a status.
func triggerIn(t *testing.T, organization string, before time.Duration, status trigger.Status) trigger.Entry {
	t.Helper()
	entry := triggerOf(t, organization, before)
	entry.Status, entry.Message = status, []byte("not in a list")
	return entry
}

// checkOpen reads the entries of a status page by page.
func checkOpen(t *testing.T, api TriggersAPI, organization string, status trigger.Status, limit int, want []trigger.Entry) {
	t.Helper()
	want = slices.Clone(want)
	for i := range want {
		want[i].Message = nil
	}
	eventually(t, func() string {
		var got []trigger.Entry
		after := ""
		for n := 0; n == 0 || after != ""; n++ {
			page, next, err := api.Open(t.Context(), organization, status, after, limit)
			if err != nil || len(page) > limit || n > len(want)+10 {
				return fmt.Sprintf("%s: %d on a page of %d, error %v", status, len(page), limit, err)
			}
			got, after = append(got, page...), next
		}
		return cmp.Diff(want, got)
	})
}

func openEntries(t *testing.T, api TriggersAPI) {
	organization, day := organizationOfItsOwn(), 24*time.Hour
	var failed, waiting []trigger.Entry
	for n := range 12 {
		before := time.Duration(n) * 40 * day
		failed = append(failed, triggerIn(t, organization, before, trigger.Failed))
		waiting = append(waiting, triggerIn(t, organization, before+time.Hour, trigger.Waiting))
		for _, status := range []trigger.Status{trigger.Applied, trigger.Unmatched, trigger.Duplicate} {
			keepTriggers(t, api, triggerIn(t, organization, before+2*time.Hour, status))
		}
	}
	keepTriggers(t, api, slices.Concat(failed, waiting, []trigger.Entry{triggerIn(t, organizationOfItsOwn(), 0, trigger.Failed)})...)
	for _, limit := range []int{1, 5, 12, 100} {
		checkOpen(t, api, organization, trigger.Failed, limit, failed)
		checkOpen(t, api, organization, trigger.Waiting, limit, waiting)
		checkOpen(t, api, organization, trigger.Applied, limit, nil)
	}
	failed[3].Status, waiting[5].Status, waiting[0].Status = trigger.Applied, trigger.Applied, trigger.Failed
	keepTriggers(t, api, failed[3], waiting[5], waiting[0])
	checkOpen(t, api, organization, trigger.Failed, 2, slices.Concat(failed[:1], waiting[:1], failed[1:3], failed[4:]))
	checkOpen(t, api, organization, trigger.Waiting, 2, slices.Concat(waiting[1:5], waiting[6:]))
}
