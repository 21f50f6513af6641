package configure

import (
	"context"
	"slices"
	"time"

	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// facts are the settings and secrets that an organization's interfaces are checked against.
type facts struct {
	context hook.Context
	// versions tell one state of them from another.
	versions []version
}

type version struct {
	parameter.Path
	number   int64
	modified time.Time
}

func (f *facts) same(other *facts) bool { return slices.Equal(f.versions, other.versions) }

// contexts reads what the organizations' interfaces are to be checked against.
func (r *run) contexts(ctx context.Context, all []*candidate) (map[string]*facts, error) {
	contexts := map[string]*facts{}
	if len(all) == 0 {
		return contexts, nil
	}
	stage, err := r.Facts.Facts(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if contexts[c.Organization] != nil {
			continue
		}
		own, err := r.Facts.Facts(ctx, c.Organization)
		if err != nil {
			return nil, err
		}
		contexts[c.Organization] = gather(stage, own)
	}
	return contexts, nil
}

// gather makes a context of the stage's and the organization's settings and secrets. Those with faults count as not
// there.
func gather(stage, own []parameter.Fact) *facts {
	f := &facts{context: hook.Context{Secrets: map[string][]string{}}}
	for _, fact := range slices.Concat(stage, own) {
		kind := fact.String()
		if fact.Kind != parameter.Secret && kind != firstProductDate && kind != allowedNetworks {
			continue
		}
		f.versions = append(f.versions, version{fact.Path, fact.Version, fact.Modified.UTC()})
		switch {
		case !fact.Usable():
		case fact.Kind == parameter.Secret:
			f.context.Secrets[fact.Name] = fact.Hosts
		case kind == allowedNetworks:
			// It was checked when it was kept.
			list, _ := networks(fact.Value)
			f.context.AllowedNetworks = append(f.context.AllowedNetworks, list...)
		case fact.Organization != "":
			f.context.FirstProductDate, _ = day(fact.Value)
		}
	}
	return f
}
