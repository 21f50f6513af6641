package platform_test

import (
	"strings"
	"testing"
	"time"

	"crmhook/shared/trigger"
)

const (
	rnvp      = "elfy76310/process/Rnvp"
	rnvpDedup = "elfy76310/process/RnvpDedup"
)

// at is the trigger some time later at the door.
func at(of trigger.Trigger, later time.Duration) trigger.Trigger {
	of.At = of.At.Add(later)
	return of
}

func TestRnvp(t *testing.T) {
	t.Parallel()
	one := func(body string) []trigger.Trigger { return []trigger.Trigger{post(rnvp, body)} }
	const twoAddresses = `{"contacts":{"4711":{"addresses":[
		{"contactAddressId":1,"street1":"a","main":true},{"contactAddressId":9007199254740993,"street1":"b","custom":"kept"}]}}}`
	testTaken(t, []taken{
		{
			name: "the sample: one address by its id, one that is the main one",
			before: `{"contacts":{"4711":{"addresses":[{"contactAddressId":9007199254740992,"street3":"x"},{"contactAddressId":9007199254740993,"street1":"y","custom":"kept"}]},
				"4712":{"addresses":[{"contactAddressId":"1"},{"contactAddressId":"2","main":true,"zipCode":"76000"}]}}}`,
			of: one(sample(t, "elfy76310-process-rnvp")),
			after: `{"contacts":{"4711":{"addresses":[{"contactAddressId":9007199254740992,"street3":"x"},{"contactAddressId":9007199254740993,"custom":"kept",
				"name":"Home","street1":"","street2":"","street3":"1 RUE DE L EXEMPLE","street4":"","zipCode":"76310","town":"EXEMPLEVILLE","countryCode":"FR",
				"normalizationState":"NORMALIZED","normalizationRating":"WAYNUMBER","normalizedAt":"2026-12-01T11:00:00Z"}]},
				"4712":{"addresses":[{"contactAddressId":"1"},{"contactAddressId":"2","main":true,"zipCode":"76310","town":"EXEMPLEVILLE","countryCode":"FR",
				"normalizationState":"NOT_NORMALIZED","normalizationRating":"TOWN","normalizedAt":"2026-12-01T11:00:00Z"}]}}}`,
		},
		{
			name:   "one contact alone, with fields that have no other place",
			before: twoAddresses,
			of: one(`{"contactNumber":4711,"batch":{"id":12345678901234567890},"addresses":[
				{"contactAddressId":"9007199254740993","main":false,"billingAddress":true,"town":"B","hexavia":"00123"},{"street1":"A"}]}`),
			after: `{"contacts":{"4711":{"external":{"elfy76310":{"batch":{"id":12345678901234567890}}},"addresses":[
				{"contactAddressId":1,"street1":"A","main":true,"normalizedAt":"2026-12-01T11:00:00Z"},
				{"contactAddressId":9007199254740993,"street1":"b","custom":"kept","town":"B","external":{"elfy76310":{"hexavia":"00123"}},"normalizedAt":"2026-12-01T11:00:00Z"}]}}}`,
		},
		{
			name:   "an address that the contact does not have is not made, and a contact that is not there neither",
			before: twoAddresses,
			of:     one(`{"contacts":[{"contactNumber":"4711","addresses":[{"contactAddressId":7,"town":"X"}]},{"contactNumber":"4799","addresses":[{"town":"X"}]}]}`),
			after:  twoAddresses,
		},
		{
			name:   "no main address among several",
			before: `{"contacts":{"4711":{"addresses":[{"street1":"a"},{"street1":"b"}]},"4712":{"addresses":[{"street1":"a"}]},"4713":{}}}`,
			of: one(`{"contacts":[{"contactNumber":"4711","addresses":[{"town":"X"}]},{"contactNumber":"4712","addresses":[{"town":"X"}]},
				{"contactNumber":"4713","addresses":[{"town":"X"}]}]}`),
			after: `{"contacts":{"4711":{"addresses":[{"street1":"a"},{"street1":"b"}]},
				"4712":{"addresses":[{"street1":"a","town":"X","normalizedAt":"2026-12-01T11:00:00Z"}]},"4713":{}}}`,
		},
		{
			name:   "an older result changes nothing, the same one again neither",
			before: `{"contacts":{"4711":{"addresses":[{"main":true}]}}}`,
			of: []trigger.Trigger{
				at(post(rnvp, `{"contactNumber":"4711","addresses":[{"town":"NEW"}]}`), time.Minute),
				post(rnvp, `{"contactNumber":"4711","addresses":[{"town":"OLD"}]}`),
				at(post(rnvp, `{"contactNumber":"4711","addresses":[{"town":"NEW"}]}`), time.Hour),
			},
			after: `{"contacts":{"4711":{"addresses":[{"main":true,"town":"NEW","normalizedAt":"2026-12-01T11:01:00Z"}]}}}`,
		},
		{
			name:   "a contact twice: its addresses in order",
			before: twoAddresses,
			of: one(`{"contacts":[{"contactNumber":"4711","addresses":[{"contactAddressId":1,"town":"A"}]},
				{"contactNumber":"4711","addresses":[{"contactAddressId":"9007199254740993","town":"B"}]}]}`),
			after: `{"contacts":{"4711":{"addresses":[{"contactAddressId":1,"street1":"a","main":true,"town":"A","normalizedAt":"2026-12-01T11:00:00Z"},
				{"contactAddressId":9007199254740993,"street1":"b","custom":"kept","town":"B","normalizedAt":"2026-12-01T11:00:00Z"}]}}}`,
		},
	})
}

