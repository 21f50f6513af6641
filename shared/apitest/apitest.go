// Package apitest holds requests that no API may be broken by: each is refused with a status of the 400s and has no effect.
// Tests of the API send them to its handler, those of the whole to what is deployed. It must not know either.
package apitest

import (
	"net/http"
	"net/url"
	"strings"
)

// Malformed is a request with something wrong.
type Malformed struct {
	// Name says what is wrong.
	Name   string
	Method string
	// Path is as API Gateway delivers it, decoded.
	Path, Query string
	Header      http.Header
	Body        string
	// Status is the answer.
	Status int
	// Locations are those of the faults that the answer must name.
	Locations []string
	// AtOnce marks one that only the handler itself can be sent: a server or gateway before it refuses it by itself.
	AtOnce bool
}

// URL is the request's address as a client writes it, from the API's base on.
func (m Malformed) URL() *url.URL { return &url.URL{Path: m.Path, RawQuery: m.Query} }

// The paths of the API's calls.
const (
	Save = "/contactInformationPublicService/v2_21/saveIndividualContactData"
	Read = "/contactInformationPublicService/v2_21/getContactData"
)

// Target is whom the requests are sent to. The token is one of an organization's key with every scope, Customer and
// Database are what CRM360 calls the organization, Contact is a contact that is there, and Interface an interface (see Control).
type Target struct{ Organization, Token, Customer, Database, Contact, Interface string }

// All are the requests to what other systems ask.
func (t Target) All() []Malformed {
	var all []Malformed
	for _, group := range [][]Malformed{
		t.paths(), t.methods(), t.callers(), t.identifiers(), t.headers(), t.bodies(), t.sizes(), t.lists(), t.bulk(), t.contacts(), t.triggers(),
	} {
		all = append(all, group...)
	}
	return all
}

func (t Target) records(rest string) string {
	return "/organizations/" + t.Organization + "/records/" + rest
}

// with is the header of a caller who may do everything, and more lines of the form "Name: value".
func (t Target) with(lines ...string) http.Header {
	header := http.Header{"Authorization": {"Bearer " + t.Token}, "Content-Type": {"application/json"}}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		header.Set(name, value)
	}
	return header
}

// put is a PUT of a body to a record that is not there.
func (t Target) put(name, body string, status int, locations ...string) Malformed {
	return Malformed{
		Name: name, Method: "PUT", Path: t.records("order/malformed"), Header: t.with(), Body: body, Status: status, Locations: locations,
	}
}

func (t Target) paths() []Malformed {
	list := []Malformed{
		{Name: "no path of the API", Path: "/"},
		{Name: "dots in a path", Path: t.records("contact/../order/1")},
		{Name: "a dot in a path", Path: t.records("./contact/1")},
		{Name: "an empty segment", Path: t.records("contact//1")},
		{Name: "an empty organization", Path: "/organizations//records/contact/1"},
		{Name: "a slash at the end", Path: t.records("contact/1/")},
		{Name: "a slash in an id", Path: t.records("contact/a/b")},
		{Name: "a path in other letters", Path: "/Organizations/" + t.Organization + "/records/contact/1"},
		{Name: "another version of the service", Method: "POST", Path: "/contactInformationPublicService/v9/getContactData"},
		{Name: "too few segments of QueueProcess", Method: "POST", Path: "/ProcessManagement/Connector/Standard/QueueProcess/a/b/c"},
		{Name: "the router's own words in a path", Path: "/organizations/{organization}/records/{entity}/{id}/{more}"},
	}
	for i := range list {
		list[i].Header, list[i].Status = t.with(), http.StatusNotFound
		if list[i].Method == "" {
			list[i].Method = http.MethodGet
		}
	}
	return list
}

func (t Target) methods() []Malformed {
	list := []Malformed{
		{Name: "HEAD of a record", Method: "HEAD", Path: t.records("contact/1")},
		{Name: "POST to a record", Method: "POST", Path: t.records("contact/1")},
		{Name: "DELETE of a list", Method: "DELETE", Path: t.records("contact")},
		{Name: "GET of a call", Method: "GET", Path: Read},
		{Name: "PUT to QueueProcess", Method: "PUT", Path: t.queueProcess("Shopify/Customer/Update")},
		{Name: "GET of an action that is posted", Method: "GET", Path: t.queueProcess("Shopify/Customer/Update")},
		{Name: "a method that nobody knows", Method: "BREW", Path: t.records("contact/1"), AtOnce: true},
	}
	for i := range list {
		list[i].Header, list[i].Status = t.with(), http.StatusMethodNotAllowed
	}
	return list
}

