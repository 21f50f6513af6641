package configure

import (
	"context"
	"errors"
	"slices"

	"crmhook/shared/parameter"
)

// listing is what one run saw of all parameters.
type listing struct {
	parameters []parameter.Parameter
	// whole says that it began with the first page and ended with the last; else next continues it.
	whole bool
	next  string
}

// sweep finds what changed: all of it while a run can list all parameters, else its part of a round.
func (r *run) sweep(ctx context.Context) {
	first, position, more, err := r.Memory.First(ctx, Known)
	if err != nil {
		r.failed(err)
		return
	}
	known := make(map[string]parameter.Seen, len(first))
	remember(known, first)
	listed, err := r.list(ctx, position.Token)
	r.failed(err)
	broken := err != nil
	next := parameter.Position{Token: listed.next}
	switch {
	case listed.whole && !more:
		r.unlisted(listed.parameters, first)
	case !broken:
		next.After = r.slice(ctx, &listed, known, position.After)
	}
	if more {
		r.recall(ctx, listed.parameters, known)
	}
	r.parameters = len(listed.parameters)
	r.compare(listed.parameters, known)
	r.apply(ctx)
	// A part of the round that there was no time for is taken again.
	if next != position && !broken && !r.incomplete {
		r.failed(r.Recorder.SavePosition(ctx, next))
	}
}

func remember(known map[string]parameter.Seen, seen []parameter.Seen) {
	for _, s := range seen {
		known[s.Name] = s
	}
}

// list reads up to Pages pages from a token on. A token that is too old starts the round anew.
func (r *run) list(ctx context.Context, token string) (listing, error) {
	l := listing{whole: token == ""}
	page, err := r.page(ctx, token)
	if errors.Is(err, parameter.ErrToken) {
		l.whole, token = true, ""
		page, err = r.page(ctx, token)
	}
	for n := 1; ; n++ {
		if err != nil {
			l.whole, l.next = false, token
			return l, err
		}
		l.parameters = append(l.parameters, page.Parameters...)
		if token = page.Next; token == "" {
			return l, nil
		}
		if n == Pages || r.late() {
			l.whole, l.next = false, token
			return l, nil
		}
		page, err = r.page(ctx, token)
	}
}

func (r *run) page(ctx context.Context, token string) (parameter.Page, error) {
	r.calls++
	return r.Parameters.List(ctx, token)
}

// unlisted takes up the known parameters that a whole listing does not show. A listing may miss one that is there, so
// each is read by name before anything is removed.
func (r *run) unlisted(listed []parameter.Parameter, known []parameter.Seen) {
	shown := make(map[string]bool, len(listed))
	for _, p := range listed {
		shown[p.Name] = true
	}
	for _, s := range known {
		if !shown[s.Name] {
			r.take(s.Name, s, parameter.Parameter{})
		}
	}
}

// slice looks up by name the next known parameters that the listing does not show, adds those that exist to it, takes up
// the others, and returns the name after which the next run goes on.
func (r *run) slice(ctx context.Context, listed *listing, known map[string]parameter.Seen, after string) string {
	part, err := r.Memory.After(ctx, after, Slice)
	if err != nil {
		r.failed(err)
		return after
	}
	remember(known, part)
	shown := make(map[string]bool, len(listed.parameters))
	for _, p := range listed.parameters {
		shown[p.Name] = true
	}
	var names []string
	for _, s := range part {
		if !shown[s.Name] {
			names = append(names, s.Name)
		}
	}
	for chunk := range slices.Chunk(names, describeSize) {
		if r.late() {
			return after
		}
		r.calls++
		found, err := r.Parameters.Describe(ctx, chunk)
		if err != nil {
			r.failed(err)
			return after
		}
		listed.parameters = append(listed.parameters, found...)
		for _, p := range found {
			shown[p.Name] = true
		}
		for _, name := range chunk {
			if !shown[name] {
				r.take(name, known[name], parameter.Parameter{})
			}
		}
	}
	if len(part) < Slice {
		return ""
	}
	return part[len(part)-1].Name
}

// recall reads what is remembered of listed parameters beyond the first.
func (r *run) recall(ctx context.Context, listed []parameter.Parameter, known map[string]parameter.Seen) {
	var names []string
	asked := map[string]bool{}
	for _, p := range listed {
		if _, there := known[p.Name]; !there && !asked[p.Name] {
			asked[p.Name] = true
			names = append(names, p.Name)
		}
	}
	seen, err := r.Memory.ByName(ctx, names)
	r.failed(err)
	remember(known, seen)
}

// compare takes up what is listed in another version than the one remembered, or waits to be checked again.
func (r *run) compare(listed []parameter.Parameter, known map[string]parameter.Seen) {
	for _, p := range listed {
		if s := known[p.Name]; !s.Current(p) {
			r.take(p.Name, s, p)
		}
	}
}
