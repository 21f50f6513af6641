package manage

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/refusal"
	"crmhook/shared/upload"
)

// Start begins an execution of a contact webhook: of what the schedule that is named, or the first, sends ({} or
// {"schedule"}): what waits, or the contacts that it lists; of contacts that the body names ({"identifiers"}), or of all
// ({"all":true}), each with that schedule's batch and bucket size, if there is one. Refusals: 400, 404, 409 where the
// interface sends nothing now, or has no schedule to run, 422.
func (h *Handler) Start(ctx context.Context, who Who, name string, body []byte) (Started, error) {
	is, err := h.executable(ctx, who.Organization, name)
	if err != nil {
		return Started{}, err
	}
	a, err := read(body, "schedule", "identifiers", "all")
	if err != nil {
		return Started{}, err
	}
	j := a.job(is.Hook)
	if err := a.refused(); err != nil {
		return Started{}, err
	}
	if err := scheduled(&j, is.Hook); err != nil {
		return Started{}, err
	}
	detail := string(j.Kind)
	if j.Kind == job.Identifiers {
		detail = fmt.Sprintf("%s, %d contacts", j.Kind, len(j.Identifiers))
	}
	return h.begin(ctx, who, is, j, upload.Contents{}, detail)
}

// StartFile begins an execution of the contacts that a file names; schedule is the one whose batch and bucket size count, the
// first where it is empty. What the file names twice or cannot be read is refused line by line, and the rest is sent.
// Refusals: 404, 409, 413, 422 for a file that names nobody.
func (h *Handler) StartFile(ctx context.Context, who Who, name, schedule string, file []byte) (Started, error) {
	is, err := h.executable(ctx, who.Organization, name)
	if err != nil {
		return Started{}, err
	}
	if len(file) > upload.MostBytes {
		return Started{}, refusal.New(http.StatusRequestEntityTooLarge,
			"the file has more than %d bytes: split it, and send the parts one after another", upload.MostBytes)
	}
	contents, faults := upload.Parse(file)
	if schedule != "" {
		checkSchedule(&faults, "query.schedule", is.Hook, schedule)
	}
	if len(contents.Numbers) == 0 {
		faults = append(faults, lines(contents.Refusals)...)
	}
	if len(faults) > 0 {
		return Started{}, refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	j := job.Job{
		Kind: job.File, Schedule: schedule, Numbers: len(contents.Numbers), Pieces: (len(contents.Numbers) + job.PieceNumbers - 1) / job.PieceNumbers,
	}
	return h.begin(ctx, who, is, j, contents, fmt.Sprintf("%s, %d contacts, %d lines refused", j.Kind, len(contents.Numbers), contents.Refused))
}

// mostLines bounds the lines of a file that a refusal names.
const mostLines = 100

func lines(refusals []upload.Refusal) fault.List {
	var faults fault.List
	for _, r := range refusals[:min(len(refusals), mostLines)] {
		faults.AddValue(fmt.Sprintf("line %d", r.Line), r.Value, "%s", r.Reason)
	}
	return faults
}

// executable is a contact webhook that sends something now.
func (h *Handler) executable(ctx context.Context, organization, name string) (hook.Interface, error) {
	is, err := h.current(ctx, organization, name)
	if err != nil {
		return is, err
	}
	switch {
	case is.Hook != nil && is.Hook.Type.TellsEvents() || is.Hook == nil && is.Type.TellsEvents():
		return is, refusal.New(http.StatusConflict, "only contact webhooks have executions: this interface is a %s, which is told each event when it happens", is.Type)
	case !is.Working():
		return is, idle(is)
	}
	return is, nil
}

// scheduled makes an immediate execution that of its schedule: one that lists contacts sends these, changed or not.
func scheduled(j *job.Job, h *hook.Hook) error {
	if j.Kind != job.Immediate {
		return nil
	}
	if len(h.Schedules) == 0 {
		return refusal.New(http.StatusConflict, "the interface has no schedule to run: give it one, with launch manual if it is to run only when asked")
	}
	s := h.Schedules[0]
	if j.Schedule != "" {
		s = h.Schedules[slices.IndexFunc(h.Schedules, called(j.Schedule))]
	}
	if len(s.Identifiers) > 0 {
		j.Kind, j.Identifiers = job.Identifiers, slices.Clone(s.Identifiers)
	}
	return nil
}

// current is an interface as it is now.
func (h *Handler) current(ctx context.Context, organization, name string) (hook.Interface, error) {
	k := hook.Key{Organization: organization, Name: name}
	found, err := h.Current.Interfaces(ctx, []hook.Key{k})
	if err != nil {
		return hook.Interface{}, fmt.Errorf("read interface: %w", err)
	}
	is, there := found[k]
	if !there {
		return is, refusal.New(http.StatusNotFound, "there is no interface of this name")
	}
	return is, nil
}

// idle says why an interface sends nothing.
func idle(is hook.Interface) *refusal.Refusal {
	switch is.State {
	case hook.Paused:
		return refusal.New(http.StatusConflict, "the interface is paused: make its state active first")
	case hook.Disabled:
		return refusal.New(http.StatusConflict, "the interface is disabled, because its receiver answered 410: write its configuration again first")
	}
	return refusal.New(http.StatusConflict, "the interface's configuration has faults: mend it first")
}

// begin records that an execution is asked for, and leaves it to dispatch: its numbers and refusals first, which are forgotten
// where nobody comes to look for them, then its row with the job that works it off.
func (h *Handler) begin(ctx context.Context, who Who, is hook.Interface, j job.Job, file upload.Contents, detail string) (Started, error) {
	id, err := delivery.NewExecution(h.Now(), h.Random)
	if err != nil {
		return Started{}, err
	}
	j.Lane, j.ID, j.At = is.Lane(), id, h.Now()
	if err := h.record(ctx, who, audit.StartExecution, "interface "+is.Name, "execution "+id+": "+detail); err != nil {
		return Started{}, err
	}
	if err := h.keepFile(ctx, j, file); err != nil {
		return Started{}, err
	}
	row := backlog.Execution{
		Lane: j.Lane, ID: id, Schedule: j.Schedule, StartedBy: string(j.Kind), At: j.At, Open: true, Numbers: j.Numbers, Refused: file.Refused,
	}
	if row.Schedule == "" && len(is.Hook.Schedules) > 0 {
		row.Schedule = is.Hook.Schedules[0].Name
	}
	_, err = h.ask(ctx, j, &row)
	return Started{ID: id}, err
}

// keepFile keeps what a file holds beside its job and its execution.
func (h *Handler) keepFile(ctx context.Context, j job.Job, file upload.Contents) error {
	pieces := slices.Collect(slices.Chunk(file.Numbers, job.PieceNumbers))
	if err := h.Numbers.KeepNumbers(ctx, j.Lane, j.ID, pieces, j.At.Add(delivery.LedgerTime)); err != nil {
		return fmt.Errorf("keep the file's numbers: %w", err)
	}
	if len(file.Refusals) == 0 {
		return nil
	}
	if err := h.Refused.KeepRefusals(ctx, j.Lane, j.ID, file.Refusals, j.At.Add(delivery.LedgerTime)); err != nil {
		return fmt.Errorf("keep the file's refused lines: %w", err)
	}
	return nil
}
