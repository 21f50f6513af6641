package control

import (
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/precondition"
	"crmhook/shared/web"
)

// conditional notes what is wrong with what a read expects.
func conditional(c *caller) {
	c.expected = precondition.Read(nil, c.in.Header("If-None-Match"), &c.faults)
}

// known is the status of the answer to a read: 304 where the caller has this state already.
func (c *caller) known(etag string) int {
	if c.expected.Check(true, etag) == precondition.NoneMatch {
		return http.StatusNotModified
	}
	return http.StatusOK
}

func ifNoneMatch(text string) *huma.Param {
	return web.HeaderParameter("If-None-Match", "Entity tags, or * for any state. "+text)
}

// writeConditions describe what a write may expect.
func writeConditions() []*huma.Param {
	return []*huma.Param{
		web.HeaderParameter("If-Match", "Entity tags, or * for any state: refused with 412 unless it is there in one of them."),
		ifNoneMatch("Refused with 412 where it is there in one of them: with * it is only made, never replaced."),
	}
}

// written are the refusals of writes of configuration.
func written() []int {
	return []int{http.StatusConflict, http.StatusPreconditionFailed}
}

func writing() map[int]string {
	return map[int]string{
		http.StatusConflict: "Somebody else is writing it: try again after Retry-After. Or, without it, its parameter is of another type.",
		http.StatusTooManyRequests: "The key's share is used up, or the organization's share of writes of configuration, or Parameter Store takes no " +
			"more just now.",
	}
}

// made describes an answer 201 of the type that 200 has.
func made(doc *huma.OpenAPI, body reflect.Type, text string) map[string]*huma.Response {
	response := web.JSONResponse(doc, body, text)
	response.Headers = tagged()
	return map[string]*huma.Response{"201": response}
}

// unchanged describes an answer 304.
func unchanged() map[string]*huma.Response {
	return map[string]*huma.Response{"304": {Description: "It is in a state that If-None-Match names.", Headers: tagged()}}
}

// tagged describes the header that names a state.
func tagged() map[string]*huma.Param {
	return map[string]*huma.Param{"ETag": {
		Description: "Names this state of the configuration, for If-Match and If-None-Match.", Schema: &huma.Schema{Type: huma.TypeString},
	}}
}
