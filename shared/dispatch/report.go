package dispatch

import (
	"log/slog"
	"time"
)

// report counts what a run did, for its one line in the log.
type report struct {
	lanes, executions, taken, deliveries, recovered, ended, refused int
	// steps of jobs that did something, and what was replayed or dismissed.
	steps, decided int
	// awake says that a job can go on within a second or so, goesOn that one can at once.
	awake, goesOn bool
}

func (r *report) add(other report) {
	r.lanes += other.lanes
	r.executions += other.executions
	r.taken += other.taken
	r.deliveries += other.deliveries
	r.recovered += other.recovered
	r.ended += other.ended
	r.refused += other.refused
	r.steps += other.steps
	r.decided += other.decided
	r.awake, r.goesOn = r.awake || other.awake, r.goesOn || other.goesOn
}

func (r *report) log(log *slog.Logger, took time.Duration) {
	log.Info("dispatched", "lanes", r.lanes, "executions", r.executions, "records", r.taken, "deliveries", r.deliveries,
		"deliveries_sent_again", r.recovered, "deliveries_ended", r.ended, "refused_by_queue", r.refused,
		"job_steps", r.steps, "deliveries_decided", r.decided, "duration_ms", took.Milliseconds())
}
