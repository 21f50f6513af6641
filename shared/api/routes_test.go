package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/apitest"
	"crmhook/shared/change"
	"crmhook/shared/record"
)

func TestPutWritesARecordAndAnswersIt(t *testing.T) {
	t.Parallel()
	w := open(t)
	made := w.do("PUT", contactPath, `{"id":90071992547409931234,"individualContact":{"email":"Jane@Example.com"}}`).is(http.StatusCreated)
	want := map[string]any{
		"entity": "contact", "id": "4711", "version": "1796119200000", "origin": "agent-console", "updatedAt": "2026-12-01T10:00:00Z",
		"data": map[string]any{"id": "90071992547409931234", "individualContact": map[string]any{"email": "Jane@Example.com"}},
	}
	if diff := cmp.Diff(any(want), texts(made.object())); diff != "" {
		t.Errorf("the answer differs (-want +got):\n%s", diff)
	}
	again := w.do("PUT", contactPath, `{"individualContact":{"email":"Jane@Example.com"},"id":90071992547409931234}`).is(http.StatusOK)
	if made.header.Get("ETag") == "" || made.header.Get("ETag") != again.header.Get("ETag") {
		t.Errorf("ETags %q and %q of one state differ", made.header.Get("ETag"), again.header.Get("ETag"))
	}
	changed := w.do("PUT", contactPath, `{"individualContact":{"email":"Jane@Example.com"}}`).is(http.StatusOK)
	if changed.header.Get("ETag") == made.header.Get("ETag") || w.kept("contact", "4711").Version != 1796119200001 {
		t.Errorf("a change has version %d and the ETag %s of before", w.kept("contact", "4711").Version, changed.header.Get("ETag"))
	}
	if got := len(w.entries.All()); got != 1 {
		t.Errorf("the directory has %d entries, want the contact's address", got)
	}
}

func TestGetAnswersTheState(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("GET", contactPath, "").is(http.StatusNotFound)
	tag := w.do("PUT", contactPath, `{}`).is(http.StatusCreated).header.Get("ETag")
	for _, c := range []struct {
		header string
		status int
	}{
		{"Accept: text/html", 200},
		{"If-None-Match: " + tag, 304},
		{"If-None-Match: W/" + tag, 304},
		{`If-None-Match: "a", ` + tag, 304},
		{"If-None-Match: *", 304},
		{`If-None-Match: "a"`, 200},
		{"If-Match: " + tag, 200},
		{"If-Match: W/" + tag, 412},
	} {
		got := w.do("GET", contactPath, "", c.header)
		if got.status != c.status || got.status < 400 && got.header.Get("ETag") != tag || got.status == 304 && len(got.body) > 0 {
			t.Errorf("%s: got %d with ETag %q and %q, want %d with %q", c.header, got.status, got.header.Get("ETag"), got.body, c.status, tag)
		}
	}
	w.do("DELETE", contactPath, "").is(http.StatusNoContent)
	w.do("GET", contactPath, "", "If-None-Match: "+tag).is(http.StatusNotFound)
}

func TestPatchMerges(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("PATCH", contactPath, `{}`).is(http.StatusNotFound)
	w.do("PUT", contactPath, `{"role":"MEMBER","individualContact":{"email":"a@example.com","login":"jane"},"tags":["a","b"]}`).is(http.StatusCreated)
	patched := w.do("PATCH", contactPath, `{"role":null,"individualContact":{"email":"b@example.com"},"tags":["c"],"contactNumber":4711}`,
		"Content-Type: application/merge-patch+json; charset=UTF-8").is(http.StatusOK)
	want := map[string]any{
		"individualContact": map[string]any{"email": "b@example.com", "login": "jane"}, "tags": []any{"c"}, "contactNumber": "4711",
	}
	if diff := cmp.Diff(any(want), texts(patched.object()).(map[string]any)["data"]); diff != "" {
		t.Errorf("the merged data differs (-want +got):\n%s", diff)
	}
	w.do("DELETE", contactPath, "").is(http.StatusNoContent)
	w.do("PATCH", contactPath, `{}`, "If-Match: *").is(http.StatusNotFound)
}

func TestDeleteMarksTheRecordWithItsDeleter(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("DELETE", contactPath, "").is(http.StatusNoContent)
	if n := len(w.records.All()); n != 0 {
		t.Errorf("deleting nothing leaves %d records", n)
	}
	w.do("PUT", contactPath, `{}`).is(http.StatusCreated)
	w.do("DELETE", contactPath, "", `If-Match: "other"`).is(http.StatusPreconditionFailed)
	w.do("DELETE", contactPath, "").is(http.StatusNoContent)
	if is := w.kept("contact", "4711"); !is.Deleted || is.Origin != "agent-console" {
		t.Errorf("the record is %+v, want a mark of agent-console", is)
	}
	w.do("DELETE", contactPath, "").is(http.StatusNoContent)
	w.do("DELETE", contactPath, "", "If-Match: *").is(http.StatusPreconditionFailed)
	w.do("PUT", contactPath, `{}`, "If-None-Match: *").is(http.StatusCreated)
	w.do("PUT", contactPath, `{"a":1}`, "If-None-Match: *").is(http.StatusPreconditionFailed)
}

