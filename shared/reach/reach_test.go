package reach_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/directory"
	"crmhook/shared/reach"
)

func contact(t *testing.T, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var data map[string]any
	if err := decoder.Decode(&data); err != nil {
		t.Fatal(err)
	}
	return data
}

func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, contact string
		want          []string
	}{
		{"nothing", `{}`, nil},
		{"what is no address", `{"email":"nobody","individualContact":{"email":"@x","phoneNumber1":"12"}}`, nil},
		{"addresses, each once and in lower case", `{"email":" Jane@Example.com ","individualContact":{"email":"jane@example.com"}}`, []string{"email jane@example.com"}},
		{"means of communication", `{"communicationMeans":[{"value":"a@example.com"},{"value":"+33612345678"},7]}`, []string{"email a@example.com", "phone +33612345678"}},
		{"a number of the contact's country", `{"individualContact":{"phoneNumber1":"06 12 34 56 78","countryCode":"FRA"}}`, []string{"phone +33612345678"}},
		{"of the main address's", `{"phone":"0612345678","addresses":[{"countryCode":"GB"},{"main":true,"countryCode":"FR"}]}`, []string{"phone +33612345678"}},
		{"of no country", `{"phone":"0612345678"}`, nil},
		{"identifiers", `{"identifiers":[{"sourceId":3,"identifier":90071992547409931},{"sourceId":"4","identifier":"x"},{"sourceId":5}]}`, []string{"identifier 3:90071992547409931", "identifier 4:x"}},
		{"a value too long for the directory", `{"email":"` + strings.Repeat("x", 600) + `@example.com"}`, nil},
	} {
		var got []string
		for _, ref := range reach.Of("demo", contact(t, test.contact)) {
			got = append(got, string(ref.Kind)+" "+ref.Value)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestDiffAndHas(t *testing.T) {
	t.Parallel()
	before, after := contact(t, `{"email":"a@example.com"}`), contact(t, `{"email":"a@example.com","individualContact":{"email":"b@example.com"}}`)
	ref := directory.Ref{Organization: "demo", Kind: directory.Email, Value: "b@example.com"}
	entry := []directory.Entry{{Ref: ref, Contact: "C1"}}
	if added, gone := reach.Diff("demo", "C1", before, after); !cmp.Equal(entry, added) || gone != nil {
		t.Errorf("added %v, gone %v; want %v added", added, gone, entry)
	}
	if added, gone := reach.Diff("demo", "C1", after, before); !cmp.Equal(entry, gone) || added != nil {
		t.Errorf("added %v, gone %v; want %v gone", added, gone, entry)
	}
	if reach.Has(before, ref) || !reach.Has(after, ref) {
		t.Error("the address is there before, or not after")
	}
}