func TestRnvpDedup(t *testing.T) {
	t.Parallel()
	one := func(body string) []trigger.Trigger { return []trigger.Trigger{post(rnvpDedup, body)} }
	testTaken(t, []taken{
		{
			name:   "the sample",
			before: `{"contacts":{"4711":{"addresses":[{"main":true}],"contactConnections":[{"type":"FAMILY","contactNumber":"4712"}]},"4712":{"state":"ACTIVE","email":"jane@example.com"}}}`,
			of:     one(sample(t, "elfy76310-process-rnvpdedup")),
			after: `{"contacts":{"4711":{"addresses":[{"main":true,"street3":"1 RUE DE L EXEMPLE","zipCode":"76310","town":"EXEMPLEVILLE","countryCode":"FR",
				"normalizationState":"NORMALIZED","normalizationRating":"WAYNUMBER","normalizedAt":"2026-12-01T11:00:00Z"}],
				"contactConnections":[{"type":"FAMILY","contactNumber":"4712"},{"type":"MERGED","contactNumber":"4712"}]},
				"4712":{"state":"INVALID","stateBeforeMerge":"ACTIVE","mergedInto":"4711","email":"jane@example.com"}}}`,
		},
		{
			name:   "several, without contacts, with and without a state",
			before: `{"contacts":{"1":{},"2":{"state":"INVALID"},"3":{},"5":{"state":"ACTIVE"}}}`,
			of:     one(`{"duplicates":[{"keep":"1","merge":["2",3]},{"keep":"4","merge":["5"]}]}`),
			after: `{"contacts":{"1":{"contactConnections":[{"type":"MERGED","contactNumber":"2"},{"type":"MERGED","contactNumber":"3"}]},
				"2":{"state":"INVALID","stateBeforeMerge":"INVALID","mergedInto":"1"},"3":{"state":"INVALID","stateBeforeMerge":null,"mergedInto":"1"},
				"5":{"state":"INVALID","stateBeforeMerge":"ACTIVE","mergedInto":"4"}}}`,
		},
		{
			name:   "merged into another one later: the first state stays known",
			before: `{"contacts":{"2":{"state":"ACTIVE"}}}`,
			of:     append(one(`{"duplicates":[{"keep":"1","merge":["2"]}]}`), one(`{"duplicates":[{"keep":"3","merge":["2"]}]}`)...),
			after:  `{"contacts":{"2":{"state":"INVALID","stateBeforeMerge":"ACTIVE","mergedInto":"3"}}}`,
		},
		{
			name:   "merged again after the merge was undone in part",
			before: `{"contacts":{"2":{"state":"CLOSED","stateBeforeMerge":"ACTIVE"}}}`,
			of:     one(`{"duplicates":[{"keep":"1","merge":["2"]}]}`),
			after:  `{"contacts":{"2":{"state":"INVALID","stateBeforeMerge":"CLOSED","mergedInto":"1"}}}`,
		},
		{
			name:   "one contact alone beside duplicates",
			before: `{"contacts":{"1":{"addresses":[{"main":true}]},"2":{"state":"ACTIVE"}}}`,
			of:     one(`{"contactNumber":"1","addresses":[{"town":"X"}],"duplicates":[{"keep":"1","merge":["2"]}]}`),
			after: `{"contacts":{"1":{"addresses":[{"main":true,"town":"X","normalizedAt":"2026-12-01T11:00:00Z"}],"contactConnections":[{"type":"MERGED","contactNumber":"2"}]},
				"2":{"state":"INVALID","stateBeforeMerge":"ACTIVE","mergedInto":"1"}}}`,
		},
	})
}