func TestBulkWritesEachRecordByItself(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("PUT", contactPath, `{"role":"MEMBER"}`).is(http.StatusCreated)
	large := `{"id":"large","data":{"a":"` + strings.Repeat("x", 380_000) + `"}}`
	body := `[{"id":"4711","data":{"role":"MEMBER"}},{"id":"1","data":{"n":1}},{"id":"1","data":{"n":2}},{"id":"9"},` +
		`{"id":"2","data":{"contactNumber":"3","a":{"b":1,"b":2}},"more":1},` + large + `,{"id":"` + strings.Repeat("1", 21) + `","data":{}},7,{"id":"5","id":"6","data":{}}]`
	type outcome struct{ status, locations string }
	want := []outcome{
		{"200", ""},
		{"201", ""},
		{"200", ""},
		{"422", "data"},
		{"422", "more data.a.b"},
		{"413", ""},
		{"422", "id"},
		{"422", ""},
		{"422", "id"},
	}
	for _, sent := range []string{body, `{"items":` + body + `}`} {
		var got []outcome
		items, _ := w.do("POST", recordsPath+"contact", sent).is(http.StatusOK).object()["items"].([]any)
		for _, item := range items {
			fields, _ := texts(item).(map[string]any)
			var places []string
			faults, _ := fields["errors"].([]any)
			for _, f := range faults {
				places = append(places, fmt.Sprint(f.(map[string]any)["location"]))
			}
			got = append(got, outcome{fmt.Sprint(fields["status"]), strings.Join(places, " ")})
			if wrote := fields["version"] != nil; wrote != (fields["detail"] == nil) {
				t.Errorf("outcome %v has both a version and a detail, or none", fields)
			}
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(outcome{})); diff != "" {
			t.Errorf("the outcomes differ (-want +got):\n%s", diff)
		}
		want[1].status = "200"
	}
	if n := fmt.Sprint(w.kept("contact", "1").Data["n"]); n != "2" {
		t.Errorf("of two records with one id %s stays, want the later", n)
	}
}

func TestPagesListEveryRecordOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	for i := range 120 {
		w.do("PUT", fmt.Sprintf("%sorder/o-%03d", recordsPath, i), `{}`).is(http.StatusCreated)
	}
	w.do("DELETE", recordsPath+"order/o-007", "").is(http.StatusNoContent)
	w.do("PUT", contactPath, `{}`).is(http.StatusCreated)
	var ids []any
	for query, pages := "?limit=50", 1; ; pages++ {
		page := w.do("GET", recordsPath+"order"+query, "").is(http.StatusOK).object()
		items, _ := page["items"].([]any)
		for _, item := range items {
			ids = append(ids, item.(map[string]any)["id"])
		}
		if page["next"] == nil {
			if pages != 3 || len(items) != 19 {
				t.Errorf("the end is on page %d with %d records, want 3 with 19", pages, len(items))
			}
			break
		}
		query = fmt.Sprint("?limit=50&cursor=", page["next"])
	}
	for i, id := range ids {
		if i > 0 && fmt.Sprint(ids[i-1]) >= fmt.Sprint(id) || id == "o-007" {
			t.Errorf("record %v follows %v", id, ids[i-1])
		}
	}
	if len(ids) != 119 {
		t.Errorf("got %d records, want 119", len(ids))
	}
	if got := strings.TrimSpace(string(w.do("GET", recordsPath+"ticket", "").is(http.StatusOK).body)); got != `{"items":[],"next":null}` {
		t.Errorf("an empty list is %s", got)
	}
}

func TestContactsAreFoundByAddressAndNumber(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("PUT", recordsPath+"contact/1", `{"email":"jane@example.com","phone":"+33199001234"}`).is(http.StatusCreated)
	w.do("PUT", recordsPath+"contact/2", `{"email":"JANE@example.com"}`).is(http.StatusCreated)
	w.do("PUT", recordsPath+"contact/3", `{"email":"was@example.com"}`).is(http.StatusCreated)
	w.do("PUT", recordsPath+"contact/3", `{"phone":"+33199001234"}`).is(http.StatusOK)
	for query, want := range map[string]string{
		"email=Jane%40Example.com":                    "1 2",
		"phone=%2B33199001234":                        "1 3",
		"phone=+33199001234":                          "1 3",
		"phone=%2B33199001234&email=jane@example.com": "1",
		"email=was@example.com":                       "",
		"email=nobody@example.com":                    "",
	} {
		var ids []string
		items, _ := w.do("GET", recordsPath+"contact?"+query, "").is(http.StatusOK).object()["items"].([]any)
		for _, item := range items {
			ids = append(ids, fmt.Sprint(item.(map[string]any)["id"]))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: got %q, want %q", query, got, want)
		}
	}
	first := w.do("GET", recordsPath+"contact?email=jane@example.com&limit=1", "").is(http.StatusOK).object()
	second := w.do("GET", recordsPath+"contact?email=jane@example.com&limit=1&cursor="+fmt.Sprint(first["next"]), "").is(http.StatusOK).object()
	if items, _ := second["items"].([]any); second["next"] != nil || len(items) != 1 || items[0].(map[string]any)["id"] != "2" {
		t.Errorf("the second page is %v, want contact 2 and the end", second)
	}
}

