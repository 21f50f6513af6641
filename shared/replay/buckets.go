package replay

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/delivery"
	"crmhook/shared/job"
)

// again has a group's records sent: by an execution where the interface works. Where it does not they wait for it.
func (r *Replayer) again(ctx context.Context, g *group) error {
	if !g.is.Working() {
		return r.raise(ctx, g)
	}
	return r.execute(ctx, g)
}

// execute leaves a job to dispatch that sends the records as a file's numbers, which are kept before it. Where the job was
// asked for before, by somebody who died, nothing is asked for again.
func (r *Replayer) execute(ctx context.Context, g *group) error {
	now := r.Now()
	id, err := g.execution(now)
	if err != nil {
		return err
	}
	token, err := delivery.NewExecution(now, r.Random)
	if err != nil {
		return err
	}
	pieces, expires := slices.Collect(slices.Chunk(g.contacts(), job.PieceNumbers)), now.Add(delivery.LedgerTime)
	if err := r.Numbers.KeepNumbers(ctx, g.lane, id, pieces, expires); err != nil {
		return fmt.Errorf("keep contact numbers: %w", err)
	}
	j := job.Job{Lane: g.lane, ID: id, Kind: job.File, At: now, Pieces: len(pieces), Numbers: len(g.records)}
	row := backlog.Execution{Lane: g.lane, ID: id, StartedBy: job.ByReplay, At: now, Open: true, Numbers: len(g.records)}
	if schedules := g.is.Hook.Schedules; len(schedules) > 0 {
		row.Schedule = schedules[0].Name
	}
	_, err = r.Asked.Put(ctx, j, j.Entry(now, token), &row, expires)
	return err
}

// askedWithin is how long who replays the same deliveries asks for the same execution.
const askedWithin = 10 * time.Second

// execution is the id of the one that sends the group's records. It derives from the deliveries and, as ids sort by time, from
// the time to a few seconds: who presses twice, or repeats a step that died, asks for the same execution.
func (g *group) execution(now time.Time) (string, error) {
	ids := []string{g.lane.String()}
	for _, c := range g.list {
		ids = append(ids, c.was.ID)
	}
	slices.Sort(ids[1:])
	h := sha256.New()
	for _, id := range ids {
		_ = binary.Write(h, binary.BigEndian, uint64(len(id)))
		_, _ = io.WriteString(h, id)
	}
	return delivery.NewExecution(now.Truncate(askedWithin), bytes.NewReader(h.Sum(nil)))
}

// contacts are the numbers of the group's records, in the same order each time.
func (g *group) contacts() []string {
	numbers := make([]string, 0, len(g.records))
	for _, record := range slices.Sorted(maps.Keys(g.records)) {
		numbers = append(numbers, strings.TrimPrefix(record, change.Contact+"/"))
	}
	return numbers
}

// raise counts a change of each record, as scan does, and then has dispatch look at the lane.
func (r *Replayer) raise(ctx context.Context, g *group) error {
	now := r.Now()
	token, err := delivery.NewExecution(now, r.Random)
	if err != nil {
		return err
	}
	additions := make([]backlog.Addition, 0, len(g.records))
	for _, record := range slices.Sorted(maps.Keys(g.records)) {
		additions = append(additions, backlog.Addition{Lane: g.lane, Record: record, Changes: 1, Since: now})
	}
	if err := r.Rows.Add(ctx, additions); err != nil {
		return fmt.Errorf("raise records: %w", err)
	}
	entry := backlog.Entry{Lane: g.lane, Purpose: backlog.Run, Due: now.Truncate(time.Second), Token: token}
	if err := r.Agenda.Put(ctx, []backlog.Entry{entry}); err != nil {
		return fmt.Errorf("tell the agenda: %w", err)
	}
	return nil
}