func (t Target) callers() []Malformed {
	contact := t.records("contact/" + t.Contact)
	return []Malformed{
		{Name: "no token", Method: "DELETE", Path: contact, Status: 401},
		{Name: "nobody's token", Method: "DELETE", Path: contact, Header: t.with("Authorization: Bearer nobody"), Status: 401},
		{Name: "another scheme", Method: "DELETE", Path: contact, Header: t.with("Authorization: Basic " + t.Token), Status: 401},
		{Name: "an empty token", Method: "DELETE", Path: contact, Header: t.with("Authorization: Bearer "), Status: 401},
		{Name: "two tokens", Method: "DELETE", Path: contact, Header: t.with("Authorization: Bearer " + t.Token + ", Bearer " + t.Token), Status: 401},
		{Name: "another organization", Method: "DELETE", Path: "/organizations/somebody-else/records/contact/1", Header: t.with(), Status: 403},
		{Name: "an organization that cannot be", Method: "DELETE", Path: "/organizations/Some Body/records/contact/1", Header: t.with(), Status: 403},
		{Name: "unreadable and without a token", Method: "PUT", Path: contact, Body: "{", Status: 401},
		{Name: "too large and without a token", Method: "PUT", Path: contact, Body: strings.Repeat(" ", 400_001), Status: 413},
		{Name: "a trigger without a proof", Method: "POST", Path: t.queueProcess("Shopify/Customer/Update"), Query: "SourceId=1", Body: "{}", Status: 401},
	}
}

func (t Target) identifiers() []Malformed {
	long := strings.Repeat("x", 129)
	list := []Malformed{
		{Name: "a capital in an entity", Path: t.records("Contact/1"), Locations: []string{"path.entity"}},
		{Name: "a long entity", Path: t.records(strings.Repeat("e", 33) + "/1"), Locations: []string{"path.entity"}},
		{Name: "a number sign in an entity", Path: t.records("con#tact/1"), Locations: []string{"path.entity"}},
		{Name: "a blank in an id", Path: t.records("order/a b"), Locations: []string{"path.id"}},
		{Name: "a percent sign in an id", Path: t.records("order/100%"), Locations: []string{"path.id"}},
		{Name: "a quote in an id", Path: t.records(`order/a"b`), Locations: []string{"path.id"}},
		{Name: "NUL in an id", Path: t.records("order/a\x00b"), Locations: []string{"path.id"}},
		{Name: "a line break in an id", Path: t.records("order/a\nb"), Locations: []string{"path.id"}},
		{Name: "letters beyond ASCII in an id", Path: t.records("order/é"), Locations: []string{"path.id"}},
		{Name: "an id that is not UTF-8", Path: t.records("order/a\xff"), Locations: []string{"path.id"}},
		{Name: "a long id", Path: t.records("order/" + long), Locations: []string{"path.id"}},
		{Name: "a long contactNumber", Path: t.records("contact/" + long[:21]), Locations: []string{"path.id"}},
		{Name: "entity and id", Path: t.records("1/*"), Locations: []string{"path.entity", "path.id"}},
	}
	for i := range list {
		list[i].Method, list[i].Header, list[i].Status, list[i].Body = "PUT", t.with(), http.StatusUnprocessableEntity, "{}"
	}
	return list
}

func (t Target) headers() []Malformed {
	wrong := func(name, header, value string, status int) Malformed {
		return Malformed{
			Name: name, Method: "PUT", Path: t.records("order/malformed"), Header: t.with(header + ": " + value), Body: "{}", Status: status,
			Locations: []string{"header." + header},
		}
	}
	list := []Malformed{
		wrong("an empty If-Match", "If-Match", "", 422),
		wrong("If-Match without quotes", "If-Match", "abc", 422),
		wrong("If-Match with one quote", "If-Match", `"abc`, 422),
		wrong("If-Match of two kinds", "If-Match", `*, "abc"`, 422),
		wrong("If-Match without a comma", "If-Match", `"a" "b"`, 422),
		wrong("If-None-Match of a blank", "If-None-Match", `"a b"`, 422),
		wrong("a form as a record", "Content-Type", "application/x-www-form-urlencoded", 400),
		wrong("a text as a record", "Content-Type", "text/plain", 400),
		wrong("a content type that is none", "Content-Type", ";;;", 400),
		wrong("another charset", "Content-Type", "application/json; charset=utf-16", 400),
		wrong("a JSON Patch as a record", "Content-Type", "application/json-patch+json", 400),
	}
	missing := wrong("If-Match of a record that is not there", "If-Match", `"abc"`, 412)
	missing.Locations = nil
	stale := missing
	stale.Name, stale.Path, stale.Body, stale.Header = "a weak tag", t.records("contact/"+t.Contact), `{"changed":true}`, t.with(`If-Match: W/"abc"`)
	there := stale
	there.Name, there.Header = "If-None-Match of what is there", t.with(`If-None-Match: *`)
	return append(list, missing, stale, there)
}

func (t Target) queueProcess(action string) string {
	return "/ProcessManagement/Connector/Standard/QueueProcess/" + t.Customer + "/" + t.Database + "/" + action
}
