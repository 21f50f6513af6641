package api

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/web"
)

// descriptionPath is where the API describes itself.
const descriptionPath = "/openapi.json"

// document is the description before it has operations.
func document() *huma.OpenAPI {
	doc := web.NewDocument()
	doc.Info = &huma.Info{
		Title: "crmhook", Version: "1",
		Description: "Records and contacts of a CRM, and triggers of outside platforms. Every refusal is a problem document " +
			"(RFC 9457) that names everything that is wrong with the request. Requests are checked in this order: path and method " +
			"(404, 405), size (413), who is calling (401, 403, 429), then the rest (400 for what cannot be read, 422 for what can). " +
			"With 503 it is not known whether the request was carried out: all of them may be sent again.",
	}
	doc.Tags = []*huma.Tag{
		{Name: "records", Description: "Records of any entity."},
		{Name: "contacts", Description: "Contacts as SecuTix's ContactInformationPublicService has them."},
		{Name: "triggers", Description: "Triggers of outside platforms (CRM360 QueueProcess)."},
	}
	return doc
}

// description answers the description. It is written once, when it is first asked for: a start need not wait for it.
type description struct{ text func() ([]byte, error) }

func newDescription(of *huma.OpenAPI, more []func(*huma.OpenAPI)) description {
	return description{sync.OnceValues(func() ([]byte, error) {
		for _, describe := range more {
			describe(of)
		}
		// These are huma's own errors, which no operation answers.
		schemas := of.Components.Schemas.Map()
		delete(schemas, "ErrorModel")
		delete(schemas, "ErrorDetail")
		return json.Marshal(of)
	})}
}

// ServeHTTP is of http.Handler.
func (d description) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	text, err := d.text()
	if err != nil {
		web.AnswerOf(w).Fail(err)
		return
	}
	w.Header().Set("Content-Type", "application/openapi+json")
	// An answer takes all that is written to it.
	_, _ = w.Write(text)
}
