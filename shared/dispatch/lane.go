package dispatch

import (
	"context"
	"sort"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
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
}

// lanes gathers the entries by lane and reads what is known of each: three batch reads, whatever their number up to 100.
func (h *Handler) lanes(ctx context.Context, entries []backlog.Entry) ([]*lane, error) {
	byLane := map[backlog.Lane]*lane{}
	var list []*lane
	var names []backlog.Lane
	var keys []hook.Key
	seen := map[hook.Key]bool{}
	for _, e := range entries {
		l, ok := byLane[e.Lane]
		if !ok {
			l = &lane{lane: e.Lane}
			byLane[e.Lane] = l
			list, names = append(list, l), append(names, e.Lane)
			if k := (hook.Key{Organization: e.Organization, Name: e.Interface}); !seen[k] {
				seen[k] = true
				keys = append(keys, k)
			}
		}
		l.entries = append(l.entries, e)
	}
	interfaces, err := h.Configuration.Interfaces(ctx, keys)
	if err != nil {
		return nil, err
	}
	states, err := h.States.States(ctx, names)
	if err != nil {
		return nil, err
	}
	running := map[backlog.Lane][]string{}
	for _, l := range list {
		i := interfaces[hook.Key{Organization: l.lane.Organization, Name: l.lane.Interface}]
		if l.live = i.Generation == l.lane.Generation; l.live && i.Working() {
			l.hook = i.Hook
		}
		if l.state = states[l.lane]; l.hook != nil && len(l.state.Running) > 0 {
			running[l.lane] = l.state.Running
		}
	}
	return list, h.readExecutions(ctx, byLane, running)
}

func (h *Handler) readExecutions(ctx context.Context, lanes map[backlog.Lane]*lane, running map[backlog.Lane][]string) error {
	if len(running) == 0 {
		return nil
	}
	executions, err := h.Executions.Executions(ctx, running)
	if err != nil {
		return err
	}
	sort.Slice(executions, func(i, j int) bool { return executions[i].ID < executions[j].ID })
	for _, e := range executions {
		lanes[e.Lane].executions = append(lanes[e.Lane].executions, e)
	}
	return nil
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
