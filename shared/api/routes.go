package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

// routes are the operations with what they are made of.
type routes struct {
	config Config
	huma   huma.API
}

type request = web.Request

// register adds an operation on records.
func register[O any](r *routes, op web.Operation, do func(ctx context.Context, in *request) (*O, error)) {
	op.Texts = texts()
	web.Register(r.huma, op, do)
}

// texts say what refusals mean here.
func texts() map[int]string {
	return map[int]string{
		http.StatusNotFound:              "There is no such record.",
		http.StatusConflict:              "Another program wrote the record in a form that is no record's; or, with Retry-After, the same create is under way.",
		http.StatusPreconditionFailed:    "The record is not in the state that If-Match or If-None-Match expects.",
		http.StatusRequestEntityTooLarge: "The body or the record is too large.",
	}
}

// door lets in whoever has a key of the organization in the path, or, where there is none, a key of any.
func (c Config) door(scope access.Scope) web.Door {
	return func(ctx context.Context, token, organization string) (access.Key, error) {
		if organization == "" {
			return c.Gate.Own(ctx, token, scope)
		}
		return c.Gate.Key(ctx, token, organization, scope)
	}
}

// recordOf is the request as one about the record that the path names.
func recordOf(in *request, by access.Key, body []byte) records.Request {
	return records.Request{
		Key:    change.Key{Organization: in.Path("organization"), Entity: in.Path("entity"), ID: in.Path("id")},
		Origin: by.Origin, IfMatch: in.Header("If-Match"), IfNoneMatch: in.Header("If-None-Match"), Body: body,
	}
}
