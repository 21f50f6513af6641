package dispatch

import (
	"context"
	"maps"
	"slices"
	"sort"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/parallel"
	"crmhook/shared/schedule"
)

// lane is all that is known of a lane before its rows are read; batch reads have gathered it for all lanes at once.
type lane struct {
	lane    backlog.Lane
	entries []backlog.Entry
	// live says that the interface exists and is this generation's; hook is its configuration while it works, else nil.
	live       bool
	hook       *hook.Hook
	state      backlog.State
	executions []backlog.Execution
	done       report

	// asked says that an entry asks for jobs; crowded that there may be more entries than were read.
	asked, crowded bool
	jobs           []job.Job
	// unread is why the jobs could not be read.
	unread error
	// known are the executions that the jobs concern, by id, as far as there are any.
	known map[string]backlog.Execution
	// looked says that the window and the executions followed are those of now, measured that room, in deliveries, is; seen is
	// the reading of the rows that the measuring took, if any.
	looked, measured bool
	room             int
	seen             *reading
	// vain says that the last reading for a job found no row that waits, and did not see all.
	vain bool
	// touched says that rows may wait that the agenda does not know of.
	touched bool
	// suspect is an execution whose deliveries may hold rows although they have ended, whatever the leases say.
	suspect string
}

// scheduled reports whether the lane is here for more than jobs.
func (l *lane) scheduled() bool {
	return slices.ContainsFunc(l.entries, func(e backlog.Entry) bool { return e.Purpose != backlog.Work })
}

// lanes gathers the entries by lane and reads what is known of each: three batch reads, whatever their number up to 100, and
// one for the jobs of each lane that has any. Jobs and executions are read after the states, so that who can still save a
// state has seen all that was done under an earlier one.
func (h *Handler) lanes(ctx context.Context, entries []backlog.Entry) ([]*lane, error) {
	list := gather(entries)
	var names []backlog.Lane
	keys := map[hook.Key]bool{}
	for _, l := range list {
		if l.lane.Interface != "" { // Else they are jobs of the organization.
			names, keys[l.key()] = append(names, l.lane), true
		}
	}
	interfaces, err := h.Configuration.Interfaces(ctx, slices.Collect(maps.Keys(keys)))
	if err != nil {
		return nil, err
	}
	states, err := h.States.States(ctx, names)
	if err != nil {
		return nil, err
	}
	for _, l := range list {
		i := interfaces[l.key()]
		if l.live = l.lane.Interface != "" && i.Generation == l.lane.Generation; l.live && i.Working() {
			l.hook = i.Hook
		}
		l.state = states[l.lane]
	}
	h.readJobs(ctx, list)
	return list, h.readExecutions(ctx, list)
}

func (l *lane) key() hook.Key {
	return hook.Key{Organization: l.lane.Organization, Name: l.lane.Interface}
}

// gather makes a lane of the entries of each, in the order of the first ones.
func gather(entries []backlog.Entry) []*lane {
	byLane := map[backlog.Lane]*lane{}
	var list []*lane
	for _, e := range entries {
		l, there := byLane[e.Lane]
		if !there {
			l = &lane{lane: e.Lane, crowded: len(entries) == entriesRead}
			byLane[e.Lane], list = l, append(list, l)
		}
		l.entries, l.asked = append(l.entries, e), l.asked || e.Purpose == backlog.Work
	}
	return list
}

// readJobs reads each lane's jobs. What cannot be read is that lane's matter alone.
func (h *Handler) readJobs(ctx context.Context, lanes []*lane) {
	_ = parallel.Each(len(lanes), lanesAtOnce, func(i int) error {
		if l := lanes[i]; l.asked {
			l.jobs, l.unread = h.Jobs.Jobs(ctx, l.lane)
		}
		return nil
	})
}

// readExecutions reads those that each lane follows and those that its jobs concern.
func (h *Handler) readExecutions(ctx context.Context, lanes []*lane) error {
	ids, byLane := map[backlog.Lane][]string{}, map[backlog.Lane]*lane{}
	for _, l := range lanes {
		byLane[l.lane] = l
		var list []string
		if l.hook != nil {
			list = slices.Clone(l.state.Running)
		}
		for _, j := range l.jobs {
			if id := executionOf(j); id != "" && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		if len(list) > 0 {
			ids[l.lane] = list
		}
	}
	if len(ids) == 0 {
		return nil
	}
	executions, err := h.Executions.Executions(ctx, ids)
	if err != nil {
		return err
	}
	sort.Slice(executions, func(i, j int) bool { return executions[i].ID < executions[j].ID })
	for _, e := range executions {
		l := byLane[e.Lane]
		if l == nil {
			continue // An earlier generation's, which a job of this one names.
		}
		if slices.Contains(l.state.Running, e.ID) {
			l.executions = append(l.executions, e)
		}
		if l.known == nil {
			l.known = map[string]backlog.Execution{}
		}
		l.known[e.ID] = e
	}
	return nil
}

// executionOf is the execution that a job makes deliveries for or ends; empty for one that concerns none.
func executionOf(j job.Job) string {
	if j.Kind.Makes() {
		return j.ID
	}
	return j.Execution
}

// due lists the schedules that have a due time at or after the earliest entry, not worked off yet and not in the future.
// An entry written under an earlier configuration thus makes no run of its own.
func (l *lane) due(now time.Time) []schedule.Schedule {
	if l.hook == nil {
		return nil
	}
	var first time.Time
	for _, e := range l.entries {
		if e.Purpose == backlog.Run && (first.IsZero() || e.Due.Before(first)) {
			first = e.Due
		}
	}
	if first.IsZero() {
		return nil
	}
	after := first.Add(-1)
	if l.state.LastRun.After(after) {
		after = l.state.LastRun
	}
	var due []schedule.Schedule
	for _, s := range l.hook.Schedules {
		if at, ok := s.Next(after); ok && !at.After(now) {
			due = append(due, s)
		}
	}
	return due
}

// identifiers reports whether a schedule of the lane sends contacts whether they changed or not.
func (l *lane) identifiers() bool {
	for _, s := range l.hook.Schedules {
		if s.Launch == schedule.Automatic && len(s.Identifiers) > 0 {
			return true
		}
	}
	return false
}
