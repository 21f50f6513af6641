package dispatch

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/notice"
	"crmhook/shared/parallel"
)

// Run works off what is due. With the stage setting lingerSeconds it goes on doing so about once a second until that many
// seconds after its start, and for nearly a minute while jobs make progress: at once where one can go on, else once a second
// too. It begins no pass that would not be over before the function's deadline if it took as long as the longest so far. What
// fails is tried again by the next pass; the error returned is the last pass's.
func (h *Handler) Run(ctx context.Context) error {
	start := h.Now()
	linger, err := h.linger(ctx)
	if err != nil {
		return err
	}
	var total report
	longest := pause
	for {
		began := h.Now()
		done, err := h.pass(ctx)
		total.add(done)
		longest = max(longest, h.Now().Sub(began))
		end := start.Add(linger)
		if done.awake && linger < awake {
			end = start.Add(awake)
		}
		if deadline, ok := ctx.Deadline(); ok && deadline.Add(-margin-longest).Before(end) {
			end = deadline.Add(-margin - longest)
		}
		if ctx.Err() != nil || !h.Now().Add(pause).Before(end) {
			total.log(h.Log, h.Now().Sub(start))
			return err
		}
		if err != nil {
			h.Log.Error("tried again by the next pass", "error", err.Error())
		}
		if err != nil || !done.goesOn {
			h.Sleep(ctx, pause)
		}
	}
}

// linger is 0 when the setting is unset; configure has checked that it is a number.
func (h *Handler) linger(ctx context.Context) (time.Duration, error) {
	text, err := h.Configuration.Setting(ctx, "lingerSeconds")
	if err != nil {
		return 0, fmt.Errorf("read setting: %w", err)
	}
	seconds, err := strconv.Atoi(text)
	if err != nil {
		return 0, nil
	}
	return time.Duration(seconds) * time.Second, nil
}

// pass works off the entries that are due now. Whatever follows from an entry is written before the entry goes; one that
// somebody has written again meanwhile stays, for the next pass.
func (h *Handler) pass(ctx context.Context) (report, error) {
	var done report
	entries, err := h.Agenda.Due(ctx, h.Now(), entriesRead)
	if err != nil || len(entries) == 0 {
		return done, err
	}
	lanes, err := h.lanes(ctx, entries)
	if err != nil {
		return done, err
	}
	var mu sync.Mutex
	var next, worked []backlog.Entry
	failed := parallel.Each(len(lanes), lanesAtOnce, func(i int) error {
		l := lanes[i]
		follow, err := h.work(ctx, l)
		mu.Lock()
		defer mu.Unlock()
		done.add(l.done)
		next = append(next, follow.next...)
		if errors.Is(err, errBusy) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("lane %s: %w", l.lane, err)
		}
		worked = append(worked, follow.worked...)
		return nil
	})
	if err := h.Agenda.Put(ctx, next); err != nil {
		return done, errors.Join(failed, err)
	}
	_, err = h.Agenda.Drop(ctx, worked)
	return done, errors.Join(failed, err)
}

// followUp is what the agenda must be told when a lane has been worked on: entries to write, and those that may go.
type followUp struct{ next, worked []backlog.Entry }

// work does all that is due of one lane.
func (h *Handler) work(ctx context.Context, l *lane) (followUp, error) {
	var follow followUp
	for _, e := range l.entries {
		switch e.Purpose {
		case backlog.Run, backlog.Sweep:
			// scan may have added rows just after the interface was removed: they are swept too. One that came back (its
			// parameter was denied and then shown again) is not.
			if more, err := h.sweep(ctx, l); err != nil {
				return follow, err
			} else if more {
				continue
			}
		case backlog.Work:
			continue // See jobs.
		default:
			if err := h.digest(ctx, e); err != nil {
				return follow, err
			}
		}
		follow.worked = append(follow.worked, e)
	}
	due, err := h.due(ctx, l)
	follow.next, follow.worked = append(follow.next, due.next...), append(follow.worked, due.worked...)
	if errors.Is(err, errBusy) {
		if early := h.early(ctx, l); early != nil {
			err = early
		}
	}
	return follow, err
}

// due makes the executions of a lane that are due, and then takes steps of its jobs.
func (h *Handler) due(ctx context.Context, l *lane) (followUp, error) {
	var follow followUp
	if l.scheduled() {
		next, err := h.run(ctx, l)
		if next != nil {
			follow.next = append(follow.next, *next)
		}
		if err != nil {
			return follow, err
		}
	}
	jobs, err := h.jobs(ctx, l)
	return followUp{append(follow.next, jobs.next...), jobs.worked}, err
}

// sweep removes rows of a lane whose interface is gone.
func (h *Handler) sweep(ctx context.Context, l *lane) (more bool, err error) {
	if l.live {
		return false, nil
	}
	return h.Marks.Sweep(ctx, l.lane, rowsSwept)
}

// digest asks stop for the mail about what has gathered.
func (h *Handler) digest(ctx context.Context, e backlog.Entry) error {
	kind := notice.Warning
	if e.Purpose == backlog.StopDigest {
		kind = notice.Stopped
	}
	_, err := h.Notices.Send(ctx, group(e.Lane), []any{notice.Notice{Kind: kind, Organization: e.Organization, Interface: e.Interface, Digest: true}})
	return err
}

// group is the message group that makes the deliveries queue fair between interfaces.
func group(l backlog.Lane) string { return l.Organization + "/" + l.Interface }
