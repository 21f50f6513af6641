package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/records"
	"crmhook/shared/web"
)

func describeGet(api *huma.OpenAPI) web.Operation {
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "getRecord", Method: http.MethodGet, Path: recordPath, Tags: []string{"records"},
			Summary: "Read a record", Description: "Needs the scope records:read.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("Answers 304 if the record still is in one of these states.")),
			Responses:  unchanged(),
		},
		Says:    "The record.",
		Refused: []int{http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}
}

func describePut(api *huma.OpenAPI) web.Operation {
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "putRecord", Method: http.MethodPut, Path: recordPath, Tags: []string{"records"},
			Summary: "Write a record",
			Description: "The body becomes the record's data, whether the record is there or not. A write that changes nothing makes " +
				"no version. Needs the scope records:write.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("With * the record is only made, never replaced.")),
			Responses:  created(api, reflect.TypeFor[recordBody](), "The record was made."),
		},
		Says: "The record as it is now.",
		Body: web.BodyOf(dataSchema(), contactExample(), web.JSON),
		Refused: []int{
			http.StatusBadRequest, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity,
		},
	}
}

func describePatch(*huma.OpenAPI) web.Operation {
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "patchRecord", Method: http.MethodPatch, Path: recordPath, Tags: []string{"records"},
			Summary:     "Change a record",
			Description: "The body is merged into the record's data (RFC 7396): null removes a field. Needs the scope records:write.",
			Parameters:  append(recordParameters(), ifMatch(), ifNoneMatch("The change is not made in one of these states.")),
		},
		Says: "The record as it is now.",
		Body: web.BodyOf(dataSchema(), map[string]any{"role": "MEMBER", "individualContact": map[string]any{"email": nil}}, mergeType, web.JSON),
		Refused: []int{
			http.StatusBadRequest, http.StatusNotFound, http.StatusConflict, http.StatusPreconditionFailed, http.StatusRequestEntityTooLarge,
			http.StatusUnprocessableEntity,
		},
	}
}

func describeDelete(*huma.OpenAPI) web.Operation {
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "deleteRecord", Method: http.MethodDelete, Path: recordPath, Tags: []string{"records"},
			Summary: "Delete a record", Description: "Answers alike for a record that is gone already. Needs the scope records:write.",
			Parameters: append(recordParameters(), ifMatch(), ifNoneMatch("The record is not deleted in one of these states.")),
			Responses:  map[string]*huma.Response{"204": {Description: "The record is gone."}},
		},
		Refused: []int{http.StatusConflict, http.StatusPreconditionFailed, http.StatusUnprocessableEntity},
	}
}

func describeBulk(api *huma.OpenAPI) web.Operation {
	item := &huma.Schema{
		Type: huma.TypeObject, Required: []string{"id", "data"}, AdditionalProperties: false,
		Properties: map[string]*huma.Schema{"id": idSchema(), "data": dataSchema()},
	}
	list := &huma.Schema{Type: huma.TypeArray, Items: item, Description: "The records.", MinItems: web.Number(1), MaxItems: web.Number(records.MostItems)}
	wrapped := &huma.Schema{Type: huma.TypeObject, Required: []string{"items"}, Properties: map[string]*huma.Schema{"items": list}}
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "putRecords", Method: http.MethodPost, Path: recordsPath, Tags: []string{"records"},
			Summary: "Write up to 100 records",
			Description: "Each record is written as PUT does, with its own outcome: one that is refused does not stop the others. " +
				"Records of one id are written one after another. The list may also be sent alone. Needs the scope records:write.",
			Parameters: recordsParameters(),
		},
		Says: "The outcomes, in the order of the records.",
		Body: web.BodyOf(
			&huma.Schema{AnyOf: []*huma.Schema{wrapped, list}},
			map[string]any{"items": []any{map[string]any{"id": "4711", "data": contactExample()}}}, web.JSON),
		Refused: []int{http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity},
	}
}

func describePage(*huma.OpenAPI) web.Operation {
	limit := &huma.Schema{Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(records.MostLimit), Default: records.DefaultLimit}
	text := &huma.Schema{Type: huma.TypeString}
	return web.Operation{
		Operation: huma.Operation{
			OperationID: "listRecords", Method: http.MethodGet, Path: recordsPath, Tags: []string{"records"},
			Summary: "List records", Description: "A page of the records by their ids. Needs the scope records:read.",
			Parameters: append(recordsParameters(),
				web.QueryParameter("limit", "The most records of the page.", limit),
				web.QueryParameter("cursor", "What next said on the page before.", text),
				web.QueryParameter("email", "Contacts with this e-mail address only, in any case. With phone: with both.",
					&huma.Schema{Type: huma.TypeString, Format: "email"}),
				web.QueryParameter("phone", "Contacts with this phone number only, in its international form; the plus sign is written %2B.", text)),
		},
		Says:    "Records.",
		Refused: []int{http.StatusBadRequest, http.StatusUnprocessableEntity},
	}
}

// unchanged describes an answer 304.
func unchanged() map[string]*huma.Response {
	return map[string]*huma.Response{"304": {
		Description: "The record is in a state that If-None-Match names.",
		Headers: map[string]*huma.Param{"ETag": {
			Description: "Names this state of the record, for If-Match and If-None-Match.", Schema: &huma.Schema{Type: huma.TypeString},
		}},
	}}
}

// created describes an answer 201 of the type that 200 has.
func created(api *huma.OpenAPI, body reflect.Type, text string) map[string]*huma.Response {
	return map[string]*huma.Response{"201": web.JSONResponse(api, body, text)}
}
