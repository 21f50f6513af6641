package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/refusal"
)

// routes are the operations with what they are made of.
type routes struct {
	config Config
	huma   huma.API
}

// documented is an operation's API that describes bodies by hand: they are read by the use case, which is stricter than a
// schema and names all faults at once.
type documented struct {
	huma.API
	body *huma.RequestBody
}

// DocumentOperation is of huma.OperationDocumenter.
func (d documented) DocumentOperation(op *huma.Operation) {
	op.RequestBody = d.body
	d.OpenAPI().AddOperation(op)
}

// operation describes an operation and what may refuse it.
type operation struct {
	huma.Operation
	body    *huma.RequestBody
	refused []int
}

// register adds an operation. Its errors become problems, of which those that are our own trouble are noted for the log.
func register[O any](r *routes, op operation, do func(ctx context.Context, in *request) (*O, error)) {
	op.SkipValidateParams, op.SkipValidateBody = true, true
	op.Security = security()
	op.Responses = r.responses(op.Responses, op.refused)
	huma.Register(documented{r.huma, op.body}, op.Operation, func(ctx context.Context, in *request) (*O, error) {
		out, err := do(ctx, in)
		if err == nil {
			return out, nil
		}
		if refusal.Of(err) == nil {
			in.answer.trouble = err
		}
		return nil, problemOf(err)
	})
}

// responses adds the problems that every operation may answer, and the operation's own, to its responses.
func (r *routes) responses(own map[string]*huma.Response, refused []int) map[string]*huma.Response {
	if own == nil {
		own = map[string]*huma.Response{}
	}
	common := []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusTooManyRequests, http.StatusServiceUnavailable}
	for _, status := range append(common, refused...) {
		own[statusText(status)] = problemResponse(r.huma.OpenAPI(), status)
	}
	return own
}
