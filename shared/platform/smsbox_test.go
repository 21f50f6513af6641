package platform_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"crmhook/shared/document"
	"crmhook/shared/trigger"
)

const (
	smsboxReports = "Smsbox/Sms/Callback"
	smsboxStops   = "Smsbox/Sms/CallbackStop"
)

// smsMessage is the record of a message to +33600000000.
func smsMessage(platform, id, contact, status, at string, events ...string) string {
	if contact != "" {
		contact = fmt.Sprintf(`"contactNumber":%q,`, contact)
	}
	return fmt.Sprintf(`"message/%s-%s":{"channel":"sms","platform":%[1]q,%[3]s"to":"+33600000000","status":%q,"statusAt":%q,"events":[%s]}`,
		platform, id, contact, status, at, strings.Join(events, ","))
}

func TestSmsbox(t *testing.T) {
	t.Parallel()
	const (
		jane      = `"4711":{"phone":"+33600000000"}`
		delivered = `{"event":"delivered","at":"2026-12-01T10:00:00Z","accuse":"0"}`
	)
	arrived := `{"contacts":{` + jane + `},"records":{` + smsMessage("Smsbox", "123456789012", "4711", "delivered", "2026-12-01T10:00:00Z", delivered) + `}}`
	one := func(of trigger.Trigger) []trigger.Trigger { return []trigger.Trigger{of} }
	testTaken(t, []taken{
		{
			name:   "a query, less QueueProcess's own parameters",
			before: `{"contacts":{` + jane + `}}`,
			of: one(call(t, smsboxReports, "SourceId=3&zoneid=1&BatchMode=true&secondsOfInvisibility=1&Email=ops@example.com&"+
				"numero=33600000000&reference=123456789012&accuse=0&ts=1796119200")),
			after: arrived,
		},
		{
			name:   "a form",
			before: `{"contacts":{` + jane + `}}`,
			of: one(form(smsboxReports, url.Values{
				"numero": {"+33600000000"}, "reference": {"123456789012"}, "accuse": {"0"}, "ts": {"1796119200"},
			})),
			after: arrived,
		},
		{
			name:   "the sample",
			before: `{"contacts":{` + jane + `}}`,
			of:     one(post(smsboxReports, sample(t, "smsbox-sms-callback"))),
			after:  arrived,
		},
		{
			name:   "other spellings, and what the sender appended",
			before: `{"contacts":{` + jane + `}}`,
			of: one(post(smsboxReports, `[{"Number":33600000000,"ID":90071992547409931,"Status":"DELIVERED","date":"2026-12-01 11:00:00","campaign":"winter"},
				{"phone":"0600000000","messageId":"b","status":"stop","timestamp":1796119200123},
				{"to":"0033600000000","ref":"c","code":7,"time":"2026-12-01T11:00:00+01:00"},
				{"to":"99970000001","ref":"sandbox","accuse":7,"ts":1796119200}]`)),
			after: `{"contacts":{"4711":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false}]}},"records":{` +
				smsMessage("Smsbox", "90071992547409931", "4711", "DELIVERED", "2026-12-01T10:00:00Z", `{"event":"DELIVERED","at":"2026-12-01T10:00:00Z","campaign":"winter"}`) + `,` +
				smsMessage("Smsbox", "b", "4711", "unsubscribed", "2026-12-01T10:00:00.123Z", `{"event":"unsubscribed","at":"2026-12-01T10:00:00.123Z"}`) + `,` +
				smsMessage("Smsbox", "c", "4711", "unknown-number", "2026-12-01T10:00:00Z", `{"event":"unknown-number","at":"2026-12-01T10:00:00Z","code":7}`) + `,
				"message/Smsbox-sandbox":{"channel":"sms","platform":"Smsbox","to":"+99970000001","status":"unknown-number","statusAt":"2026-12-01T10:00:00Z",
				"events":[{"event":"unknown-number","at":"2026-12-01T10:00:00Z","accuse":7}]}}}`,
		},
		{
			name:   "states out of order, and one without a time, which is the time at the door",
			before: `{"contacts":{` + jane + `}}`,
			of: []trigger.Trigger{
				call(t, smsboxReports, "numero=33600000000&reference=1&accuse=0&ts=1796119200"),
				call(t, smsboxReports, "numero=33600000000&reference=1&accuse=9&date=2026-12-01T10:59:50+01:00"),
				call(t, smsboxReports, "numero=33600000000&reference=1&accuse=42"),
			},
			after: `{"contacts":{` + jane + `},"records":{` + smsMessage("Smsbox", "1", "4711", "42", "2026-12-01T11:00:00Z",
				`{"event":"sent","at":"2026-12-01T09:59:50Z","accuse":"9"}`, delivered, `{"event":"42","at":"2026-12-01T11:00:00Z"}`) + `}}`,
		},
		{
			name:   "replies at the same address: one asks to stop",
			before: `{"contacts":{` + jane + `,"4712":{"mobilePhone":"06 00 00 00 00","countryCode":"FR"}}}`,
			of: []trigger.Trigger{
				call(t, smsboxReports, "numero=33600000000&reference=1&ts=1796119200&charset=ISO-8859-1&message=Merci+%E0+vous"),
				call(t, smsboxReports, "numero=33600000000&reference=2&ts=1796119200&charset=ISO-8859-1&message=Stop+36000"),
			},
			after: `{"contacts":{"4711":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false}]},
				"4712":{"mobilePhone":"06 00 00 00 00","countryCode":"FR","authorizations":[{"authorizationCode":"SMS","allowed":false}]}},"records":{` +
				smsMessage("Smsbox", "1", "", "reply", "2026-12-01T10:00:00Z", `{"event":"reply","at":"2026-12-01T10:00:00Z","charset":"ISO-8859-1","message":"Merci à vous"}`) + `,` +
				smsMessage("Smsbox", "2", "", "unsubscribed", "2026-12-01T10:00:00Z", `{"event":"unsubscribed","at":"2026-12-01T10:00:00Z","charset":"ISO-8859-1","message":"Stop 36000"}`) + `}}`,
		},
	})
}

