package web

import (
	"cmp"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// The ways to say who is calling.
const (
	BearerScheme = "token"
	HeaderScheme = "triggerToken"
)

// NewAPI registers operations with a router and describes them in a document.
func NewAPI(mux *http.ServeMux, doc *huma.OpenAPI) huma.API {
	return humago.New(mux, huma.Config{
		OpenAPI: doc,
		Formats: map[string]huma.Format{JSON: huma.DefaultJSONFormat, "json": huma.DefaultJSONFormat},
	})
}

// NewDocument is a description that has no operations yet.
func NewDocument() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Servers: []*huma.Server{{URL: ".", Description: "Where this description is."}},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				BearerScheme: {Type: "http", Scheme: "bearer", Description: "A key's token. The key belongs to one organization and has scopes."},
				HeaderScheme: {Type: "apiKey", In: "header", Name: "X-Crm360Api-Token", Description: "A key's token, for triggers."},
			},
		},
	}
}

// schemaName is a type's name without what it is in the code.
func schemaName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Body")
}

// ProblemResponse describes a refusal, with what it means everywhere where no text is given. The text of a 409 that may come
// with Retry-After says so.
func ProblemResponse(doc *huma.OpenAPI, status int, text string) *huma.Response {
	schema := doc.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	response := &huma.Response{
		Description: cmp.Or(text, problemText(status)), Content: map[string]*huma.MediaType{ProblemType: {Schema: schema}},
	}
	switch later := strings.Contains(response.Description, "Retry-After"); {
	case status == http.StatusTooManyRequests, status == http.StatusServiceUnavailable, later:
		response.Headers = map[string]*huma.Param{"Retry-After": {
			Description: "Seconds until it is worth trying again.", Schema: &huma.Schema{Type: huma.TypeInteger},
		}}
	case status == http.StatusMethodNotAllowed:
		response.Headers = map[string]*huma.Param{"Allow": {
			Description: "The methods that are taken.", Schema: &huma.Schema{Type: huma.TypeString},
		}}
	}
	return response
}

func problemText(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "The request cannot be read."
	case http.StatusUnauthorized:
		return "There is no token, or it is nobody's."
	case http.StatusForbidden:
		return "The key has not the scope, or belongs to another organization."
	case http.StatusMethodNotAllowed:
		return "The path does not take this method."
	case http.StatusInternalServerError:
		return "Something on our side broke."
	case http.StatusRequestEntityTooLarge:
		return "The body is too large."
	case http.StatusUnprocessableEntity:
		return "The request has faults. Nothing was done."
	case http.StatusTooManyRequests:
		return "The key's share is used up."
	case http.StatusServiceUnavailable:
		return "Something on our side does not work just now."
	}
	return http.StatusText(status)
}

// JSONResponse describes an answer with a body of a type.
func JSONResponse(doc *huma.OpenAPI, body reflect.Type, text string) *huma.Response {
	schema := doc.Components.Schemas.Schema(body, true, "")
	return &huma.Response{Description: text, Content: map[string]*huma.MediaType{JSON: {Schema: schema}}}
}
