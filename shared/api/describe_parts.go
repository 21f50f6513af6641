package api

import (
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/records"
	"crmhook/shared/web"
)

func recordsParameters() []*huma.Param {
	return []*huma.Param{
		web.PathParameter("organization", "The organization of the key.", records.OrganizationPattern),
		web.PathParameter("entity", "The kind of the records, such as contact or order.", records.EntityPattern),
	}
}

func recordParameters() []*huma.Param {
	return append(recordsParameters(), web.PathParameter(
		"id", "The record's id; a contact's is its contactNumber and has at most 20 characters.", records.IDPattern))
}

func idSchema() *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: records.IDPattern, Description: "The record's id."}
}

func ifMatch() *huma.Param {
	return web.HeaderParameter("If-Match", "Entity tags, or * for any state: the request is refused with 412 unless the record is there in one of them.")
}

func ifNoneMatch(text string) *huma.Param {
	return web.HeaderParameter("If-None-Match", "Entity tags, or * for any state. "+text)
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
