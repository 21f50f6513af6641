package scan

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/hook"
)

// kept bounds the organizations whose interfaces a warm process keeps.
const kept = 2_000

// routes are the interfaces of organizations, read anew when an organization's stamp is another. The zero value holds none.
type routes struct {
	mu             sync.Mutex
	byOrganization map[string]stamped
}

type stamped struct {
	stamp      string
	interfaces []hook.Interface
}

// of gives the interfaces of organizations: one batch for all stamps, and one query for each organization that has
// changed. The stamp is read before the interfaces, so that they are never older than it says.
func (r *routes) of(ctx context.Context, from Configuration, organizations []string) (map[string][]hook.Interface, error) {
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
	err = side(stale, func(organization string) error {
		interfaces, err := from.Organization(ctx, organization)
		if err != nil {
			return fmt.Errorf("interfaces of %s: %w", organization, err)
		}
		mu.Lock()
		defer mu.Unlock()
		found[organization] = interfaces
		return nil
	})
	if err != nil {
		return nil, err
	}
	r.learn(stale, stamps, found)
	return found, nil
}

func (r *routes) known(stamps map[string]string) (found map[string][]hook.Interface, stale []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	found = make(map[string][]hook.Interface, len(stamps))
	for organization, stamp := range stamps {
		if k, ok := r.byOrganization[organization]; ok && k.stamp == stamp {
			found[organization] = k.interfaces
		} else {
			stale = append(stale, organization)
		}
	}
	return found, stale
}

func (r *routes) learn(organizations []string, stamps map[string]string, found map[string][]hook.Interface) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byOrganization == nil || len(r.byOrganization)+len(organizations) > kept {
		r.byOrganization = map[string]stamped{}
	}
	for _, organization := range organizations {
		r.byOrganization[organization] = stamped{stamps[organization], found[organization]}
	}
}

// routed reports whether a change can go to a contact webhook. A deleted contact is not sent, and its delete needs no
// row: send reads the record at each attempt, so where one waits or is in flight it finds the contact gone.
func routed(c change.Change) bool {
	return c.Entity == change.Contact && (c.Kind == change.Create || c.Kind == change.Edit)
}

// route names the interfaces that want a change.
func route(c change.Change, interfaces []hook.Interface) []hook.Interface {
	if !routed(c) || len(interfaces) == 0 {
		return nil
	}
	data := contact.Numbered(c.ID, c.New)
	var to []hook.Interface
	for _, i := range interfaces {
		if wants(i, c.Origin, data) {
			to = append(to, i)
		}
	}
	return to
}

// wants judges by origin and filter also for an interface that does not work now: its changes wait until it does. What an
// invalid one wants is not known, so everything waits; send judges again.
func wants(i hook.Interface, origin string, data map[string]any) bool {
	return i.Hook == nil || i.Hook.Wants(origin) && i.Hook.Matches(data)
}

// side does something for each of a list, some at once.
func side(list []string, do func(string) error) error {
	var wait sync.WaitGroup
	errs := make([]error, len(list))
	slots := make(chan struct{}, parallel)
	for n, item := range list {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			errs[n] = do(item)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
