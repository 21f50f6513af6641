package control

import (
	"bytes"
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"unicode/utf8"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/manage"
	"crmhook/shared/page"
	"crmhook/shared/precondition"
	"crmhook/shared/refusal"
	"crmhook/shared/web"
)

// asked is what an operation takes: it is read by it, and described by it.
type asked struct {
	need access.Need
	// places are the parts of the path after the organization, query what the query may hold.
	places []place
	query  []parameter
	// list names the list of which a page is asked for; empty for other operations.
	list string
	// bodies are the kinds of bodies that may be sent, the first one where nothing is said of it; none: bodies are not read.
	bodies []kind
	// check notes what else is wrong.
	check func(c *caller)
}

// kind is a kind of body of so many bytes at most.
type kind struct {
	media string
	most  int64
}

// caller is a request of somebody who may ask it, with all that it says.
type caller struct {
	manage.Who
	in     *web.Request
	list   manage.List
	query  url.Values
	body   []byte
	faults fault.List
	// expected is what the caller expects of what is read.
	expected precondition.Conditions
	// named is what makes the list the one it is.
	named []string
}

// one is a parameter of the query, "" where it is not given.
func (c *caller) one(name string) string { return c.query.Get(name) }

func (c *caller) path(name string) string { return c.in.Path(name) }

// ask reads a request: size first, then who calls, then the rest, of which all faults are named at once.
func (r *routes) ask(ctx context.Context, in *web.Request, a asked) (*caller, error) {
	key, body, err := r.admit(ctx, in, a)
	if err != nil {
		return nil, err
	}
	query, err := in.Query()
	if err != nil {
		return nil, err
	}
	if err := readable(in.Media(), body); err != nil {
		return nil, err
	}
	c := &caller{Who: manage.Who{Organization: in.Path("organization"), By: key.By()}, in: in, query: query, body: body}
	c.named = []string{a.list, c.Organization}
	for _, place := range a.places {
		place.check(&c.faults, in.Path(place.name))
		c.named = append(c.named, in.Path(place.name))
	}
	c.read(a)
	if a.check != nil {
		a.check(c)
	}
	if len(c.faults) > 0 {
		return nil, refusal.Faulty(http.StatusUnprocessableEntity, c.faults)
	}
	return c, nil
}

func (r *routes) admit(ctx context.Context, in *web.Request, a asked) (access.Key, []byte, error) {
	door := func(ctx context.Context, token, organization string) (access.Key, error) {
		return r.config.Gate.Managing(ctx, token, organization, a.need)
	}
	if len(a.bodies) == 0 {
		key, err := in.Admit(ctx, door)
		return key, nil, err
	}
	most, media := a.bodies[0].most, make([]string, len(a.bodies))
	for i, kind := range a.bodies {
		media[i] = kind.media
		if kind.media == in.Media() {
			most = kind.most
		}
	}
	return in.AdmitWith(ctx, door, most, media...)
}

// readable refuses a text that is no UTF-8, or was none before API Gateway put U+FFFD in its place. A file has its own ways.
func readable(media string, body []byte) error {
	if media == fileType || utf8.Valid(body) && !bytes.ContainsRune(body, utf8.RuneError) {
		return nil
	}
	var faults fault.List
	faults.Add("body", `must be UTF-8 without U+FFFD, which stands where a text was not UTF-8 when it was sent: write \ufffd where it is meant`)
	return refusal.Faulty(http.StatusBadRequest, faults)
}

// read reads the query.
func (c *caller) read(a asked) {
	known := a.parameters()
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		i := slices.IndexFunc(known, func(p parameter) bool { return p.name == name })
		switch values := c.query[name]; {
		case i < 0:
			c.faults.Add("query."+fault.Shown(name), "%s", unknown(known))
		case len(values) > 1:
			c.faults.Add("query."+name, "must be given once, found %d times", len(values))
		default:
			known[i].read(c, values[0])
		}
	}
	if a.list == "" {
		return
	}
	for _, p := range a.query {
		c.named = append(c.named, p.name+"="+c.one(p.name))
	}
	c.position()
}

// position is where the page begins that is asked for.
func (c *caller) position() {
	if !c.query.Has("cursor") {
		return
	}
	after, ok := page.Position(c.named, c.one("cursor"))
	if !ok {
		c.faults.AddValue("query.cursor", fault.Shown(c.one("cursor")), "must be what next said on the page before, of the same list with the same filters")
	}
	c.list.After = after
}

// cursor is where the page after a position begins; nil at the end.
func (c *caller) cursor(next string) *string {
	if next == "" {
		return nil
	}
	cursor := page.Cursor(c.named, next)
	return &cursor
}
