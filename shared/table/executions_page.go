package table

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// ExecutionPage reads an interface's executions, newest first and strongly consistent: at most limit after an id, made from
// since on and before until, where these are given, and the id to go on after; empty: there are no more. When one was made
// is the time that its id begins with. It is one query.
func (l Ledger) ExecutionPage(ctx context.Context, organization, name, after string, since, until time.Time, limit int) (list []backlog.Execution, next string, err error) {
	lane := backlog.Lane{Organization: organization, Interface: name}
	pk, _ := executionKey(lane, "")
	between, err := idsBetween(since, until)
	if err != nil {
		return nil, "", fmt.Errorf("list executions: %w", err)
	}
	items, next, err := l.partition(pk, between.onward(after)).page(ctx, limit)
	if err != nil {
		return nil, "", fmt.Errorf("list executions: %w", err)
	}
	for _, item := range items {
		lane.Generation = textOf(item, "generation")
		list = append(list, executionOf(lane, item))
	}
	return list, next, nil
}

// idsBetween is the stretch of ids that begin with a time from since on and before until; no bound where one is zero.
func idsBetween(since, until time.Time) (s stretch, err error) {
	if !since.IsZero() {
		if s.from, err = firstID(since); err != nil {
			return s, err
		}
	}
	if !until.IsZero() {
		s.to, err = firstID(until)
	}
	return s, err
}

// firstID is the least of the ids that begin with a time.
func firstID(at time.Time) (string, error) {
	if at.Before(time.UnixMilli(0)) {
		at = time.UnixMilli(0)
	}
	return delivery.NewExecution(ceiling(at), zeros{})
}

// zeros is what the random part of the least id is made of.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
