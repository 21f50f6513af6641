package control

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/web"
)

const secretPath = "/secrets/{name}"

// secretOutput says whether a secret was made.
type secretOutput struct{ Status int }

func (r *routes) secrets() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "putSecret", Method: http.MethodPut, Path: secretPath, Tags: []string{"secrets"}, Summary: "Write a secret",
			Description:   "A secret is sent to its hosts only. It is in force within minutes, and is never answered.",
			DefaultStatus: http.StatusNoContent,
			Responses:     map[string]*huma.Response{"201": {Description: "The secret was made."}, "204": {Description: "The secret was replaced."}},
		}, Refused: []int{http.StatusConflict}, Texts: writing(), Body: web.BodyOf(secretSchema(), secretExample(), web.JSON)},
		asked: asked{need: access.Alter, places: []place{secretName()}, bodies: jsonBody()},
	}, r.putSecret)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "deleteSecret", Method: http.MethodDelete, Path: secretPath, Tags: []string{"secrets"}, Summary: "Delete a secret",
			Description: "Interfaces that name it become invalid.", Responses: also("204", "The secret is gone."),
		}, Refused: []int{http.StatusConflict, http.StatusNotFound}, Texts: writing()},
		asked: asked{need: access.Alter, places: []place{secretName().loose()}},
	}, r.deleteSecret)
}

func (r *routes) putSecret(ctx context.Context, c *caller) (*secretOutput, error) {
	created, err := r.config.Manage.PutSecret(ctx, c.Who, c.path("name"), c.body)
	if err != nil {
		return nil, err
	}
	if created {
		return &secretOutput{http.StatusCreated}, nil
	}
	return &secretOutput{http.StatusNoContent}, nil
}

func (r *routes) deleteSecret(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.DeleteSecret(ctx, c.Who, c.path("name")))
}
