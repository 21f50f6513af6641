package send

import (
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// progressOf counts a delivery whose attempt was written down: for its interface's hour, and for its execution, of which an
// event has none. A test counts for its execution alone, and there says nothing of how the interface fares.
func (r *round) progressOf(j *job) {
	r.hour(j)
	if j.delivery.Execution == "" {
		return
	}
	if j.attempt.Number == 1 {
		r.sent(j, j.carried())
	}
	if j.delivery.Final() {
		r.ended(j, j.delivery.EndedAt)
	}
	p := r.progressFor(j)
	records, at := len(j.delivery.Records), j.attempt.At.Add(j.attempt.Duration)
	switch {
	case j.delivery.Status == delivery.Skipped:
		p.Skipped += records
		return
	case j.delivery.Status == delivery.Delivered:
		p.Delivered += j.carried()
		p.Skipped += len(j.rows) - len(j.sent) - len(j.spared)
	case j.attempt.Number == 1:
		p.Failed += records
	}
	if !j.test() {
		r.streak(p, j.attempt, at)
	}
}

// streak says of an execution what its last attempts came to.
func (r *round) streak(p *backlog.Progress, a delivery.Attempt, at time.Time) {
	if a.OK() {
		p.Streak, p.Reset, p.SuccessAt = 0, true, at
	} else if p.Streak++; p.Streak == 1 {
		p.Since = at
	}
	p.TimedOut = a.Error == delivery.Timeout
	p.Attempts++
	p.At = at
}

// carried is how many records the request carries.
func (j *job) carried() int {
	if j.event() {
		return len(j.delivery.Records)
	}
	return len(j.sent)
}

// sent counts records whose first attempt was made.
func (r *round) sent(j *job, records int) {
	if j.delivery.Execution != "" {
		r.progressFor(j).Sent += records
	}
}

// ended counts a delivery that has ended.
func (r *round) ended(j *job, at time.Time) {
	if j.delivery.Execution == "" {
		return
	}
	p := r.progressFor(j)
	p.Ended++
	if at.After(p.EndedAt) {
		p.EndedAt = at
	}
}

func (r *round) progressFor(j *job) *backlog.Progress {
	e := execution{j.delivery.Lane(), j.delivery.Execution}
	if r.progress[e] == nil {
		r.progress[e] = &backlog.Progress{}
	}
	return r.progress[e]
}

// log writes the one line of an attempt, or of a delivery that ended without one.
func (r *round) log(j *job) {
	attributes := []any{"organization", j.delivery.Organization, "interface", j.delivery.Interface, "delivery", j.delivery.ID}
	if j.event() {
		attributes = append(attributes, "event", j.delivery.Event.Type)
	}
	if j.delivery.Execution != "" {
		attributes = append(attributes, "execution", j.delivery.Execution)
	}
	switch {
	case j.attempt.Number > 0:
		r.handler.Log.Info("attempt", append(attributes, "number", j.attempt.Number, "receives", j.message.Receives, "records", j.carried(),
			"status", j.attempt.Status, "cause", string(j.attempt.Error), "detail", j.attempt.Detail, "duration_ms", j.attempt.Duration.Milliseconds())...)
	case j.test():
		r.handler.Log.Info("cancelled", append(attributes, "reason", delivery.TestUnsent)...)
	case j.event():
		r.handler.Log.Info("stopped", append(attributes, "reason", notTold)...)
	default:
		r.handler.Log.Info("skipped", append(attributes, "records", len(j.delivery.Records))...)
	}
}
