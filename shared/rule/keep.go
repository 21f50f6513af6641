package rule

import (
	"encoding/json"
	"fmt"

	"crmhook/shared/filter"
)

// keptVersion is that of the form Marshal writes. A change that old readers would misread raises it.
const keptVersion = 1

// kept is a Definition as the configuration table keeps it.
type kept struct {
	Version    int    `json:"v"`
	Conditions string `json:"conditions,omitempty"`
	*Definition
}

// Marshal writes a checked Definition in the form that Unmarshal reads.
func Marshal(d *Definition) ([]byte, error) {
	text, err := json.Marshal(kept{Version: keptVersion, Conditions: d.Conditions.String(), Definition: d})
	if err != nil {
		return nil, fmt.Errorf("write rule: %w", err)
	}
	return text, nil
}

// Unmarshal reads what Marshal wrote.
func Unmarshal(text []byte) (*Definition, error) {
	k := kept{Definition: &Definition{}}
	if err := json.Unmarshal(text, &k); err != nil {
		return nil, fmt.Errorf("read rule: %w", err)
	}
	if k.Version != keptVersion {
		return nil, fmt.Errorf("read rule: version %d is not known, only %d", k.Version, keptVersion)
	}
	conditions, err := filter.Compile(k.Conditions)
	if err != nil {
		return nil, fmt.Errorf("read rule's conditions: %w", err)
	}
	k.Definition.Conditions = conditions
	return k.Definition, nil
}
