package scan

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"crmhook/shared/parallel"
)

// kept bounds the organizations whose interfaces and rules a warm process keeps.
const kept = 2_000

// routes are the interfaces and rules of organizations, read anew when an organization's stamp is another. The zero value
// holds none.
type routes struct {
	mu             sync.Mutex
	byOrganization map[string]stamped
}

type stamped struct {
	stamp      string
	interfaces *interfaces
}

// of gives the interfaces and rules of organizations: one batch for all stamps, and one query for each organization that has
// changed. The stamp is read before them, so that they are never older than it says.
func (r *routes) of(ctx context.Context, from Configuration, organizations []string) (map[string]*interfaces, error) {
	organizations = slices.Compact(slices.Sorted(slices.Values(organizations)))
	if len(organizations) == 0 {
		return nil, nil
	}
	stamps, err := from.Stamps(ctx, organizations)
	if err != nil {
		return nil, err
	}
	found, stale := r.known(stamps)
	if len(stale) == 0 {
		return found, nil
	}
	var mu sync.Mutex
	err = parallel.Each(len(stale), readAtOnce, func(i int) error {
		organization := stale[i]
		list, rules, err := from.Routes(ctx, organization)
		if err != nil {
			return fmt.Errorf("interfaces and rules of %s: %w", organization, err)
		}
		mu.Lock()
		defer mu.Unlock()
		found[organization] = sorted(list, rules)
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.learn(stale, stamps, found)
	return found, nil
}

func (r *routes) known(stamps map[string]string) (found map[string]*interfaces, stale []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found = make(map[string]*interfaces, len(stamps))
	for organization, stamp := range stamps {
		if k, ok := r.byOrganization[organization]; ok && k.stamp == stamp {
			found[organization] = k.interfaces
		} else {
			stale = append(stale, organization)
		}
	}
	return found, stale
}

func (r *routes) learn(organizations []string, stamps map[string]string, found map[string]*interfaces) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byOrganization == nil || len(r.byOrganization)+len(organizations) > kept {
		r.byOrganization = map[string]stamped{}
	}
	for _, organization := range organizations {
		r.byOrganization[organization] = stamped{stamps[organization], found[organization]}
	}
}
