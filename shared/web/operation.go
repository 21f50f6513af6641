package web

import (
	"cmp"
	"context"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
)

// Operation describes an operation and what may refuse it.
type Operation struct {
	huma.Operation
	// Body describes the body by hand: it is read by the use case, which is stricter than a schema and names all faults at
	// once.
	Body *huma.RequestBody
	// Says is what the answer holds where all is well; an operation may describe its answers itself.
	Says string
	// Refused are the statuses of the operation's refusals beside those that every operation has, and Texts what they mean
	// where it is not what they mean everywhere.
	Refused []int
	Texts   map[int]string
}

// documented is an operation's API that describes its body by hand.
type documented struct {
	huma.API
	body *huma.RequestBody
}

// DocumentOperation is of huma.OperationDocumenter.
func (d documented) DocumentOperation(op *huma.Operation) {
	op.RequestBody = d.body
	d.OpenAPI().AddOperation(op)
}

// Register adds an operation. Its errors become problems, of which those that are our own trouble are noted for the log.
func Register[O any](api huma.API, op Operation, do func(ctx context.Context, in *Request) (*O, error)) {
	op.SkipValidateParams, op.SkipValidateBody = true, true
	op.Security = []map[string][]string{{BearerScheme: {}}}
	op.Operation.Responses = op.responses(api.OpenAPI())
	huma.Register(documented{api, op.Body}, op.Operation, func(ctx context.Context, in *Request) (*O, error) {
		out, err := do(ctx, in)
		if err == nil {
			return out, nil
		}
		in.answer.Trouble(err)
		return nil, ProblemOf(err)
	})
}

// responses adds the problems that every operation may answer, and the operation's own, to its responses.
func (op Operation) responses(doc *huma.OpenAPI) map[string]*huma.Response {
	own := op.Operation.Responses
	if own == nil {
		own = map[string]*huma.Response{}
	}
	if op.Says != "" {
		own[strconv.Itoa(cmp.Or(op.DefaultStatus, http.StatusOK))] = &huma.Response{Description: op.Says}
	}
	common := []int{
		http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusServiceUnavailable,
	}
	for _, status := range append(common, op.Refused...) {
		own[strconv.Itoa(status)] = ProblemResponse(doc, status, op.Texts[status])
	}
	return own
}
