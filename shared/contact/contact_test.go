package contact_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/contact"
	"crmhook/shared/fault"
)

// full is a contact with every known field, two that are not known, and an id beyond 2^53.
func full() map[string]any {
	fields := []string{
		"role", "state", "type", "guest", "creationDate", "createdFrom", "contactOrigin", "endValidityDate", "function",
		"hasWarning", "hasAdvantages", "individualContact", "structureContact", "contactQualities", "authorizations",
		"contactCriteria", "contactFileHistoryCriteria", "indicators", "advantages", "addresses", "communicationMeans",
		"financialData", "contactConnections", "individualPhoto", "invalidatedQualities", "loyaltyTier", "Adresses",
	}
	data := map[string]any{"contactNumber": "4711", "contactId": json.Number("9007199254740993")}
	for _, field := range fields {
		data[field] = field + " value"
	}
	return data
}

func TestSelect(t *testing.T) {
	t.Parallel()
	general := []string{
		"role", "state", "type", "guest", "creationDate", "createdFrom", "contactOrigin", "endValidityDate", "function",
		"hasWarning", "hasAdvantages", "individualContact", "structureContact", "loyaltyTier", "Adresses",
	}
	tests := map[string]struct {
		details contact.Details
		want    []string
	}{
		"none":                  {0, nil},
		"GENERAL":               {contact.General, general},
		"QUALITIES":             {contact.Qualities, []string{"contactQualities"}},
		"AUTHORIZATIONS":        {contact.Authorizations, []string{"authorizations"}},
		"CRITERIA":              {contact.Criteria, []string{"contactCriteria", "contactFileHistoryCriteria"}},
		"INDICATORS":            {contact.Indicators, []string{"indicators"}},
		"ADVANTAGES":            {contact.Advantages, []string{"advantages"}},
		"ADDRESSES":             {contact.Addresses, []string{"addresses"}},
		"COM_MEANS":             {contact.ComMeans, []string{"communicationMeans"}},
		"FINANCIAL":             {contact.Financial, []string{"financialData"}},
		"CONNECTIONS":           {contact.Connections, []string{"contactConnections"}},
		"INDIVIDUAL_PHOTO":      {contact.IndividualPhoto, []string{"individualPhoto"}},
		"INVALIDATED_QUALITIES": {contact.InvalidatedQualities, []string{"invalidatedQualities"}},
		"two": {
			contact.Addresses | contact.Indicators, []string{"addresses", "indicators"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for field := range contact.Select("record", full(), test.details) {
				got = append(got, field)
			}
			want := append([]string{"contactId", "contactNumber"}, test.want...)
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

func TestSelectAllKeepsEverything(t *testing.T) {
	t.Parallel()
	if diff := cmp.Diff(full(), contact.Select("record", full(), contact.All)); diff != "" {
		t.Errorf("contact (-want +got):\n%s", diff)
	}
}

func TestNumber(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		data map[string]any
		want any
		text string
	}{
		"given":  {map[string]any{"contactNumber": "A/1 &?#%"}, "A/1 &?#%", "A/1 &?#%"},
		"number": {map[string]any{"contactNumber": json.Number("4711")}, json.Number("4711"), "4711"},
		"absent": {map[string]any{}, "record", "record"},
		"null":   {map[string]any{"contactNumber": nil}, "record", "record"},
		"empty":  {map[string]any{"contactNumber": ""}, "record", "record"},
		"nil":    {nil, "record", "record"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := contact.Select("record", test.data, contact.General)
			if diff := cmp.Diff(map[string]any{"contactNumber": test.want}, got); diff != "" {
				t.Errorf("selected (-want +got):\n%s", diff)
			}
			if got := contact.NumberOf("record", test.data); got != test.text {
				t.Errorf("NumberOf = %q, want %q", got, test.text)
			}
		})
	}
}

func TestSelectLeavesDataAlone(t *testing.T) {
	t.Parallel()
	data := map[string]any{"role": "MEMBER"}
	contact.Select("record", data, contact.All)
	if diff := cmp.Diff(map[string]any{"role": "MEMBER"}, data); diff != "" {
		t.Errorf("data changed (-want +got):\n%s", diff)
	}
}

func TestGroupOfStep(t *testing.T) {
	t.Parallel()
	tests := map[string]contact.Details{
		"role":                       contact.General,
		"somethingNew":               contact.General,
		"isGuest":                    contact.General,
		"contactNumber":              0,
		"CONTACTID":                  0,
		"addresses":                  contact.Addresses,
		"Addresses":                  contact.Addresses,
		"Indicators":                 contact.Indicators,
		"isAddresses":                contact.Addresses,
		"contactfilehistorycriteria": contact.Criteria,
		"communicationmeans":         contact.ComMeans,
		"is":                         contact.General,
		"":                           contact.General,
	}
	for step, want := range tests {
		if got := contact.GroupOfStep(step); got != want {
			t.Errorf("GroupOfStep(%q) = %v, want %v", step, got, want)
		}
	}
}

func TestParseDetails(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		names  []string
		want   contact.Details
		faults fault.List
	}{
		"empty": {},
		"two":   {names: []string{"ADDRESSES", "GENERAL"}, want: contact.General | contact.Addresses},
		"all":   {names: contact.All.Names(), want: contact.All},
		"case and separator": {
			names: []string{"general", "com-means", "IndividualPhoto"},
			faults: fault.List{
				{Location: "details[0]", Message: "must be written GENERAL", Value: "general"},
				{Location: "details[1]", Message: "must be written COM_MEANS", Value: "com-means"},
				{Location: "details[2]", Message: "must be written INDIVIDUAL_PHOTO", Value: "IndividualPhoto"},
			},
		},
		"twice": {
			names: []string{"GENERAL", "GENERAL"}, want: contact.General,
			faults: fault.List{{Location: "details[1]", Message: "is listed twice", Value: "GENERAL"}},
		},
		"unknown": {
			names: []string{"ADRESSES"},
			faults: fault.List{{
				Location: "details[0]", Value: "ADRESSES",
				Message: "must be one of " + strings.Join(contact.All.Names(), ", "),
			}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, faults := contact.ParseDetails(test.names)
			if got != test.want {
				t.Errorf("details = %v, want %v", got, test.want)
			}
			if diff := cmp.Diff(test.faults, faults); diff != "" {
				t.Errorf("faults (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDetailsAsText(t *testing.T) {
	t.Parallel()
	for details := contact.Details(0); details <= contact.All; details++ {
		text, err := json.Marshal(details)
		if err != nil {
			t.Fatalf("marshal %d: %v", details, err)
		}
		got := contact.All
		if err := json.Unmarshal(text, &got); err != nil || got != details {
			t.Fatalf("unmarshal %s = %v, %v, want %v", text, got, err, details)
		}
	}
	var got contact.Details
	if err := json.Unmarshal([]byte(`"GENERAL,ODD"`), &got); err == nil {
		t.Error("an unknown name was read without an error")
	}
}
