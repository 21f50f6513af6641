package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"crmhook/shared/backlog"
)

// Lane is where an interface's changed records wait; its generation is empty before configure has seen the interface.
func (s *Stage) Lane(ctx context.Context, organization, name string) (backlog.Lane, error) {
	lane := backlog.Lane{Organization: organization, Interface: name}
	items, err := s.items(ctx, s.ConfigurationTable, organization)
	for _, item := range items {
		if item["sk"] == "interface#"+name {
			lane.Generation, _ = item["generation"].(string)
		}
	}
	return lane, err
}

// Rows are the records that wait or are in flight for a lane, as they are kept.
func (s *Stage) Rows(ctx context.Context, lane backlog.Lane) ([]map[string]any, error) {
	var rows []map[string]any
	for shard := range backlog.Shards {
		items, err := s.items(ctx, s.BacklogTable, lane.String()+"#"+strconv.Itoa(shard))
		if err != nil {
			return nil, err
		}
		rows = append(rows, items...)
	}
	return rows, nil
}

// LaneState is what dispatch remembers of a lane; the zero State before its first execution.
func (s *Stage) LaneState(ctx context.Context, lane backlog.Lane) (backlog.State, error) {
	var state backlog.State
	items, err := s.items(ctx, s.BacklogTable, lane.String())
	if err != nil || len(items) == 0 {
		return state, err
	}
	kept, _ := items[0]["state"].(string)
	if err := json.Unmarshal([]byte(kept), &state); err != nil {
		return state, fmt.Errorf("read the state of lane %s: %w", lane, err)
	}
	return state, nil
}

// Executions are an interface's executions as the ledger keeps them, oldest first.
func (s *Stage) Executions(ctx context.Context, organization, name string) ([]map[string]any, error) {
	return s.items(ctx, s.LedgerTable, organization+"#"+name+"#executions")
}