func TestSmsboxStop(t *testing.T) {
	t.Parallel()
	const (
		before = `{"contacts":{"4711":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":true},{"authorizationCode":"EMAIL","allowed":true}]},
			"4712":{"phone":"+33600000000"},"4713":{"phone":"+33600000001"}}}`
		after = `{"contacts":{"4711":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false},{"authorizationCode":"EMAIL","allowed":true}]},
			"4712":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false}]},"4713":{"phone":"+33600000001"}}}`
	)
	tests := []taken{
		{name: "the sample", of: []trigger.Trigger{post(smsboxStops, sample(t, "smsbox-sms-callbackstop"))}, after: after},
		{name: "a number alone", of: []trigger.Trigger{call(t, smsboxStops, "SourceId=3&numero=33600000000")}, after: after},
		{name: "a keyword", of: []trigger.Trigger{call(t, smsboxStops, "numero=33600000000&keyword=STOP&message=merci")}, after: after},
	}
	for _, message := range []string{"STOP", "stop", " Stop 36180", "STOPSMS", "Merci, STOP!", "Arrêtez", "ARRET", "Désabonnement", "unsubscribe", "desinscription"} {
		of := form(smsboxStops, url.Values{"numero": {"33600000000"}, "message": {message}})
		tests = append(tests, taken{name: "asks to stop: " + message, of: []trigger.Trigger{of}, after: after})
	}
	for _, message := range []string{"Merci", "A l'arrêt de bus", "nonstop", "OK 12", "."} {
		of := form(smsboxStops, url.Values{"numero": {"33600000000"}, "message": {message}})
		tests = append(tests, taken{name: "says something else: " + message, of: []trigger.Trigger{of}, after: before})
	}
	for i := range tests {
		tests[i].before = before
	}
	testTaken(t, tests)
}

