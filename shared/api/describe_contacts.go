package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/contact"
	"crmhook/shared/web"
)

func describeSave(api *huma.OpenAPI) web.Operation {
	data := dataSchema()
	data.Description = "The contact, in the shape of getContactData. " + data.Description
	schema := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"individualContactData"}, Properties: map[string]*huma.Schema{"individualContactData": data},
	}
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "saveIndividualContactData", Method: http.MethodPost, Path: savePath, Tags: []string{"contacts"},
			Summary: "Create or update a contact",
			Description: "With a contactNumber the data is merged into that contact (RFC 7396), without one a contact with a new number is " +
				"made. The organization is the key's. Needs the scope records:write.",
			Parameters: []*huma.Param{web.HeaderParameter("Idempotency-Key", "Up to 255 printable characters, new for each contact: a create that is sent again "+
				"within 7 days makes no second contact, and answers the number of the first.")},
			Responses: created(api, reflect.TypeFor[savedBody](), "The contact was made."),
		},
		Says: "The contact was changed, or was so already.",
		Body: web.BodyOf(schema, map[string]any{"individualContactData": map[string]any{
			"role": "MEMBER", "individualContact": map[string]any{"individualLastname": "Example", "email": "jane@example.com"},
		}}, web.JSON),
		Refused: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		},
	}
}

func describeRead(*huma.OpenAPI) web.Operation {
	groups := &huma.Schema{Type: huma.TypeString}
	for _, name := range contact.All.Names() {
		groups.Enum = append(groups.Enum, name)
	}
	schema := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"contactNumber"},
		Properties: map[string]*huma.Schema{
			"contactNumber": {Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(contact.NumberLength), Description: "Whose data is asked for."},
			"details":       {Type: huma.TypeArray, Items: groups, Description: "What is asked of the contact; GENERAL where nothing is."},
		},
	}
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "getContactData", Method: http.MethodPost, Path: readPath, Tags: []string{"contacts"},
			Summary: "Read a contact", Description: "What the contact has of the details, as webhooks send it. Needs the scope records:read.",
		},
		Says: "What the contact has.",
		Body: web.BodyOf(schema, map[string]any{"contactNumber": "4711", "details": []any{"GENERAL", "ADDRESSES"}}, web.JSON),
		Refused: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		},
	}
}
