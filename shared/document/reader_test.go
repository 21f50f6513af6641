package document_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
	"crmhook/shared/fault"
)

const order = `{
	"id": 820982911946154508, "number": "1001", "email": "jon@example.com", "note": null, "total_price": "403.00", "tax": 1.50,
	"confirmed": true, "updated_at": "2021-12-31T19:00:00-05:00", "tags": ["vip", "2021"], "count": 3,
	"customer": {"id": "115310627314723954", "first name": "Jon"},
	"line_items": [{"id": 866550311766439020, "quantity": 1}, {"id": "b", "quantity": 2}]
}`

func TestReader(t *testing.T) {
	t.Parallel()
	r := document.Read(parsed(t, order)).Need("id", "email", "line_items")
	var items []string
	for _, item := range r.List("line_items") {
		items = append(items, item.Need("id").ID("id"))
	}
	got := []any{
		r.ID("id"), r.ID("number"), r.Text("email"), r.Text("note"), r.Text("missing"), r.Number("total_price"), r.Number("tax"),
		r.Bool("confirmed"), r.Bool("missing"), r.Time("updated_at").UTC(), r.Time("missing"), r.Texts("tags"), r.Whole("count", 1, 3),
		r.Object("customer").ID("id"), r.Object("customer").Text("first name"), r.Object("missing").Need("id").Object("deeper").ID("id"),
		r.Object("missing").List("items"), items, r.Has("note"), r.Has("tags"), r.Object("missing").Given(), r.Object("customer").Given(),
	}
	want := []any{
		"820982911946154508", "1001", "jon@example.com", "", "", json.Number("403.00"), json.Number("1.50"),
		true, false, time.Date(2022, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Time{},
		[]string{"vip", "2021"},
		int64(3),
		"115310627314723954", "Jon", "",
		[]document.Reader{},
		[]string{"866550311766439020", "b"},
		false, true, false, true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields differ (-want +got):\n%s", diff)
	}
	if faults := r.Faults(); faults != nil {
		t.Errorf("faults %v", faults)
	}
}

func TestReaderNamesEveryFault(t *testing.T) {
	t.Parallel()
	r := document.Read(parsed(t, `{"id":1.5,"email":7,"empty":"","flag":"yes","at":"31/12/2021","far":"1e999","tags":["a",1,{}],
		"count":12,"half":"2.5","customer":"Jon","address":{"zip":{"a":1}},"line_items":[1,{"id":[]},{"id":null}],"items":{}}`))
	r.Need("id", "empty", "missing")
	r.Object("missing").Need("id")
	r.Object("address").Need("town").Text("zip")
	r.ID("id")
	r.Text("email")
	r.Bool("flag")
	r.Time("at")
	r.Number("far")
	r.Number("flag")
	r.Texts("tags")
	r.Whole("count", 1, 10)
	r.Whole("half", 1, 10)
	r.Object("customer").Text("name")
	r.Object("customer").Given()
	for _, item := range r.List("line_items") {
		item.Need("id").ID("id")
	}
	r.List("items")
	r.Texts("items")
	r.Fault("email", "must be %s", "asked for")
	want := fault.List{
		{Location: "empty", Message: "must be given", Value: ""},
		{Location: "missing", Message: "must be given"},
		{Location: "address.town", Message: "must be given"},
		{Location: "address.zip", Message: "must be a string, found an object"},
		{Location: "id", Message: "must be an id: a string or a whole number", Value: json.Number("1.5")},
		{Location: "email", Message: "must be a string, found a number", Value: json.Number("7")},
		{Location: "flag", Message: "must be true or false, found a string", Value: "yes"},
		{Location: "at", Message: "must be a time in RFC 3339, as 2026-12-01T10:00:00+01:00", Value: "31/12/2021"},
		{Location: "far", Message: "must be a number, found another string", Value: "1e999"},
		{Location: "flag", Message: "must be a number, found another string", Value: "yes"},
		{Location: "tags[1]", Message: "must be a string, found a number", Value: json.Number("1")},
		{Location: "tags[2]", Message: "must be a string, found an object"},
		{Location: "count", Message: "must be a whole number from 1 to 10", Value: json.Number("12")},
		{Location: "half", Message: "must be a whole number from 1 to 10", Value: "2.5"},
		{Location: "customer", Message: "must be an object, found a string", Value: "Jon"},
		{Location: "customer", Message: "must be an object, found a string", Value: "Jon"},
		{Location: "line_items[0]", Message: "must be an object, found a number", Value: json.Number("1")},
		{Location: "line_items[1].id", Message: "must be an id (a string or a whole number), found a list"},
		{Location: "line_items[2].id", Message: "must be given"},
		{Location: "items", Message: "must be a list of objects, found an object"},
		{Location: "items", Message: "must be a list of strings, found an object"},
		{Location: "email", Message: "must be asked for", Value: json.Number("7")},
	}
	if diff := cmp.Diff(want, r.Faults()); diff != "" {
		t.Errorf("faults differ (-want +got):\n%s", diff)
	}
}

func TestReadOfNoObject(t *testing.T) {
	t.Parallel()
	r := document.Read([]any{})
	r.Need("id").Text("id")
	if diff := cmp.Diff(fault.List{{Message: "must be an object, found a list"}}, r.Faults()); diff != "" || r.Given() {
		t.Errorf("given %v, faults (-want +got):\n%s", r.Given(), diff)
	}
	if r := document.Read(map[string]any(nil)); !r.Given() || r.Faults() != nil {
		t.Errorf("an object without members: given %v, faults %v", r.Given(), r.Faults())
	}
}

func TestTheZeroReaderIsOfNothing(t *testing.T) {
	t.Parallel()
	var r document.Reader
	r.Need("id").Fault("id", "must be given")
	if got := r.Text("id") + r.Object("a").ID("b"); got != "" || len(r.List("c")) != 0 || r.Given() || r.Faults() != nil {
		t.Errorf("text %q, given %v, faults %v", got, r.Given(), r.Faults())
	}
}

func TestReadEach(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       []string
		faults     fault.List
	}{
		{"a list", `[{"event":"open"},{"event":"click"}]`, []string{"open", "click"}, nil},
		{"one object", `{"event":"open"}`, []string{"open"}, nil},
		{"nothing", `[]`, nil, nil},
		{"faults", `[{"event":1},2]`, []string{""}, fault.List{
			{Location: "[1]", Message: "must be an object, found a number", Value: json.Number("2")},
			{Location: "[0].event", Message: "must be a string, found a number", Value: json.Number("1")},
		}},
	}
	for _, test := range tests {
		items, faults := document.ReadEach(parsed(t, test.text))
		var got []string
		for _, item := range items {
			got = append(got, item.Text("event"))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: events differ (-want +got):\n%s", test.name, diff)
		}
		if diff := cmp.Diff(test.faults, faults()); diff != "" {
			t.Errorf("%s: faults differ (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestReaderNamesOnlySoManyFaults(t *testing.T) {
	t.Parallel()
	items, faults := document.ReadEach(parsed(t, "["+strings.Repeat("1,", 1000)+"1]"))
	got := faults()
	if len(items) != 0 || len(got) != document.MaxFaults+1 {
		t.Fatalf("%d items, %d faults; want none and %d", len(items), len(got), document.MaxFaults+1)
	}
	if last := got[document.MaxFaults].String(); last != "has more than 100 faults: the rest is not shown" {
		t.Errorf("the last is %q", last)
	}
}
