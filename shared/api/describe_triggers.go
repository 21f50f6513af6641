package api

import (
	"net/http"
	"reflect"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/platform"
	"crmhook/shared/web"
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
		Security: []map[string][]string{{web.HeaderScheme: {}}, {web.BearerScheme: {}}, {}},
	}
	callback := receive
	callback.OperationID, callback.Method = "queueProcessCallback", http.MethodGet
	callback.Summary = "Take a callback in"
	callback.Description += " Only Primotexto's and Smsbox's callbacks come by GET."
	receive.RequestBody = &huma.RequestBody{
		Description: "What the platform sends, at most 350 KiB (lists of Mailjet and RNVP 700 KiB).",
		Content: map[string]*huma.MediaType{
			web.JSON:                            {Schema: &huma.Schema{}},
			"application/x-www-form-urlencoded": {Schema: &huma.Schema{Type: huma.TypeObject}},
		},
	}
	api.AddOperation(&receive)
	api.AddOperation(&callback)
}

func triggerParameters() []*huma.Param {
	text := &huma.Schema{Type: huma.TypeString}
	whole := func(most float64) *huma.Schema {
		return &huma.Schema{Type: huma.TypeInteger, Minimum: web.Bound(0), Maximum: web.Bound(most)}
	}
	source := web.QueryParameter("SourceId", "Which of the platform's sources it is.", whole(32767))
	source.Required = true
	actions := web.PathParameter("ExternalAction", "What happened.", "")
	for _, known := range platform.Known() {
		actions.Description += " " + known + "."
	}
	return []*huma.Param{
		web.PathParameter("CustomerName", "The customer, as CRM360 names it.", ""),
		web.PathParameter("DatabaseAlias", "The customer's database.", ""),
		web.PathParameter("ExternalPlatform", "The platform.", ""),
		web.PathParameter("ExternalEntity", "What it is about.", ""),
		actions, source,
		web.QueryParameter("ZoneId", "Kept on the record.", whole(2147483647)),
		web.QueryParameter("BrandId", "Kept on the record.", whole(2147483647)),
		web.QueryParameter("ContactAddressTypeId", "The type of addresses that are made.", whole(2147483647)),
		web.QueryParameter("BatchMode", "Lets other triggers go first.", &huma.Schema{Type: huma.TypeBoolean, Default: false}),
		web.QueryParameter("Email", "An address of the organization's emailRecipients, to which the content is sent too.", text),
		web.QueryParameter("secondsOfInvisibility", "How long the trigger waits before it has an effect.", whole(43200)),
	}
}

func triggerResponses(api *huma.OpenAPI) map[string]*huma.Response {
	taken := func(text string) *huma.Response { return web.JSONResponse(api, reflect.TypeFor[acceptedBody](), text) }
	responses := map[string]*huma.Response{
		"202": taken("The trigger was taken in."),
		"200": taken("The trigger was taken in, for Mailjet and Smsbox, which want this status."),
	}
	responses["200"].Content["text/plain"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString, Enum: []any{"OK"}}}
	said := texts()
	said[http.StatusMethodNotAllowed] = "The action is not taken by this method."
	for _, status := range []int{
		http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusMethodNotAllowed,
		http.StatusRequestEntityTooLarge, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable,
	} {
		responses[strconv.Itoa(status)] = web.ProblemResponse(api, status, said[status])
	}
	return responses
}
