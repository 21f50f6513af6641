package manage

import (
	"context"
	"fmt"
	"strings"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/job"
)

// Bulk replays or dismisses all stopped deliveries that a body names: {"interface","record","since","until"}, of which it
// gives the interface or the record at least. With dryRun they are only counted. Refusals: 400, 422.
func (h *Handler) Bulk(ctx context.Context, who Who, kind job.Kind, body []byte, dryRun bool) (Bulk, error) {
	a, err := read(body, "interface", "record", "since", "until")
	if err != nil {
		return Bulk{}, err
	}
	m := job.Matching{
		Interface: a.text("interface", "an interface's name"), Record: a.text("record", "a record's key as in order/4711, or a contact's number"),
		Since: a.time("since"), Until: a.time("until"),
	}
	if m.Interface == "" && m.Record == "" && len(a.faults) == 0 {
		a.faults.Add("body", "must give interface or record: which stopped deliveries are meant")
	}
	return h.matching(ctx, who, kind, a, m, dryRun)
}

// BulkMatching is Bulk for people, who were shown how many match: it also takes all that the organization has stopped.
func (h *Handler) BulkMatching(ctx context.Context, who Who, kind job.Kind, m job.Matching, dryRun bool) (Bulk, error) {
	return h.matching(ctx, who, kind, &asked{}, m, dryRun)
}

// matching checks what is named, counts it, and leaves it to dispatch. What is stopped after this moment is not concerned.
func (h *Handler) matching(ctx context.Context, who Who, kind job.Kind, a *asked, m job.Matching, dryRun bool) (Bulk, error) {
	a.check(who.Organization, &m)
	if err := a.refused(); err != nil {
		return Bulk{}, err
	}
	now := h.Now()
	if m.Until.IsZero() || m.Until.After(now) {
		m.Until = now
	}
	matched, err := h.Delivered.CountListed(ctx, delivery.Selection{
		Organization: who.Organization, Interface: m.Interface, Record: m.Record, Status: delivery.Stopped, Since: m.Since, Until: m.Until,
	})
	if err != nil {
		return Bulk{}, fmt.Errorf("count deliveries: %w", err)
	}
	if dryRun {
		return Bulk{Matched: matched}, nil
	}
	lane, err := h.laneFor(ctx, who.Organization, m.Interface)
	if err != nil {
		return Bulk{}, err
	}
	j, err := h.newJob(lane, kind)
	if err != nil {
		return Bulk{}, err
	}
	j.Matching = m
	action := audit.Dismiss
	if kind == job.Replay {
		action = audit.Replay
	}
	if err := h.record(ctx, who, action, "stopped deliveries of "+named(m), fmt.Sprintf("job %s: %d matched", j.ID, matched)); err != nil {
		return Bulk{}, err
	}
	_, err = h.ask(ctx, j, nil)
	return Bulk{ID: j.ID, Matched: matched}, err
}

// check notes what is wrong with what names deliveries, and gives the record its whole key.
func (a *asked) check(organization string, m *job.Matching) {
	if m.Interface != "" {
		checkInterface(&a.faults, "interface", m.Interface)
	}
	if m.Record != "" {
		m.Record = checkRecord(&a.faults, "record", organization, m.Record).String()
	}
	checkTimes(&a.faults, "since", m.Since, m.Until)
}

// named says which deliveries are meant.
func named(m job.Matching) string {
	var parts []string
	if m.Interface != "" {
		parts = append(parts, "interface "+m.Interface)
	}
	if m.Record != "" {
		parts = append(parts, "record "+m.Record)
	}
	if len(parts) == 0 {
		return "all interfaces"
	}
	return strings.Join(parts, ", ")
}

// laneFor is the lane of an interface, or the organization's where it is not named or is gone.
func (h *Handler) laneFor(ctx context.Context, organization, name string) (backlog.Lane, error) {
	lane := backlog.Lane{Organization: organization}
	if name == "" {
		return lane, nil
	}
	k := hook.Key{Organization: organization, Name: name}
	found, err := h.Current.Interfaces(ctx, []hook.Key{k})
	if err != nil {
		return lane, fmt.Errorf("read interface: %w", err)
	}
	if is, there := found[k]; there {
		lane = is.Lane()
	}
	return lane, nil
}
