package tabletest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// task names a job.
type task struct {
	backlog.Lane
	id string
}

// pieceOf names a piece of a job's numbers.
type pieceOf struct {
	task
	piece int
}

// keptJob is a job as the table keeps it.
func keptJob(j job.Job) job.Job {
	j.At, j.Matching.Since, j.Matching.Until = kept(j.At), kept(j.Matching.Since), kept(j.Matching.Until)
	j.Identifiers = slices.Clone(j.Identifiers)
	return j
}

// Jobs reads a lane's jobs; see table.Backlog.
func (b *Backlog) Jobs(_ context.Context, lane backlog.Lane) ([]job.Job, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, err
	}
	b.called("Jobs", 1, 1)
	var list []job.Job
	for of, j := range b.jobs {
		if of.Lane == lane {
			list = append(list, keptJob(j))
		}
	}
	slices.SortFunc(list, func(a, b job.Job) int { return strings.Compare(a.ID, b.ID) })
	return list, nil
}

// SaveJob writes how far a job came; see table.Backlog.
func (b *Backlog) SaveJob(_ context.Context, j job.Job) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.called("SaveJob", 1, 1)
	saved := false
	err := b.write(func() {
		is, there := b.jobs[task{j.Lane, j.ID}]
		if saved = there && is.Revision == j.Revision; saved {
			j.Revision++
			b.jobs[task{j.Lane, j.ID}] = keptJob(j)
		}
	})
	return saved, err
}

// DropJob removes a job with its numbers; see table.Backlog.
func (b *Backlog) DropJob(_ context.Context, j job.Job) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.called("DropJob", j.Pieces+1, 25)
	for piece := range j.Pieces {
		if err := b.write(func() { delete(b.numbers, pieceOf{task{j.Lane, j.ID}, piece}) }); err != nil {
			return err
		}
	}
	return b.write(func() { delete(b.jobs, task{j.Lane, j.ID}) })
}

// KeepNumbers keeps a job's numbers; see table.Backlog. It refuses those that would stay for ever.
func (b *Backlog) KeepNumbers(_ context.Context, lane backlog.Lane, id string, pieces [][]string, expires time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if expires.IsZero() {
		return errors.New("numbers without an expiry stay for ever where their job never comes")
	}
	b.called("KeepNumbers", len(pieces), 25)
	for n, numbers := range pieces {
		size := 0
		for _, number := range numbers {
			size += len(number) + 1
		}
		if size > mostItem {
			return fmt.Errorf("validation: a piece of %d bytes is more than an item holds", size)
		}
		b.Units += size / 1024
		if err := b.write(func() { b.numbers[pieceOf{task{lane, id}, n}] = slices.Clone(numbers) }); err != nil {
			return err
		}
	}
	return nil
}

// mostItem is what DynamoDB takes in one item, in bytes, with room for its key.
const mostItem = 400<<10 - 1<<10

// Numbers reads a piece of a job's numbers; see table.Backlog.
func (b *Backlog) Numbers(_ context.Context, lane backlog.Lane, id string, piece int) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.Kill.Alive(); err != nil {
		return nil, err
	}
	b.called("Numbers", 1, 1)
	return slices.Clone(b.numbers[pieceOf{task{lane, id}, piece}]), nil
}

// AllJobs are the jobs of all lanes, by lane and id.
func (b *Backlog) AllJobs() []job.Job {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]job.Job, 0, len(b.jobs))
	for _, j := range b.jobs {
		list = append(list, keptJob(j))
	}
	slices.SortFunc(list, func(a, b job.Job) int { return strings.Compare(a.Lane.String()+a.ID, b.Lane.String()+b.ID) })
	return list
}

// Pieces is how many pieces of numbers are kept.
func (b *Backlog) Pieces() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.numbers)
}
