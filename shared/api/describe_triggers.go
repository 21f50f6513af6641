package api

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/platform"
)

// accepted is the answer to a trigger.
type acceptedBody struct {
	ID string `json:"id" doc:"The trigger's id."`
}

// describeQueueProcess adds the operations that queueProcess answers.
func describeQueueProcess(api *huma.OpenAPI) {
	receive := huma.Operation{
		OperationID: "queueProcess", Method: http.MethodPost, Path: queueProcessPath, Tags: []string{"triggers"},
		Summary: "Take a trigger in",
		Description: "Takes in what an outside platform says. A key's token (scope triggers, for messages: messages) or the platform's own proof " +
			"says who is calling. Names match in any case.",
		Parameters: triggerParameters(), Responses: triggerResponses(api),
		Security: []map[string][]string{{headerScheme: {}}, {bearerScheme: {}}, {}},
	}
	callback := receive
	callback.OperationID, callback.Method = "queueProcessCallback", http.MethodGet
	callback.Summary = "Take a callback in"
	callback.Description += " Only Primotexto's and Smsbox's callbacks come by GET."
	receive.RequestBody = &huma.RequestBody{
		Description: "What the platform sends, at most 350 KiB (lists of Mailjet and RNVP 700 KiB).",
		Content: map[string]*huma.MediaType{
			jsonType:                            {Schema: &huma.Schema{}},
			"application/x-www-form-urlencoded": {Schema: &huma.Schema{Type: huma.TypeObject}},
		},
	}
	api.AddOperation(&receive)
	api.AddOperation(&callback)
}

func triggerParameters() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	whole := func(most float64) *huma.Schema {
		return &huma.Schema{Type: huma.TypeInteger, Minimum: bound(0), Maximum: bound(most)}
	}
	query := func(name, text string, schema *huma.Schema) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: text, Schema: schema}
	}
	source := query("SourceId", "Which of the platform's sources it is.", whole(32767))
	source.Required = true
	actions := pathParameter("ExternalAction", "What happened.", "")
	for _, known := range platform.Known() {
		actions.Description += " " + known + "."
	}
	return []*huma.Param{
		pathParameter("CustomerName", "The customer, as CRM360 names it.", ""),
		pathParameter("DatabaseAlias", "The customer's database.", ""),
		pathParameter("ExternalPlatform", "The platform.", ""),
		pathParameter("ExternalEntity", "What it is about.", ""),
		actions, source,
		query("ZoneId", "Kept on the record.", whole(2147483647)),
		query("BrandId", "Kept on the record.", whole(2147483647)),
		query("ContactAddressTypeId", "The type of addresses that are made.", whole(2147483647)),
		query("BatchMode", "Lets other triggers go first.", &huma.Schema{Type: huma.TypeBoolean, Default: false}),
		query("Email", "An address of the organization's emailRecipients, to which the content is sent too.", text),
		query("secondsOfInvisibility", "How long the trigger waits before it has an effect.", whole(43200)),
	}
}

func triggerResponses(api *huma.OpenAPI) map[string]*huma.Response {
	accepted := api.Components.Schemas.Schema(reflect.TypeFor[acceptedBody](), true, "")
	responses := map[string]*huma.Response{
		"202": {Description: "The trigger was taken in.", Content: map[string]*huma.MediaType{jsonType: {Schema: accepted}}},
		"200": {Description: "The trigger was taken in, for Mailjet and Smsbox, which want this status.", Content: map[string]*huma.MediaType{
			jsonType: {Schema: accepted}, "text/plain": {Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"OK"}}},
		}},
	}
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusServiceUnavailable,
	} {
		responses[statusText(status)] = problemResponse(api, status)
	}
	return responses
}
