package hook

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"crmhook/shared/filter"
)

// keptVersion is that of the form Marshal writes. A change that old readers would misread raises it.
const keptVersion = 1

// kept is a Hook as the configuration table keeps it.
type kept struct {
	Version int    `json:"v"`
	Filter  string `json:"filter,omitempty"`
	*Hook
}

// Marshal writes a checked Hook in the form that Unmarshal reads: resolved and without anything to check again.
func Marshal(h *Hook) ([]byte, error) {
	text, err := json.Marshal(kept{Version: keptVersion, Filter: h.Filter.String(), Hook: h})
	if err != nil {
		return nil, fmt.Errorf("write hook: %w", err)
	}
	return text, nil
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(text []byte) (*Hook, error) {
	k := kept{Hook: &Hook{}}
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("read hook: %w", err)
	}
	if k.Version != keptVersion {
		return nil, fmt.Errorf("read hook: version %d is not known, only %d", k.Version, keptVersion)
	}
	compiled, err := filter.Compile(k.Filter)
	if err != nil {
		return nil, fmt.Errorf("read hook's filter: %w", err)
	}
	k.Hook.Filter = compiled
	if err := k.prepare(); err != nil {
		return nil, fmt.Errorf("read hook: %w", err)
	}
	return k.Hook, nil
}

// keys are the names of a map, sorted.
func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
