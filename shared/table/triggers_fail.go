package table

import (
	"context"
	"fmt"

	"crmhook/shared/trigger"
)

// Fail keeps what became of a failed try of a trigger that is kept, whose message stays as it is, and answers whether it still
// was kept. One that has ended since the try began, or whose message is being erased, stays as it is.
func (t Triggers) Fail(ctx context.Context, e trigger.Entry) (bool, error) {
	at, ok := trigger.Time(e.ID)
	if !ok {
		return false, fmt.Errorf("keep a failed try: %q is no trigger's id", e.ID)
	}
	values := Item{
		":failed": text(string(trigger.Failed)), ":open": text(openTriggers(e.Organization, trigger.Failed)), ":id": text(e.ID),
		":cause": text(e.Cause), ":tries": number(int64(e.Tries)), ":ended": instant(e.EndedAt), ":records": texts(e.Records),
	}
	names := map[string]string{
		"#status": "status", "#open": openAttribute, "#created": createdAttribute, "#cause": "cause", "#tries": "tries", "#ended": "endedAt",
		"#records": "records", "#pieces": "pieces", "#expires": "expires",
	}
	const change = "SET #status = :failed, #open = :open, #created = :id, #cause = :cause, #tries = :tries, #ended = :ended, #records = :records"
	took, err := t.alter(ctx, triggersPK(e.Organization, at), e.ID, change, "attribute_exists(#pieces) AND attribute_not_exists(#expires)", names, values)
	if err != nil {
		return false, fmt.Errorf("keep a failed try: %w", err)
	}
	return took, nil
}
