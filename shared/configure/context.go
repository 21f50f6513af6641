package configure

import (
	"context"
	"slices"
	"time"

	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// facts are the settings and secrets that an organization's interfaces and sources are checked against.
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

// usable reports whether the organization has a secret of that name, without faults.
func (f *facts) usable(secret string) bool {
	_, there := f.context.Secrets[secret]
	return there
}

// at is when a secret's version that is known was written.
func (f *facts) at(secret string) version {
	for _, v := range f.versions {
		if v.Kind == parameter.Secret && v.Name == secret {
			return v
		}
	}
	return version{}
}

// dependent is what is made of a task and checked against other parameters.
type dependent interface {
	comparable
	of() *task
}

// contexts reads the settings and secrets that are to be checked against.
func contexts[D dependent](ctx context.Context, r *run, all []D) (map[string]*facts, error) {
	contexts := map[string]*facts{}
	if len(all) == 0 {
		return contexts, nil
	}
	stage, err := r.Facts.Facts(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, d := range all {
		organization := d.of().Organization
		if contexts[organization] != nil {
			continue
		}
		own, err := r.Facts.Facts(ctx, organization)
		if err != nil {
			return nil, err
		}
		contexts[organization] = gather(stage, own)
	}
	return contexts, nil
}

// rounds bounds how often a group is checked again because what it is checked against changed meanwhile.
const rounds = 3

// state is what an organization's parameters are checked against, as it was read.
type state[S any] interface{ same(other S) bool }

// steady checks and writes until what was checked against, which read reads by organization, is what the table holds after
// the writing, and returns those of which that is so; check and write return those to go on with.
func steady[D dependent, S state[S]](
	ctx context.Context, r *run, all []D, read func(context.Context, *run, []D) (map[string]S, error),
	check func(context.Context, []D, map[string]S) ([]D, error), write func(context.Context, []D) ([]D, error),
) ([]D, error) {
	against, err := read(ctx, r, all)
	if err != nil {
		return nil, err
	}
	var done []D
	for work, round := all, 0; len(work) > 0 && round < rounds; round++ {
		if work, err = check(ctx, work, against); err != nil {
			return nil, err
		}
		if work, err = write(ctx, work); err != nil {
			return nil, err
		}
		latest, err := read(ctx, r, work)
		if err != nil {
			return nil, err
		}
		var again []D
		for _, d := range work {
			if organization := d.of().Organization; latest[organization].same(against[organization]) {
				done = append(done, d)
			} else {
				again = append(again, d)
			}
		}
		against, work = latest, again
	}
	return done, nil
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
