package inbound

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/platform"
	"crmhook/shared/proof"
	"crmhook/shared/refusal"
	"crmhook/shared/secret"
)

// method is 405 for what the action does not take. What is not in the table is refused later, by name, to those who may
// know.
func (d *door) method(context.Context) error {
	methods := []string{http.MethodGet, http.MethodPost}
	if d.known {
		methods = d.action.Methods()
	}
	for _, m := range methods {
		if d.request.Method == m {
			return nil
		}
	}
	r := refusal.New(http.StatusMethodNotAllowed, "use %s", strings.Join(methods, " or "))
	r.Allow = methods
	return r
}

// size is 413: a body is taken whole or not at all.
func (d *door) size(context.Context) error {
	most := platform.MostBody
	if d.known {
		most = d.action.MostBody
	}
	if len(d.request.Body) <= most {
		return nil
	}
	return refusal.New(http.StatusRequestEntityTooLarge, "the body has %d bytes; at most %d are taken: send less at a time", len(d.request.Body), most)
}

// Headers that CRM360 names.
const (
	tokenHeader    = "x-crm360api-token"
	customerHeader = "x-crm360api-customername"
	databaseHeader = "x-crm360api-databasealias"
)

// who lets in whoever has a key that allows this, or the platform's own proof. What is refused costs the same work whether
// the path means an organization or not.
func (d *door) who(ctx context.Context) error {
	var err error
	if d.organization, err = d.Customers.Customer(ctx, d.request.Customer, d.request.Alias); err != nil {
		return fmt.Errorf("find customer: %w", err)
	}
	refused := error(gate.Unknown())
	if token := d.token(); token != "" {
		key, err := d.Gate.Key(ctx, token, d.organization, d.scope())
		switch {
		case err == nil:
			d.by = "key " + key.Name
			return d.sameNames()
		case refusal.Of(err) == nil:
			return err
		}
		refused = err
	}
	result, err := d.prove(ctx)
	switch {
	case err != nil || result.Good:
		return err
	case result.Damaged && refusal.Of(refused).Status == http.StatusUnauthorized:
		return refusal.New(http.StatusBadRequest, "the body is not UTF-8 text, so a signature over it cannot be checked: send it as UTF-8")
	}
	return refused
}

// token is the key's, as CRM360 or as OAuth sends it.
func (d *door) token() string {
	if token := d.request.Headers[tokenHeader]; token != "" {
		return token
	}
	scheme, token, _ := strings.Cut(d.request.Headers["authorization"], " ")
	if strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	return ""
}

func (d *door) scope() access.Scope {
	if d.known {
		return d.action.Scope
	}
	return access.Triggers
}

// sameNames: the headers that name customer and database, if they are there, must say what the path says.
func (d *door) sameNames() error {
	for header, segment := range map[string]string{customerHeader: d.request.Customer, databaseHeader: d.request.Alias} {
		if value, there := d.request.Headers[header]; there && value != segment {
			return refusal.New(http.StatusForbidden, "the header %s differs from the path: it must name the same customer and database", header)
		}
	}
	return nil
}

// prove checks the proof that the organization's source for the platform asks for.
func (d *door) prove(ctx context.Context) (proof.Result, error) {
	source, err := d.source(ctx)
	if err != nil {
		return proof.Result{}, err
	}
	values, err := d.secrets(ctx, source)
	if err != nil {
		return proof.Result{}, err
	}
	result := proof.Verify(source, values, proof.Request{
		Entity: d.action.Entity, Action: d.action.Name, Headers: d.request.Headers, Query: d.request.Query, Body: d.request.Body,
	}, d.now)
	if !result.Good {
		d.Log.Info("proof refused", "organization", d.organization, "platform", d.action.Platform, "source", source.Name, "reason", result.Reason)
		return result, nil
	}
	if wait, ok := d.Gate.Shares.Take(d.organization + "/" + source.Name); !ok {
		return result, gate.TooMany(wait)
	}
	d.by, d.signedAt = "source "+source.Name, result.At
	return result, nil
}

// source is the organization's for this platform: of the SourceId, else of all. It is the zero Source, which proves nothing,
// where there is none.
func (d *door) source(ctx context.Context) (access.Source, error) {
	if d.organization == "" || !d.known {
		return access.Source{}, nil
	}
	names := []string{d.action.Platform}
	if id, err := strconv.Atoi(one(d.request.Query, "SourceId")); err == nil {
		names = access.SourceNames(d.action.Platform, id)
	}
	found, err := d.Sources.Sources(ctx, d.organization, names)
	if err != nil {
		return access.Source{}, fmt.Errorf("read source: %w", err)
	}
	for _, name := range names {
		if source, ok := found[name]; ok {
			return source, nil
		}
	}
	return access.Source{}, nil
}

// secrets are the values of the source's, as far as they can be had. It is our own trouble where none can.
func (d *door) secrets(ctx context.Context, source access.Source) ([]string, error) {
	if len(source.Secrets) == 0 {
		return nil, nil
	}
	names := make([]secret.Name, len(source.Secrets))
	for i, name := range source.Secrets {
		names[i] = secret.Name{Organization: d.organization, Name: name}
	}
	found, err := d.Secrets.Get(ctx, names)
	if len(found) == 0 {
		return nil, fmt.Errorf("read secrets of source %s: %w", source.Name, err)
	}
	var values []string
	for _, name := range names {
		if s, ok := found[name]; ok {
			values = append(values, string(s.Value))
		}
	}
	return values, nil
}
