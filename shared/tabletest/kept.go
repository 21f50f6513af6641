package tabletest

import (
	"fmt"
	"time"
)

// kept is a time as the table keeps it: in milliseconds.
func kept(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return time.UnixMilli(t.UnixMilli()).UTC()
}

// calls is how many calls a number of items takes.
func calls(items, batch int) int { return (items + batch - 1) / batch }

// distinct refuses what DynamoDB refuses: one item twice in a batch. The fakes ask for it over batches too, since nobody
// may rely on where a batch ends.
func distinct[T any, K comparable](list []T, key func(T) K) error {
	seen := make(map[K]bool, len(list))
	for _, item := range list {
		if seen[key(item)] {
			return fmt.Errorf("validation: %v is named twice in one call", key(item))
		}
		seen[key(item)] = true
	}
	return nil
}

func same[K any](key K) K { return key }