func TestSaveAndRead(t *testing.T) {
	t.Parallel()
	w := open(t)
	made := w.do("POST", apitest.Save, `{"individualContactData":{"role":"MEMBER","gone":null,"addresses":[{"zipCode":"13001"}]}}`).is(http.StatusCreated).object()
	number := fmt.Sprint(made["contactNumber"])
	if made["created"] != true || len(number) != 20 || strings.Trim(number, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
		t.Errorf("made %v, want a number of 20 letters and digits", made)
	}
	saved := w.do("POST", apitest.Save, `{"individualContactData":{"contactNumber":"`+number+`","role":null,"level":2}}`).is(http.StatusOK).object()
	if saved["created"] != false || saved["contactNumber"] != number {
		t.Errorf("merged %v, want %s", saved, number)
	}
	for details, want := range map[string]map[string]any{
		``:                                   {"contactNumber": number, "level": "2"},
		`,"details":[]`:                      {"contactNumber": number, "level": "2"},
		`,"details":["ADDRESSES"]`:           {"contactNumber": number, "addresses": []any{map[string]any{"zipCode": "13001"}}},
		`,"details":["GENERAL","ADDRESSES"]`: {"contactNumber": number, "level": "2", "addresses": []any{map[string]any{"zipCode": "13001"}}},
	} {
		got := w.do("POST", apitest.Read, `{"contactNumber":"`+number+`"`+details+`}`).is(http.StatusOK).object()
		if diff := cmp.Diff(any(want), texts(got)); diff != "" {
			t.Errorf("%s: the contact differs (-want +got):\n%s", details, diff)
		}
	}
}

func TestARecordOfAnotherProgramIsAnswered(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.records.Put(change.Key{Organization: "demo", Entity: "order", ID: "a/b"}, map[string]any{"a": "b"})
	items, _ := w.do("GET", recordsPath+"order", "").is(http.StatusOK).object()["items"].([]any)
	want := []any{map[string]any{"entity": "order", "id": "a/b", "version": "0", "origin": "api", "data": map[string]any{"a": "b"}}}
	if diff := cmp.Diff(any(want), texts(items)); diff != "" {
		t.Errorf("the page differs (-want +got):\n%s", diff)
	}
}

func TestScopesAndOrganizations(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.do("PUT", contactPath, `{}`).is(http.StatusCreated)
	w.key("token-of-two", "demo", access.RecordsRead)
	w.key("token-of-two", "other", access.RecordsRead)
	for _, c := range []struct {
		token, method, path string
		status              int
	}{
		{"token-of-reader", "GET", contactPath, 200},
		{"token-of-reader", "DELETE", contactPath, 403},
		{"token-of-reader", "POST", apitest.Save, 403},
		{"token-of-reader", "POST", apitest.Read, 200},
		{"token-of-other", "GET", contactPath, 403},
		{"token-of-other", "POST", apitest.Read, 404},
		{"token-of-two", "GET", contactPath, 200},
		{"token-of-two", "POST", apitest.Read, 403},
		{"nobody", "GET", contactPath, 401},
		{"nobody", "POST", apitest.Read, 401},
	} {
		body := ""
		if c.method == "POST" {
			body = `{"contactNumber":"4711"}`
		}
		got := w.do(c.method, c.path, body, "Authorization: bearer "+c.token)
		if got.status != c.status || (got.status == 401) != (got.header.Get("WWW-Authenticate") != "") {
			t.Errorf("%s: %s %s: got %d, want %d: %s", c.token, c.method, c.path, got.status, c.status, got.body)
		}
	}
}

func TestARecordHasTheOriginAndTimeOfItsLastChange(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 1, 0, 0, 0, 5e8, time.FixedZone("", 3600))
	is := record.Record{Key: change.Key{Organization: "demo", Entity: "order", ID: "1"}, Data: map[string]any{}, Origin: "bulk", Version: 7, UpdatedAt: at}
	w := open(t)
	if _, err := w.records.Write(t.Context(), []record.Write{{Was: record.Record{Key: is.Key}, Now: is}}); err != nil {
		t.Fatal(err)
	}
	got := w.do("GET", recordsPath+"order/1", "").is(http.StatusOK).object()
	if got["origin"] != "bulk" || got["updatedAt"] != "2026-10-31T23:00:00.5Z" {
		t.Errorf("got %v, want the origin and time that were written", got)
	}
}

// texts is a value with its numbers as text, to be compared digit for digit.
func texts(value any) any {
	switch v := value.(type) {
	case json.Number:
		return v.String()
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = texts(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = texts(item)
		}
		return object
	}
	return value
}
