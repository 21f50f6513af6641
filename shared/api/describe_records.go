package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/records"
)

func describeGet(api *huma.OpenAPI) operation {
	return operation{
		Operation: huma.Operation{
			OperationID: "getRecord", Method: http.MethodGet, Path: recordPath, Tags: []string{"records"},
			Summary: "Read a record", Description: "Needs the scope records:read.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("Answers 304 if the record still is in one of these states.")),
			Responses:  map[string]*huma.Response{"304": {Description: "The record is in a state that If-None-Match names."}},
		},
		refused: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}
}

func describePut(api *huma.OpenAPI) operation {
	return operation{
		Operation: huma.Operation{
			OperationID: "putRecord", Method: http.MethodPut, Path: recordPath, Tags: []string{"records"},
			Summary: "Write a record",
			Description: "The body becomes the record's data, whether the record is there or not. A write that changes nothing makes " +
				"no version. Needs the scope records:write.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("With * the record is only made, never replaced.")),
			Responses:  created(api, reflect.TypeFor[recordBody](), "The record was made."),
		},
		body: bodyOfType(dataSchema(), contactExample(), jsonType),
		refused: []int{
			http.StatusBadRequest, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		},
	}
}

func describePatch(*huma.OpenAPI) operation {
	return operation{
		Operation: huma.Operation{
			OperationID: "patchRecord", Method: http.MethodPatch, Path: recordPath, Tags: []string{"records"},
			Summary:     "Change a record",
			Description: "The body is merged into the record's data (RFC 7396): null removes a field. Needs the scope records:write.",
			Parameters:  append(recordParameters(), ifMatch(), ifNoneMatch("The change is not made in one of these states.")),
		},
		body: bodyOfType(dataSchema(), map[string]any{"role": "MEMBER", "individualContact": map[string]any{"email": nil}}, mergeType, jsonType),
		refused: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity,
		},
	}
}

func describeDelete(*huma.OpenAPI) operation {
	return operation{
		Operation: huma.Operation{
			OperationID: "deleteRecord", Method: http.MethodDelete, Path: recordPath, Tags: []string{"records"},
			Summary: "Delete a record", Description: "Answers alike for a record that is gone already. Needs the scope records:write.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("The record is not deleted in one of these states.")),
			Responses:  map[string]*huma.Response{"204": {Description: "The record is gone."}},
		},
		refused: []int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}
}

func describeBulk(api *huma.OpenAPI) operation {
	item := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"id", "data"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"id": idSchema(), "data": dataSchema()},
	}
	list := &huma.Schema{Type: huma.TypeArray, Items: item, MinItems: number(1), MaxItems: number(records.MostItems)}
	wrapped := &huma.Schema{Type: huma.TypeObject, Required: []string{"items"}, Properties: map[string]*huma.Schema{"items": list}}
	return operation{
		Operation: huma.Operation{
			OperationID: "putRecords", Method: http.MethodPost, Path: recordsPath, Tags: []string{"records"},
			Summary: "Write up to 100 records",
			Description: "Each record is written as PUT does, with its own outcome: one that is refused does not stop the others. " +
				"Records of one id are written one after another. The list may also be sent alone. Needs the scope records:write.",
			Parameters: recordsParameters(),
		},
		body: bodyOfType(
			&huma.Schema{AnyOf: []*huma.Schema{wrapped, list}},
			map[string]any{"items": []any{map[string]any{"id": "4711", "data": contactExample()}}}, jsonType),
		refused: []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity},
	}
}

func describePage(*huma.OpenAPI) operation {
	query := func(name, text string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: text, Schema: schema}
	}
	limit := &huma.Schema{Type: huma.TypeInteger, Minimum: bound(1), Maximum: bound(records.MostLimit), Default: records.DefaultLimit}
	text := &huma.Schema{Type: huma.TypeString}
	return operation{
		Operation: huma.Operation{
			OperationID: "listRecords", Method: http.MethodGet, Path: recordsPath, Tags: []string{"records"},
			Summary: "List records", Description: "A page of the records by their ids. Needs the scope records:read.",
			Parameters: append(recordsParameters(),
				query("limit", "The most records of the page.", limit),
				query("cursor", "What next said on the page before.", text),
				query("email", "Contacts with this e-mail address only, in any case. With phone: with both.",
					&huma.Schema{Type: huma.TypeString, Format: "email"}),
				query("phone", "Contacts with this phone number only, in its international form; the plus sign is written %2B.", text)),
		},
		refused: []int{http.StatusBadRequest, http.StatusUnprocessableEntity},
	}
}

// created describes an answer 201 of the type that 200 has.
func created(api *huma.OpenAPI, body reflect.Type, text string) map[string]*huma.Response {
	schema := api.Components.Schemas.Schema(body, true, "")
	return map[string]*huma.Response{"201": {Description: text, Content: map[string]*huma.MediaType{jsonType: {Schema: schema}}}}
}
