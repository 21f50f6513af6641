package platform_test

import (
	"testing"

	"crmhook/shared/trigger"
)

const primotexto = "Primotexto/Sms/Callback"

func TestPrimotexto(t *testing.T) {
	t.Parallel()
	const (
		jane    = `"4711":{"phone":"+33600000000"}`
		stopped = `"4711":{"phone":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false}]}`
	)
	bodies := func(list ...string) []trigger.Trigger {
		of := make([]trigger.Trigger, len(list))
		for i, body := range list {
			of[i] = post(primotexto, body)
		}
		return of
	}
	testTaken(t, []taken{
		{
			name:   "the sample withdraws from everybody with the number",
			before: `{"contacts":{` + jane + `,"4712":{"phoneNumber1":"+33600000000"}}}`,
			of:     bodies(sample(t, "primotexto-sms-callback")),
			after: `{"contacts":{` + stopped + `,"4712":{"phoneNumber1":"+33600000000","authorizations":[{"authorizationCode":"SMS","allowed":false}]}},"records":{` +
				smsMessage("Primotexto", "5bb1c8a0e4b0f3a1d2c3b4a5", "", "unsubscribed", "2026-12-01T09:05:00Z",
					`{"event":"unsubscribed","at":"2026-12-01T09:05:00Z","category":"winter"}`) + `}}`,
		},
		{
			name:   "states out of order, with what else is told",
			before: `{"contacts":{` + jane + `}}`,
			of: bodies(
				`{"event":"delivered","snapshotId":"1","contact":{"identifier":"33600000000","attributes":{"a":1.50}},"date":1796119260000}`,
				`{"event":"sent","snapshotId":"1","contact":{"identifier":"33600000000"},"date":1796119200}`,
				`{"event":"bounce","snapshotId":"2","contact":{"identifier":"33600000000"},"date":1796119200}`,
			),
			after: `{"contacts":{` + jane + `},"records":{` + smsMessage("Primotexto", "1", "4711", "delivered", "2026-12-01T10:01:00Z",
				`{"event":"sent","at":"2026-12-01T10:00:00Z"}`,
				`{"event":"delivered","at":"2026-12-01T10:01:00Z","contact":{"attributes":{"a":1.50}}}`) + `,` +
				smsMessage("Primotexto", "2", "4711", "bounced", "2026-12-01T10:00:00Z", `{"event":"bounced","at":"2026-12-01T10:00:00Z"}`) + `}}`,
		},
		{
			name:   "a reply, and one that asks to stop",
			before: `{"contacts":{` + jane + `}}`,
			of: bodies(
				`{"event":"reply","snapshotId":"1","contact":{"identifier":"33600000000"},"replyMessage":"Merci"}`,
				`{"event":"reply","snapshotId":"2","contact":{"identifier":"33600000000"},"replyMessage":"STOP"}`,
			),
			after: `{"contacts":{` + stopped + `},"records":{` +
				smsMessage("Primotexto", "1", "4711", "reply", "2026-12-01T11:00:00Z", `{"event":"reply","at":"2026-12-01T11:00:00Z","replyMessage":"Merci"}`) + `,` +
				smsMessage("Primotexto", "2", "4711", "unsubscribed", "2026-12-01T11:00:00Z", `{"event":"unsubscribed","at":"2026-12-01T11:00:00Z","replyMessage":"STOP"}`) + `}}`,
		},
		{
			name:   "a query in other spellings",
			before: `{"contacts":{` + jane + `}}`,
			of:     []trigger.Trigger{call(t, primotexto, "SourceId=3&id=1&number=%2B33600000000&status=STOP&date=01/12/2026+11:00:00&tag=x")},
			after: `{"contacts":{` + stopped + `},"records":{` +
				smsMessage("Primotexto", "1", "4711", "unsubscribed", "2026-12-01T10:00:00Z", `{"event":"unsubscribed","at":"2026-12-01T10:00:00Z","tag":"x"}`) + `}}`,
		},
	})
}
