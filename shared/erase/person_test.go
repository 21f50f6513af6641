package erase

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/trigger"
)

func someone() *person {
	ref := func(kind directory.Kind, value string) directory.Ref {
		return directory.Ref{Organization: "demo", Kind: kind, Value: value}
	}
	return &person{
		contact: change.Key{Organization: "demo", Entity: change.Contact, ID: "4711"},
		refs: []directory.Ref{
			ref(directory.Email, "jane.doe@example.com"), ref(directory.Phone, "+33612345678"), ref(directory.Identifier, "3:778899"),
		},
	}
}

// TestWhoIsNamed has messages that name the person and such that only look like it.
func TestWhoIsNamed(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"contactNumber":"4711"}`:                                                true,
		`{"contactNumber":4711}`:                                                  true,
		`{"contacts":[{"ContactNumber":"4711"}]}`:                                 true,
		`{"duplicates":[{"keep":"1","merge":["2","4711"]}]}`:                      true,
		`{"AccountID":"4711"}`:                                                    true,
		`{"records":["contact/4711"]}`:                                            true,
		`contactNumber=4711&x=1`:                                                  true,
		`{"amount":"4711","id":4711}`:                                             false,
		`{"contactNumber":"47112"}`:                                               false,
		`{"records":["order/4711"]}`:                                              false,
		`{"email":"Jane.Doe@Example.com"}`:                                        true,
		`{"Jane.Doe@Example.com":{"name":"x"}}`:                                   true,
		`{"text":"write to <jane.doe@example.com>. Thanks"}`:                      true,
		`{"text":"it is jane.doe@example.com."}`:                                  true,
		`{"text":"xjane.doe@example.com, jane.doe@example.com"}`:                  true,
		`{"inner":"{\"a\":[\"jane.doe\\u0040example.com\"]}"}`:                    true,
		`to=jane.doe%40example.com`:                                               true,
		`<mail>jane.doe@example.com</mail>`:                                       true,
		`{"email":"jane.doe@example.com","cut":"here`:                             true,
		`{"a":{"b":[1,2,{"email":"jane.doe@example.co`:                            false,
		`{"note":"jane.doe\u0040example.com and what is c`:                        true,
		`{"email":"mary-jane.doe@example.com"}`:                                   false,
		`{"email":"jane.doe@example.com.au"}`:                                     false,
		`{"email":"jane.doe@example.community"}`:                                  false,
		`{"phone":"+33612345678"}`:                                                true,
		`{"phone":"0033 6 12 34 56 78"}`:                                          true,
		`{"phone":"06.12.34.56.78"}`:                                              true,
		`{"phone":33612345678}`:                                                   true,
		`from=%2B33612345678&text=stop`:                                           true,
		`{"text":"please call the number +33612345678, which is mine, at noon"}`:  true,
		`{"text":"please call the number +336123456789, which is mine, at noon"}`: false,
		`{"phone":"+336123456789"}`:                                               false,
		`{"phone":"12345678"}`:                                                    false,
		`{"phone":"0712345678"}`:                                                  false,
		`{"id":778899}`:                                                           true,
		`{"customer":{"customer_id":"778899"}}`:                                   true,
		`{"identifiers":[{"sourceId":"3","identifier":"778899"}]}`:                true,
		`{"price":778899}`:                                                        false,
		`{"id":"1778899"}`:                                                        false,
		`[[]],{`:                                                                  false,
		``:                                                                        false,
		`null`:                                                                    false,
	} {
		is := trigger.Trigger{ID: "x", Organization: "demo", Platform: "P", SourceID: 3, At: time.Unix(1, 0), Due: time.Unix(1, 0), Body: []byte(body)}
		if got := someone().inTrigger(is); got != want {
			t.Errorf("%s: named %v, want %v", body, got, want)
		}
		message, err := is.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if got := someone().inMessage(message); got != want {
			t.Errorf("message with %s: named %v, want %v", body, got, want)
		}
		if got := someone().inText(string(message)); got != want {
			t.Errorf("set aside with %s: named %v, want %v", body, got, want)
		}
	}
}

func TestWhereATriggerNames(t *testing.T) {
	t.Parallel()
	is := trigger.Trigger{SourceID: 3}
	if someone().inTrigger(is) {
		t.Error("an empty trigger names somebody")
	}
	for name, is := range map[string]trigger.Trigger{
		"query":                           {Query: map[string][]string{"contactNumber": {"1", "4711"}}},
		"header":                          {Headers: map[string]string{"x-user": "jane.doe@example.com"}},
		"address of the request":          {URI: "/x?mail=jane.doe%40example.com"},
		"where it is mailed to":           {Email: "jane.doe@example.com"},
		"an outside id of its own source": {SourceID: 3, Query: map[string][]string{"userId": {"778899"}}},
	} {
		if !someone().inTrigger(is) {
			t.Errorf("%s: names nobody", name)
		}
	}
	if other := (trigger.Trigger{SourceID: 4, Body: []byte(`{"id":"778899"}`)}); someone().inTrigger(other) {
		t.Error("another source's id names the person")
	}
	for text, want := range map[string]bool{
		`{"keys":{"sk":"1"},"new":{"data":{"identifiers":[{"identifier":"778899"}]}}}`: true,
		`{"keys":{"sk":"1"},"new":{"data":{"id":"778899"}}}`:                           false,
	} {
		if got := someone().inText(text); got != want {
			t.Errorf("%s: named %v, want %v", text, got, want)
		}
	}
}

// FuzzTexts: whatever a text is, it can be looked through, and an address that stands in JSON by itself is found.
func FuzzTexts(f *testing.F) {
	f.Add(`{"a":["b",{"c":1}],"d":"{\"e\":"}`, 3)
	f.Add(`a=b&c=%7B%22d%22%3A1`, 0)
	f.Add(`[{"x":"\ud800`, 9)
	f.Fuzz(func(t *testing.T, text string, cut int) {
		p := someone()
		p.inText(text)
		whole, err := json.Marshal(map[string]any{"a": text, "b": []any{text, map[string]any{"email": "jane.doe@example.com"}}, "z": text})
		if err != nil {
			t.Skip()
		}
		at := strings.Index(string(whole), `jane.doe@example.com"`)
		if !p.inText(string(whole)) || !p.inText(string(whole[:at+len(`jane.doe@example.com"`)])) {
			t.Errorf("%s: not found", whole)
		}
		if cut >= 0 && cut < len(whole) {
			p.inText(string(whole[:cut]))
		}
	})
}

// FuzzMentions: an address is found between any two things that are no part of an address, and dialling never fails.
func FuzzMentions(f *testing.F) {
	f.Add(" a ", ".")
	f.Fuzz(func(t *testing.T, before, after string) {
		const address = "jane.doe@example.com"
		if !mentions(before+" "+address+" "+after, address) {
			t.Errorf("not found between %q and %q", before, after)
		}
		dials(before+after, "+33612345678")
	})
}