func TestSmsFaults(t *testing.T) {
	t.Parallel()
	broken := post(smsboxReports, "numero=%zz")
	broken.Headers["content-type"] = document.FormType
	testRefused(t, []refused{
		{"nothing", call(t, smsboxReports, "SourceId=3"), []string{
			"query.reference: must be given", "query.numero: must be given", "query.accuse: must be given",
		}},
		{"every field wrong", call(t, smsboxReports, "reference=a/b&numero=12&accuse="+strings.Repeat("x", 65)+"&ts=soon"), []string{
			"query.reference: must be an id of at most 100 letters, digits or . _ ~ : @ + -",
			"query.numero: must be a phone number with its country, as 33600000000",
			"query.ts: must be a time: Unix seconds, RFC 3339 or 2026-12-31 10:00:00 (Paris)",
			"query.accuse: must be at most 64 bytes long",
		}},
		{"given twice", call(t, smsboxReports, "reference=1&numero=33600000000&numero=33600000000&accuse=0"), []string{
			"query.numero: is given 2 times: give it once",
		}},
		{"a form with faults", form(smsboxReports, url.Values{"number": {"x"}, "id": {"1"}, "status": {"sent"}, "ts": {"0"}}), []string{
			"number: must be a phone number with its country, as 33600000000", "ts: must be a whole number from 1 to 253402300799000",
		}},
		{"no form", broken, []string{
			"the form cannot be read: field 1 holds a % that no two hexadecimal digits follow: write %25",
		}},
		{"no JSON", post(smsboxStops, "numero"), []string{
			"the body must be a JSON object or a form (application/x-www-form-urlencoded): not JSON at line 1, column 1: expected a value, found 'n'",
		}},
		{"names twice", post(smsboxStops, `{"a":1,"a":2}`), []string{"a: is given twice: keep one of them"}},
		{"a list", post(smsboxStops, `[{"numero":"33600000000","message":5},{"numero":true},1]`), []string{
			"[2]: must be an object, found a number",
			"[0].message: must be a string, found a number",
			"[1].numero: must be an id (a string or a whole number), found true or false",
		}},
		{"stop without a number", call(t, smsboxStops, "message=STOP"), []string{"query.numero: must be given"}},
		{"Primotexto: nothing", post(primotexto, `{}`), []string{
			"snapshotId: must be given", "event: must be given", "number: must be given",
		}},
		{"Primotexto: every field wrong", post(primotexto, `[{"snapshotId":"a b","event":7,"contact":{"identifier":"x"},"date":"soon"},{"snapshotId":"1","event":"sent","contact":{}}]`), []string{
			"[0].snapshotId: must be an id of at most 100 letters, digits or . _ ~ : @ + -",
			"[0].event: must be a string, found a number",
			"[0].date: must be a time: Unix seconds, RFC 3339 or 2026-12-31 10:00:00 (Paris)",
			"[0].contact.identifier: must be a phone number with its country, as 33600000000",
			"[1].contact.identifier: must be given",
		}},
	})
}

func FuzzSmsbox(f *testing.F) {
	f.Add("numero=33600000000&reference=123456789012&accuse=0&ts=1796119200")
	f.Add("numero=33600000000&reference=1&charset=ISO-8859-1&message=Stop+%E0")
	f.Add(sample(f, "smsbox-sms-callback"))
	f.Add(sample(f, "smsbox-sms-callbackstop"))
	f.Add(`[{"Number":33600000000,"ID":1,"Status":"DELIVERED","date":"2026-12-01 11:00:00"}]`)
	f.Fuzz(func(t *testing.T, text string) {
		for _, name := range []string{smsboxReports, smsboxStops, primotexto} {
			asForm := post(name, text)
			asForm.Headers["content-type"] = document.FormType
			fuzzed(t, asForm)
			fuzzed(t, post(name, text))
			if values, err := document.Query(text); err == nil {
				asQuery := post(name, "")
				asQuery.Query = values
				fuzzed(t, asQuery)
			}
		}
	})
}
