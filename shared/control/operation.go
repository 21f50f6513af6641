package control

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

// operation is an operation with what it takes. Its path is the one after the organization's.
type operation struct {
	web.Operation
	asked
}

const organizationPath = "/organizations/{organization}"

// register adds an operation.
func register[O any](r *routes, op operation, do func(ctx context.Context, c *caller) (*O, error)) {
	op.Path = organizationPath + op.Path
	op.Parameters = slices.Concat(op.placesOf(), op.queryOf(), op.Parameters)
	op.Description = joined(op.Description, needs(op.need))
	op.Refused = append(op.Refused, http.StatusBadRequest, http.StatusUnprocessableEntity)
	if len(op.bodies) > 0 {
		op.Refused = append(op.Refused, http.StatusRequestEntityTooLarge)
	}
	op.Texts = texts(op.Texts)
	web.Register(r.huma, op.Operation, func(ctx context.Context, in *web.Request) (*O, error) {
		c, err := r.ask(ctx, in, op.asked)
		if err != nil {
			return nil, err
		}
		return do(ctx, c)
	})
}

func joined(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}

// needs says which keys may do it.
func needs(need access.Need) string {
	switch need {
	case access.Look:
		return "Needs the scope manage, or operate:read of an operator."
	case access.Redo:
		return "Needs the scope manage, or operate:replay of an operator."
	case access.Alter:
	}
	return "Needs the scope manage."
}

// texts say what refusals mean here, where the operation does not.
func texts(own map[int]string) map[int]string {
	all := map[int]string{
		http.StatusForbidden:          "The key has not the scope, or belongs to another organization, whether the asked one exists or not.",
		http.StatusNotFound:           "There is nothing of that name or id.",
		http.StatusPreconditionFailed: "It is not in the state that If-Match or If-None-Match expects: read it again, and decide anew.",
	}
	maps.Copy(all, own)
	return all
}

// listOf is a part of a list.
type listOf[B any] struct {
	Items []B     `json:"items" nullable:"false" doc:"The entries: newest first, or by their names where they have no time."`
	Next  *string `json:"next" doc:"The cursor of the next page, null at the end." example:"TM4bqkQkZV9jcm0"`
}

type pageOutput[B any] struct{ Body listOf[B] }

// answerPage answers a page as it is shown.
func answerPage[V, B any](c *caller, p manage.Page[V], err error, show func(V) B) (*pageOutput[B], error) {
	if err != nil {
		return nil, err
	}
	out := &pageOutput[B]{Body: listOf[B]{Items: make([]B, len(p.Items)), Next: c.cursor(p.Next)}}
	for i, v := range p.Items {
		out.Body.Items[i] = show(v)
	}
	return out, nil
}

// also describes a further answer, which has no body.
func also(status, text string) map[string]*huma.Response {
	return map[string]*huma.Response{status: {Description: text}}
}

// startedBody is what was asked for and goes on by itself.
type startedBody struct {
	ID string `json:"id" doc:"What goes on: the execution, the test's delivery, or what is replayed." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
}

type startedOutput struct{ Body startedBody }

// answerStarted answers what goes on.
func answerStarted(is manage.Started, err error) (*startedOutput, error) {
	if err != nil {
		return nil, err
	}
	return &startedOutput{startedBody(is)}, nil
}

// done answers without a body.
func done(err error) (*struct{}, error) { return nil, err }

// filled is a list that is never null.
func filled[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
