package dispatch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

const (
	// jobsAtOnce is how many steps of jobs of a lane one pass takes at most, so that lanes take turns. Those of jobs that have to
	// wait do not count.
	jobsAtOnce = 10
	// patience is how long after the last sign of life of a lane's deliveries a run stays awake for a job that has no room.
	patience = 15 * time.Second
)

// outcome is what a step of a job leaves to do.
type outcome int

// A job that is over is dropped; one that waits wants its next step in the next minute; one that is to go on soon, when a sender
// has ended something, in a second; one that goes on, at once. Of several the greatest counts.
const (
	over outcome = iota
	waits
	soon
	goesOn
)

// jobs takes a step of each job of a lane that an entry of the agenda asks for, the more urgent kinds first. While one can go on
// the entry stays as it is, due; where all that are left wait it is due again in the next minute. A lane without jobs left is
// put on the agenda as scan does, since what they did may leave rows waiting.
func (h *Handler) jobs(ctx context.Context, l *lane) (followUp, error) {
	var follow followUp
	if !l.asked || l.unread != nil {
		return follow, l.unread
	}
	if l.live && l.state.Busy != "" && l.state.BusyUntil.After(h.Now()) {
		l.done.awake = true // The other run may end any moment, long before the next minute's begins.
		return follow, errBusy
	}
	slices.SortStableFunc(l.jobs, func(a, b job.Job) int { return cmp.Or(rank(a.Kind)-rank(b.Kind), cmp.Compare(a.ID, b.ID)) })
	left, err := h.steps(ctx, l)
	if next := h.planned(l); next != nil && (l.touched || left == over) {
		follow.next = append(follow.next, *next)
	}
	if err != nil {
		l.done.awake = errors.Is(err, errBusy)
		return follow, err
	}
	h.again(l, left, &follow)
	return follow, nil
}

// planned is the entry for the lane's next due time.
func (h *Handler) planned(l *lane) *backlog.Entry {
	if l.hook == nil {
		return nil
	}
	return h.next(l)
}

// rank orders the kinds: what ends something, then what needs no room in the window, then what waits for some, the shorter
// first.
func rank(k job.Kind) int {
	return slices.Index([]job.Kind{job.Cancel, job.Identifiers, job.Dismiss, job.Replay, job.Immediate, job.File, job.All}, k)
}

// steps works on the jobs in turn and says what is left of them: the most urgent outcome. After an error of one that makes
// deliveries no other of these is worked on, as the lane must first be made good.
func (h *Handler) steps(ctx context.Context, l *lane) (left outcome, failed error) {
	broken := false
	for _, j := range l.jobs {
		deciding := j.Kind == job.Replay || j.Kind == job.Dismiss
		if broken && !deciding {
			continue
		}
		if l.done.steps >= jobsAtOnce || h.late(ctx) {
			return goesOn, failed
		}
		next, err := h.step(ctx, l, j)
		if errors.Is(err, errBusy) {
			return left, err
		}
		if err != nil {
			failed = errors.Join(failed, fmt.Errorf("job %s (%s): %w", j.ID, j.Kind, err))
			broken = broken || !deciding
			continue
		}
		left = max(left, next)
	}
	return left, failed
}

func (h *Handler) late(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ok && !h.Now().Before(deadline.Add(-margin))
}

// step does one step of one job.
func (h *Handler) step(ctx context.Context, l *lane, j job.Job) (outcome, error) {
	switch {
	case j.Kind == job.Cancel:
		return h.cancel(ctx, l, j)
	case j.Kind == job.Replay, j.Kind == job.Dismiss:
		return h.decide(ctx, l, j)
	case j.Kind.Makes():
		return h.makeMore(ctx, l, j)
	}
	h.Log.Error("a job of a kind that is not known", "organization", l.lane.Organization, "interface", l.lane.Interface, "job", j.ID, "kind", string(j.Kind))
	return over, h.Jobs.DropJob(ctx, j)
}

// again says what becomes of the lane's entries for jobs.
func (h *Handler) again(l *lane, left outcome, follow *followUp) {
	now := h.Now()
	due, first, put := now.Truncate(time.Second), true, left != over
	if left == waits {
		due = now.Truncate(time.Minute).Add(time.Minute)
	}
	l.done.awake, l.done.goesOn = left >= soon, left == goesOn
	for _, e := range l.entries {
		if e.Purpose != backlog.Work {
			continue
		}
		// One entry stays for what goes on. Among very many it goes behind the others that are due.
		if left >= soon && first && (!l.crowded || e.Due.Equal(due)) {
			put = false
		} else {
			follow.worked = append(follow.worked, e)
		}
		first = false
	}
	if put {
		follow.next = append(follow.next, job.Job{Lane: l.lane}.Entry(due, h.token()))
	}
}

// saveJob writes how far a job came.
func (h *Handler) saveJob(ctx context.Context, j *job.Job, position any) error {
	text, err := json.Marshal(position)
	if err != nil {
		return fmt.Errorf("write position: %w", err)
	}
	j.Position = string(text)
	saved, err := h.Jobs.SaveJob(ctx, *j)
	if err != nil {
		return err
	}
	if !saved {
		return errBusy
	}
	j.Revision++
	return nil
}

// positionOf reads how far a job came.
func positionOf[P any](j job.Job) (p P, err error) {
	if j.Position == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(j.Position), &p); err != nil {
		return p, fmt.Errorf("read position: %w", err)
	}
	return p, nil
}