func TestRnvpFaults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 300)
	testRefused(t, []refused{
		{"no JSON", post(rnvp, `{`), []string{
			"the body must be a JSON object: not JSON at line 1, column 2: expected a name in double quotes, found the end of the text",
		}},
		{"a list", post(rnvp, `[]`), []string{"must be an object, found a list"}},
		{"nothing", post(rnvp, `{}`), []string{"contactNumber: must be given", "addresses: must be given"}},
		{"contacts that are none", post(rnvp, `{"contacts":{"contactNumber":"1"}}`), []string{"contacts: must be a list of objects, found an object"}},
		{
			"every fault of every contact",
			post(rnvp, `{"contacts":[1,{"contactNumber":"123456789012345678901","addresses":{}},
				{"contactNumber":{},"addresses":[{"contactAddressId":1.5,"zipCode":"123456789","countryCode":7,"town":"`+long+`","normalizationState":"normalized","normalizationRating":"HOUSE"},
				{"main":false,"zipCode":"76310"},2]},
				{"contactNumber":"1","addresses":[{"contactAddressId":5},{"contactAddressId":"5"},{},{"main":true}]}]}`),
			[]string{
				"contacts[0]: must be an object, found a number",
				"contacts[1].contactNumber: must be at most 20 characters long, found 21",
				"contacts[1].addresses: must be a list of objects, found an object",
				"contacts[2].contactNumber: must be an id (a string or a whole number), found an object",
				"contacts[2].addresses[2]: must be an object, found a number",
				"contacts[2].addresses[0].contactAddressId: must be an id: a string or a whole number",
				"contacts[2].addresses[0].countryCode: must be a string, found a number",
				"contacts[2].addresses[0].town: must be at most 255 characters long, found 300",
				"contacts[2].addresses[0].zipCode: must be at most 8 characters long, found 9",
				"contacts[2].addresses[0].normalizationRating: must be one of UNKNOWN, COUNTRY, ZIPCODE, TOWN, WAY, WAYNUMBER",
				"contacts[2].addresses[0].normalizationState: must be one of NORMALIZED, TO_BE_NORMALIZED, NOT_TO_BE_NORMALIZED, NOT_NORMALIZED",
				"contacts[2].addresses[1].contactAddressId: must be given for an address that is not the main one",
				"contacts[2].addresses[1].contactAddressId: must be another one: an address of the list is the same",
				"contacts[3].addresses[1].contactAddressId: must be another one: an address of the list is the same",
				"contacts[3].addresses[3].contactAddressId: must be another one: an address of the list is the same",
			},
		},
		{"dedup: nothing", post(rnvpDedup, `{}`), []string{
			"contactNumber: must be given", "addresses: must be given", "duplicates: must be given",
		}},
		{
			"dedup: itself, chains, twice, empty",
			post(rnvpDedup, `{"duplicates":[{"keep":"1","merge":["1"]},{"keep":"2","merge":["3","3"]},{"keep":"3","merge":["4"]},{"keep":"5","merge":["2"]},
				{"keep":"5","merge":["6"]},{"keep":"","merge":[]},{"merge":"7"},{"keep":"8","merge":["",null,"123456789012345678901",1]},3]}`),
			[]string{
				"duplicates[8]: must be an object, found a number",
				"duplicates[5].keep: must be given",
				"duplicates[5].merge: must be a list of contact numbers, one at least",
				"duplicates[6].keep: must be given",
				"duplicates[6].merge: must be a list of contact numbers, one at least",
				"duplicates[0].merge[0]: must be another contact: this one is named at duplicates[0].keep already; each is kept or merged once",
				"duplicates[1].merge[1]: must be another contact: this one is named at duplicates[1].merge[0] already; each is kept or merged once",
				"duplicates[2].keep: must be another contact: this one is named at duplicates[1].merge[0] already; each is kept or merged once",
				"duplicates[3].merge[0]: must be another contact: this one is named at duplicates[1].keep already; each is kept or merged once",
				"duplicates[4].keep: must be another contact: this one is named at duplicates[3].keep already; each is kept or merged once",
				"duplicates[7].merge[0]: must be a contact number of 1 to 20 characters",
				"duplicates[7].merge[1]: must be a contact number of 1 to 20 characters",
				"duplicates[7].merge[2]: must be a contact number of 1 to 20 characters",
				"duplicates[7].merge[3]: must be another contact: this one is named at duplicates[0].keep already; each is kept or merged once",
			},
		},
	})
}

func FuzzRnvp(f *testing.F) {
	f.Add(sample(f, "elfy76310-process-rnvp"))
	f.Add(sample(f, "elfy76310-process-rnvpdedup"))
	f.Add(`{"contactNumber":"4712","addresses":[{"town":"X"}],"duplicates":[{"keep":"4711","merge":["4712"]}],"x":1}`)
	f.Fuzz(func(t *testing.T, body string) {
		fuzzed(t, post(rnvp, body))
		fuzzed(t, post(rnvpDedup, body))
	})
}
