package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
)

// descriptionPath is where the API describes itself.
const descriptionPath = "/openapi.json"

// The ways to say who is calling.
const (
	bearerScheme = "token"
	headerScheme = "triggerToken"
)

// describe is the description before it has operations.
func describe() *huma.OpenAPI {
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "crmhook", Version: "1",
			Description: "Records and contacts of a CRM, and triggers of outside platforms. Every refusal is a problem document " +
				"(RFC 9457) that names everything that is wrong with the request. Requests are checked in this order: path and method " +
				"(404, 405), size (413), who is calling (401, 403, 429), then the rest (400 for what cannot be read, 422 for what can). " +
				"With 503 it is not known whether the request was carried out: all of them may be sent again.",
		},
		Servers: []*huma.Server{{URL: ".", Description: "Where this description is."}},
		Tags: []*huma.Tag{
			{Name: "records", Description: "Records of any entity."},
			{Name: "contacts", Description: "Contacts as SecuTix's ContactInformationPublicService has them."},
			{Name: "triggers", Description: "Triggers of outside platforms (CRM360 QueueProcess)."},
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				bearerScheme: {Type: "http", Scheme: "bearer", Description: "A key's token. The key belongs to one organization and has scopes."},
				headerScheme: {Type: "apiKey", In: "header", Name: "X-Crm360Api-Token", Description: "A key's token, for triggers."},
			},
		},
	}
}

// schemaName is a type's name without what it is in the code.
func schemaName(t reflect.Type, hint string) string {
	return strings.TrimSuffix(huma.DefaultSchemaNamer(t, hint), "Body")
}

func security() []map[string][]string { return []map[string][]string{{bearerScheme: {}}} }

// description answers the description. It is written once, when it is first asked for: a start need not wait for it.
type description struct{ text func() ([]byte, error) }

func newDescription(of *huma.OpenAPI) description {
	return description{sync.OnceValues(func() ([]byte, error) {
		// These are huma's own errors, which no operation answers.
		schemas := of.Components.Schemas.Map()
		delete(schemas, "ErrorModel")
		delete(schemas, "ErrorDetail")
		return json.Marshal(of)
	})}
}

// ServeHTTP is of http.Handler.
func (d description) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	a, _ := w.(*answer)
	text, err := d.text()
	if err != nil {
		a.trouble = err
		a.refuse(problemOf(err))
		return
	}
	a.header.Set("Content-Type", "application/openapi+json")
	a.body.Write(text)
}

// problemResponse describes a refusal.
func problemResponse(api *huma.OpenAPI, status int) *huma.Response {
	schema := api.Components.Schemas.Schema(reflect.TypeFor[problem](), true, "Problem")
	response := &huma.Response{
		Description: problemText(status), Content: map[string]*huma.MediaType{problemType: {Schema: schema}},
	}
	switch status {
	case http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusConflict:
		response.Headers = map[string]*huma.Param{"Retry-After": {
			Description: "Seconds until it is worth trying again.", Schema: &huma.Schema{Type: huma.TypeInteger},
		}}
	case http.StatusMethodNotAllowed:
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
	case http.StatusNotFound:
		return "There is no such record."
	case http.StatusMethodNotAllowed:
		return "The action is not taken by this method."
	case http.StatusConflict:
		return "Another program wrote the record in a form that is no record's; or, with Retry-After, the same create is under way."
	case http.StatusPreconditionFailed:
		return "The record is not in the state that If-Match or If-None-Match expects."
	case http.StatusRequestEntityTooLarge:
		return "The body or the record is too large."
	case http.StatusUnprocessableEntity:
		return "The request has faults. Nothing was done."
	case http.StatusTooManyRequests:
		return "The key's share is used up."
	case http.StatusServiceUnavailable:
		return "Something on our side does not work just now."
	}
	return http.StatusText(status)
}

func statusText(status int) string { return strconv.Itoa(status) }
