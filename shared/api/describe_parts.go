package api

import (
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/records"
)

func pathParameter(name, text, pattern string) *huma.Param {
	return &huma.Param{
		Name: name, In: "path", Required: true, Description: text, Schema: &huma.Schema{Type: huma.TypeString, Pattern: pattern},
	}
}

func recordsParameters() []*huma.Param {
	return []*huma.Param{
		pathParameter("organization", "The organization of the key.", records.OrganizationPattern),
		pathParameter("entity", "The kind of the records, such as contact or order.", records.EntityPattern),
	}
}

func recordParameters() []*huma.Param {
	return append(recordsParameters(), &huma.Param{
		Name: "id", In: "path", Required: true, Description: "The record's id; a contact's is its contactNumber and has at most 20 characters.",
		Schema: idSchema(),
	})
}

func idSchema() *huma.Schema { return &huma.Schema{Type: huma.TypeString, Pattern: records.IDPattern} }

func header(name, text string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: text, Schema: &huma.Schema{Type: huma.TypeString}}
}

func ifMatch() *huma.Param {
	return header("If-Match", "Entity tags, or * for any state: the request is refused with 412 unless the record is there in one of them.")
}

func ifNoneMatch(text string) *huma.Param {
	return header("If-None-Match", "Entity tags, or * for any state. "+text)
}

// dataSchema is what a record may hold.
func dataSchema() *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: true,
		Description: "Any object, of at most 380,000 bytes as JSON: up to 28 objects and lists within each other, numbers of up to 38 digits.",
	}
}

func contactExample() map[string]any {
	return map[string]any{
		"contactNumber": "4711", "role": "MEMBER",
		"individualContact": map[string]any{"individualFirstname": "Jane", "individualLastname": "Example", "email": "jane@example.com"},
	}
}

// bodyOfType describes a body that must be given.
func bodyOfType(schema *huma.Schema, example any, types ...string) *huma.RequestBody {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for _, media := range types {
		body.Content[media] = &huma.MediaType{Schema: schema, Example: example}
	}
	return body
}

func number(n int) *int { return &n }

func bound(n float64) *float64 { return &n }
