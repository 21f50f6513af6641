package send

import (
	"context"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/emit"
	"crmhook/shared/hook"
)

// failing is what this process has seen of interfaces that are told events: those whose last attempts failed take the slow
// queue, so that their events hold up nobody. It is kept nowhere else. A process learns it from a timeout, or from a few
// quick failures, and holds up others for so long at most once in failingFor; while all goes well it costs nothing.
type failing struct {
	streaks map[hook.Key]streak
}

type streak struct {
	failures int
	// until is when the interface is tried through the fast queue again; zero while it has not failed enough.
	until time.Time
}

const (
	// failures in a row after which an interface is failing; one is enough that timed out.
	failures = 3
	// failingFor is how long an interface is then taken to be failing, if no attempt of it is seen to succeed.
	failingFor = 10 * time.Minute
)

// note learns from what came of a job.
func (f *failing) note(j *job, now time.Time) {
	key := hook.KeyOf(j.delivery.Message)
	switch {
	case !j.told() || j.attempt.Number == 0:
	case j.attempt.OK():
		delete(f.streaks, key)
	default:
		if f.streaks == nil || len(f.streaks) > interfacesKept {
			f.streaks = map[hook.Key]streak{}
		}
		s := f.streaks[key]
		s.failures++
		if s.failures >= failures || j.attempt.Error == delivery.Timeout {
			s.until = now.Add(failingFor)
		}
		f.streaks[key] = s
	}
}

func (f *failing) is(key hook.Key, now time.Time) bool { return f.streaks[key].until.After(now) }

// passFailing passes on to the slow queue what came from the fast one for interfaces that keep failing, without an attempt.
func (r *round) passFailing(ctx context.Context, jobs []*job) []*job {
	now := r.handler.Now()
	return r.pass(ctx, jobs, func(j *job) bool { return r.handler.failing.is(hook.KeyOf(j.delivery.Message), now) })
}

// passTimedOut passes on those whose own last attempt timed out, which every process knows.
func (r *round) passTimedOut(ctx context.Context, jobs []*job) []*job {
	return r.pass(ctx, jobs, func(j *job) bool { return j.delivery.LastError == delivery.Timeout })
}

// pass puts events on the slow queue and returns the jobs that stay.
func (r *round) pass(ctx context.Context, jobs []*job, which func(*job) bool) []*job {
	passed, rest := split(jobs, func(j *job) bool { return j.told() && j.working && !j.message.Slow && which(j) })
	if len(passed) == 0 {
		return jobs
	}
	if err := emit.Send(ctx, r.handler.Slow, events(passed)); err != nil {
		r.handler.Log.Warn("not passed on to the slow queue", "messages", len(passed), "error", err.Error())
		r.see(ctx, passed, func(*job) time.Duration { return ownDelay })
	}
	return rest
}
