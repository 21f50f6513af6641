package tabletest

import (
	"context"
	"fmt"

	"crmhook/shared/trigger"
)

// Fail keeps a failed try of a trigger that is kept; see table.Triggers.
func (t *Triggers) Fail(_ context.Context, e trigger.Entry) (took bool, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(e.ID) != idLength {
		return false, fmt.Errorf("keep a failed try: %q is no trigger's id", e.ID)
	}
	t.Calls["Fail"]++
	is, there := t.kept[triggerKey{e.Organization, e.ID}]
	if !there || len(is.Message) == 0 || !is.Expires.IsZero() {
		return false, t.Kill.Alive()
	}
	is.Status, is.Cause, is.Tries, is.EndedAt, is.Records = trigger.Failed, e.Cause, e.Tries, e.EndedAt, e.Records
	return true, t.Kill.Write(func() { t.kept[triggerKey{e.Organization, e.ID}] = keptEntry(is) })
}
