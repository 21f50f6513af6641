package send

import (
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// progressOf counts a delivery whose attempt was written down, for its execution; an event has none.
func (r *round) progressOf(j *job) {
	if j.event() {
		return
	}
	p := r.progressFor(j)
	records, at := len(j.delivery.Records), j.attempt.At.Add(j.attempt.Duration)
	switch {
	case j.delivery.Status == delivery.Skipped:
		p.Skipped += records
		p.Ended++
		return
	case j.delivery.Status == delivery.Delivered:
		p.Delivered += len(j.sent)
		p.Skipped += len(j.rows) - len(j.sent) - len(j.spared)
		p.Ended++
		p.Streak, p.Reset, p.SuccessAt, p.TimedOut = 0, true, at, false
	default:
		if j.attempt.Number == 1 {
			p.Failed += records
		}
		if p.Streak++; p.Streak == 1 {
			p.Since = at
		}
		p.TimedOut = j.attempt.Error == delivery.Timeout
	}
	p.Attempts++
	p.At = at
}

// ended counts a delivery that ended without an attempt.
func (r *round) ended(j *job) { r.progressFor(j).Ended++ }

func (r *round) progressFor(j *job) *backlog.Progress {
	e := execution{j.lane(), j.delivery.Execution}
	if r.progress[e] == nil {
		r.progress[e] = &backlog.Progress{}
	}
	return r.progress[e]
}

// log writes the one line of an attempt, or of a delivery that ended without one.
func (r *round) log(j *job) {
	attributes := []any{"organization", j.delivery.Organization, "interface", j.delivery.Interface, "delivery", j.delivery.ID}
	records := len(j.sent)
	if j.event() {
		attributes, records = append(attributes, "event", j.delivery.Event.Type), len(j.delivery.Records)
	} else {
		attributes = append(attributes, "execution", j.delivery.Execution)
	}
	switch {
	case j.attempt.Number > 0:
		r.handler.Log.Info("attempt", append(attributes, "number", j.attempt.Number, "receives", j.message.Receives, "records", records,
			"status", j.attempt.Status, "cause", string(j.attempt.Error), "detail", j.attempt.Detail, "duration_ms", j.attempt.Duration.Milliseconds())...)
	case j.event():
		r.handler.Log.Info("stopped", append(attributes, "reason", notTold)...)
	default:
		r.handler.Log.Info("skipped", append(attributes, "records", len(j.delivery.Records))...)
	}
}
