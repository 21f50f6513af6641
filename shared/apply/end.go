package apply

import (
	"errors"
	"strings"
	"time"

	"crmhook/shared/trigger"
)

// causeKept is how many bytes of a cause the ledger keeps.
const causeKept = 500

// end says what became of the try.
func (j *job) end(err error) {
	var held heldError
	switch {
	case errors.Is(err, errWait):
		j.retry(waits(j.age()))
	case errors.As(err, &held) && j.message.Receives < j.handler.MaxReceives:
		j.retry(held.until.Sub(j.handler.Now()) + time.Second)
	case err != nil:
		entry := j.failed(err.Error())
		j.entry = &entry
		j.retry(backoff(j.message.Receives))
		if j.message.Receives >= j.handler.MaxReceives {
			j.delay = 0 // The queue then moves it to the dead letters.
		}
	default:
		entry := j.ended()
		j.entry = &entry
	}
	j.log(err)
}

// waits is how long until somebody is looked for again: after 20 s, after a minute, and at the end of patience, so that the
// tries that the queue allows are enough.
func waits(age time.Duration) time.Duration {
	return max(min(20*time.Second+age, patience-age), time.Second)
}

// backoff is the delay after the n-th failed try: 10 s, 40 s, 90 s, 160 s.
func backoff(n int) time.Duration { return time.Duration(n*n) * 10 * time.Second }

func (j *job) ended() trigger.Entry {
	status, cause := trigger.Applied, ""
	switch {
	case len(j.unmatched) > 0:
		status, cause = trigger.Unmatched, strings.Join(j.unmatched, "; ")
	case !j.wrote:
		status, cause = trigger.Duplicate, "all that it says was known already, or is older than what is known"
	}
	return j.trigger.Ended(status, cause, j.message.Receives, j.records, j.handler.Now(), j.handler.keep())
}

// failed keeps the message too, so that the trigger can be replayed. It has no expiry.
func (j *job) failed(cause string) trigger.Entry {
	if len(cause) > causeKept {
		cause = strings.ToValidUTF8(cause[:causeKept], "") + "…"
	}
	entry := j.trigger.Ended(trigger.Failed, cause, j.message.Receives, j.records, j.handler.Now(), time.Time{})
	entry.Message, _ = j.trigger.Encode()
	return entry
}

// log writes one line a try. What a cause quotes may be personal, so it stays in the ledger.
func (j *job) log(err error) {
	args := []any{
		"organization", j.trigger.Organization, "trigger", j.trigger.ID, "action", j.trigger.Name(), "source_id", j.trigger.SourceID,
		"bulk", j.message.Bulk, "tries", j.message.Receives, "records", len(j.records),
		"age_ms", j.age().Milliseconds(),
	}
	switch {
	case errors.Is(err, errWait):
		j.handler.Log.Info("trigger waits for its contact", args...)
	case err != nil && j.message.Receives >= j.handler.MaxReceives:
		j.handler.Log.Error("trigger given up", args...)
	case err != nil:
		j.handler.Log.Warn("trigger failed", args...)
	default:
		j.handler.Log.Info("trigger done", append(args, "status", string(j.entry.Status))...)
	}
}
