package platform_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"crmhook/shared/trigger"
)

const mailjet = "Mailjet/email/Callback"

func mailjetTriggers(bodies ...string) []trigger.Trigger {
	of := make([]trigger.Trigger, len(bodies))
	for i, body := range bodies {
		of[i] = post(mailjet, body)
	}
	return of
}

// mailjetMessage is the record Mailjet-1 of jane@example.com with events.
func mailjetMessage(contact, status, at string, events ...string) string {
	if contact != "" {
		contact = fmt.Sprintf(`"contactNumber":%q,`, contact)
	}
	return fmt.Sprintf(`"message/Mailjet-1":{"channel":"email","platform":"Mailjet",%s"to":"jane@example.com","status":%q,"statusAt":%q,"events":[%s]}`,
		contact, status, at, strings.Join(events, ","))
}

func TestMailjet(t *testing.T) {
	t.Parallel()
	const (
		jane   = `"4711":{"email":"Jane@Example.com"}`
		sent   = `{"event":"sent","at":"2026-12-01T10:00:00Z"}`
		opened = `{"event":"opened","at":"2026-12-01T10:01:00Z"}`
	)
	testTaken(t, []taken{
		{
			name: "the sample",
			before: `{"contacts":{"4711":{"email":"jane@example.com"},"4712":{"email":"john@example.com"},"4713":{"email":"jean@example.com","tags":["vip"],
				"authorizations":[{"authorizationCode":"SMS","allowed":true},{"authorizationCode":"EMAIL","allowed":true}]}}}`,
			of: mailjetTriggers(sample(t, "mailjet-email-callback")),
			after: `{"contacts":{
				"4711":{"email":"jane@example.com","authorizations":[{"authorizationCode":"EMAIL","allowed":false}]},
				"4712":{"email":"john@example.com","communicationMeans":[{"type":"EMAIL","value":"john@example.com","state":"invalid"}]},
				"4713":{"email":"jean@example.com","tags":["vip"],
					"authorizations":[{"authorizationCode":"SMS","allowed":true},{"authorizationCode":"EMAIL","allowed":false}]}},
			"records":{
				"message/Mailjet-19421777835146490":{"channel":"email","platform":"Mailjet","contactNumber":"4711","to":"jane@example.com","status":"unsubscribed","statusAt":"2026-12-01T10:01:50Z","events":[
					{"event":"sent","at":"2026-12-01T10:00:00Z","Message_GUID":"1ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":4,"customcampaign":"winter","mj_message_id":"19421777835146490","smtp_reply":"sent (250 2.0.0 OK)","CustomID":"order-1001","Payload":""},
					{"event":"opened","at":"2026-12-01T10:01:00Z","Message_GUID":"1ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":4,"customcampaign":"winter","CustomID":"order-1001","Payload":"","ip":"192.0.2.1","geo":"FR","agent":"Mozilla/5.0"},
					{"event":"clicked","at":"2026-12-01T10:01:30Z","Message_GUID":"1ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":4,"customcampaign":"winter","CustomID":"order-1001","Payload":"","url":"https://www.example.com/","ip":"192.0.2.1","geo":"FR","agent":"Mozilla/5.0"},
					{"event":"unsubscribed","at":"2026-12-01T10:01:50Z","Message_GUID":"1ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":4,"customcampaign":"winter","CustomID":"order-1001","Payload":"","mj_list_id":1,"ip":"192.0.2.1","geo":"FR","agent":"Mozilla/5.0"}]},
				"message/Mailjet-13792286917004336":{"channel":"email","platform":"Mailjet","contactNumber":"4712","to":"john@example.com","status":"bounced","statusAt":"2026-12-01T10:00:30Z","events":[
					{"event":"bounced","at":"2026-12-01T10:00:30Z","Message_GUID":"2ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":5,"customcampaign":"winter","CustomID":"","Payload":"","blocked":false,"hard_bounce":true,"error_related_to":"recipient","error":"user unknown","comment":""}]},
				"message/Mailjet-13792286917004337":{"channel":"email","platform":"Mailjet","to":"joan@example.com","status":"blocked","statusAt":"2026-12-01T10:00:31Z","events":[
					{"event":"blocked","at":"2026-12-01T10:00:31Z","Message_GUID":"3ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":6,"customcampaign":"winter","CustomID":"","Payload":"","error_related_to":"mailjet","error":"preblocked"}]},
				"message/Mailjet-13792286917004338":{"channel":"email","platform":"Mailjet","contactNumber":"4713","to":"jean@example.com","status":"spam","statusAt":"2026-12-01T10:01:40Z","events":[
					{"event":"spam","at":"2026-12-01T10:01:40Z","Message_GUID":"4ab23cd4-e567-8901-2345-6789f0ab1c2d","mj_campaign_id":7257,"mj_contact_id":7,"customcampaign":"winter","CustomID":"","Payload":"","source":"JMRPP"}]}}}`,
		},
		{
			name:   "one object, and an address in another case",
			before: `{"contacts":{` + jane + `}}`,
			of:     mailjetTriggers(`{"event":"sent","time":1796119200,"MessageID":1,"email":" JANE@example.com "}`),
			after:  `{"contacts":{` + jane + `},"records":{` + mailjetMessage("4711", "sent", "2026-12-01T10:00:00Z", sent) + `}}`,
		},
		{
			name:   "nothing happened",
			before: `{"contacts":{` + jane + `}}`,
			of:     mailjetTriggers(`[]`),
			after:  `{"contacts":{` + jane + `}}`,
		},
		{
			name: "several contacts have the address: all are withdrawn, the message is nobody's",
			before: `{"contacts":{"4711":{"email":"jane@example.com"},"4712":{"communicationMeans":[{"type":"EMAIL","value":"Jane@example.com"}]},
				"4713":{"email":"john@example.com"}}}`,
			of: mailjetTriggers(`[{"event":"unsub","time":1796119200,"MessageID":1,"email":"jane@example.com"}]`),
			after: `{"contacts":{"4711":{"email":"jane@example.com","authorizations":[{"authorizationCode":"EMAIL","allowed":false}]},
				"4712":{"communicationMeans":[{"type":"EMAIL","value":"Jane@example.com"}],"authorizations":[{"authorizationCode":"EMAIL","allowed":false}]},
				"4713":{"email":"john@example.com"}},
				"records":{` + mailjetMessage("", "unsubscribed", "2026-12-01T10:00:00Z", `{"event":"unsubscribed","at":"2026-12-01T10:00:00Z"}`) + `}}`,
		},
		{
			name:   "an address is marked where it stands, and a soft bounce marks none",
			before: `{"contacts":{"4711":{"communicationMeans":[{"type":"EMAIL","value":"Jane@example.com","main":true}]},"4712":{"email":"john@example.com"}}}`,
			of: mailjetTriggers(`[{"event":"bounce","time":1796119200,"MessageID":0,"email":"jane@example.com","hard_bounce":true},
				{"event":"bounce","time":1796119200,"MessageID":0,"email":"john@example.com","hard_bounce":false,"blocked":true},
				{"event":"blocked","time":1796119200,"MessageID":0,"email":"john@example.com","hard_bounce":""}]`),
			after: `{"contacts":{"4711":{"communicationMeans":[{"type":"EMAIL","value":"Jane@example.com","main":true,"state":"invalid"}]},"4712":{"email":"john@example.com"}}}`,
		},
		{
			name:   "out of order: the status is the latest event's",
			before: `{"contacts":{` + jane + `}}`,
			of: mailjetTriggers(
				`{"event":"open","time":1796119260,"MessageID":1,"email":"jane@example.com"}`,
				`{"event":"sent","time":1796119200,"MessageID":1,"email":"jane@example.com"}`,
				`{"event":"open","time":1796119260,"MessageID":1,"email":"jane@example.com"}`,
			),
			after: `{"contacts":{` + jane + `},"records":{` + mailjetMessage("4711", "opened", "2026-12-01T10:01:00Z", sent, opened) + `}}`,
		},
		{
			name:   "of equal times the later at the door counts, and the earlier one read again does not",
			before: `{}`,
			of: mailjetTriggers(
				`{"event":"sent","time":1796119200,"MessageID":1,"email":"jane@example.com"}`,
				`{"event":"open","time":1796119200,"MessageID":1,"email":"jane@example.com"}`,
				`{"event":"sent","time":1796119200,"MessageID":1,"email":"jane@example.com"}`,
			),
			after: `{"records":{` + mailjetMessage("", "opened", "2026-12-01T10:00:00Z", sent, `{"event":"opened","at":"2026-12-01T10:00:00Z"}`) + `}}`,
		},
		{
			name:   "other fields of the record stay, and so does whose it is",
			before: `{"contacts":{` + jane + `},"records":{"message/Mailjet-1":{"campaign":"x","contactNumber":"4799","to":"old@example.com"}}}`,
			of:     mailjetTriggers(`{"event":"sent","time":1796119200,"MessageID":1,"email":"jane@example.com"}`),
			after: `{"contacts":{` + jane + `},"records":{"message/Mailjet-1":{"campaign":"x","channel":"email","platform":"Mailjet","contactNumber":"4799",
				"to":"old@example.com","status":"sent","statusAt":"2026-12-01T10:00:00Z","events":[` + sent + `]}}}`,
		},
		{
			name:   "an unknown event and unknown fields stay as they are",
			before: `{}`,
			of:     mailjetTriggers(`{"event":"typofix","time":1796119200,"MessageID":1,"email":"jane@example.com","at":"x","new":{"id":90071992547409931}}`),
			after: `{"records":{` + mailjetMessage("", "typofix", "2026-12-01T10:00:00Z",
				`{"event":"typofix","at":"2026-12-01T10:00:00Z","_at":"x","new":{"id":90071992547409931}}`) + `}}`,
		},
		{
			name:   "an event of before MessageID",
			before: `{}`,
			of:     mailjetTriggers(`{"event":"sent","time":1796119200,"mj_message_id":"1","email":"jane@example.com"}`),
			after: `{"records":{` + mailjetMessage("", "sent", "2026-12-01T10:00:00Z",
				`{"event":"sent","at":"2026-12-01T10:00:00Z","mj_message_id":"1"}`) + `}}`,
		},
		{
			name:   "a message whose address is not told",
			before: `{"contacts":{` + jane + `}}`,
			of:     mailjetTriggers(`{"event":"sent","time":1796119200,"MessageID":2,"email":""}`),
			after: `{"contacts":{` + jane + `},"records":{"message/Mailjet-2":{"channel":"email","platform":"Mailjet","status":"sent",
				"statusAt":"2026-12-01T10:00:00Z","events":[` + sent + `]}}}`,
		},
		{
			name:   "what the console sends to try a URL out",
			before: `{"contacts":{` + jane + `}}`,
			of: mailjetTriggers(`{"event":"bounce","time":1796119200,"MessageID":0,"email":"","mj_campaign_id":0,"mj_contact_id":0,"customcampaign":"",
				"CustomID":"","Payload":"","blocked":"","hard_bounce":"","error_related_to":"","error":""}`),
			after: `{"contacts":{` + jane + `}}`,
		},
	})
}

func TestMailjetFaults(t *testing.T) {
	t.Parallel()
	testRefused(t, []refused{
		{"no body", post(mailjet, ""), []string{
			"the body must be a JSON array of events, or one event: not JSON at line 1, column 1: expected a value, found the end of the text",
		}},
		{"cut", post(mailjet, `[{"event":"sent"`), []string{
			"the body must be a JSON array of events, or one event: not JSON at line 1, column 17: expected a comma or }, found the end of the text",
		}},
		{"not an event", post(mailjet, `"sent"`), []string{"must be an object, found a string"}},
		{"fields missing", post(mailjet, `{}`), []string{
			"event: must be given", "time: must be given", "MessageID: must be given", "email: must be given",
		}},
		{
			"every fault of every event",
			post(mailjet, `[{"event":"sent","time":1796119200,"MessageID":1,"email":"jane@example.com"},7,
				{"event":"","time":"soon","MessageID":1.5,"email":"jane"},
				{"event":5,"time":0,"MessageID":"a/b","email":["jane@example.com"],"hard_bounce":"maybe"},
				{"event":"`+strings.Repeat("x", 65)+`","time":253402300800,"MessageID":"`+strings.Repeat("1", 101)+`","email":null}]`),
			[]string{
				"[1]: must be an object, found a number",
				"[2].event: must be given",
				"[2].MessageID: must be an id: a string or a whole number",
				"[2].email: must be an e-mail address",
				"[2].time: must be a number, found another string",
				"[3].event: must be a string, found a number",
				"[3].MessageID: must be an id of at most 100 letters, digits or . _ ~ : @ + -",
				"[3].email: must be a string, found a list",
				"[3].time: must be a whole number from 1 to 253402300799",
				"[3].hard_bounce: must be true or false",
				"[4].MessageID: must be an id of at most 100 letters, digits or . _ ~ : @ + -",
				"[4].email: must be given",
				"[4].time: must be a whole number from 1 to 253402300799",
				"[4].event: must be at most 64 bytes long",
			},
		},
	})
}

// TestMailjetLooksEachAddressUpOnce takes the largest array that Mailjet may send.
func TestMailjetLooksEachAddressUpOnce(t *testing.T) {
	t.Parallel()
	var events []map[string]any
	for i := range 3000 {
		events = append(events, map[string]any{
			"event": []string{"sent", "open", "click"}[i%3], "time": 1796119200 + i, "MessageID": i/6 + 1, "email": fmt.Sprintf("jane%d@example.com", i/12),
		})
	}
	body, err := json.Marshal(events)
	if err != nil {
		t.Fatal(err)
	}
	plan, faults := planOf(t, post(mailjet, string(body)))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	lookups, writes := map[string]int{}, map[string]int{}
	for _, person := range plan.People {
		lookups[person.Find[0].Value]++
		for _, write := range person.Writes {
			writes[write.ID]++
		}
	}
	if len(plan.People) != 250 || len(lookups) != 250 || len(writes) != 500 || len(plan.Writes) != 0 {
		t.Errorf("%d people by %d addresses with %d messages, want 250, 250, 500", len(plan.People), len(lookups), len(writes))
	}
	for id, n := range writes {
		if n != 1 {
			t.Errorf("%s is written %d times, want once", id, n)
		}
	}
}

// TestMailjetKeepsMessagesWithinARecord takes more and larger events than a record can hold.
func TestMailjetKeepsMessagesWithinARecord(t *testing.T) {
	t.Parallel()
	state := stateOf(t, "")
	var events []string
	for i := range 60 {
		events = append(events, fmt.Sprintf(`{"event":"click","time":%d,"MessageID":1,"email":"jane@example.com","url":%q,"Payload":%q}`,
			1796119200+i, "https://example.com/"+strings.Repeat("a", 400), strings.Repeat("p", 8000)))
	}
	state.take(t, post(mailjet, "["+strings.Join(events, ",")+"]"))
	kept := state.records["message/Mailjet-1"]["events"].([]any)
	text, err := json.Marshal(kept)
	if err != nil {
		t.Fatal(err)
	}
	first := kept[0].(map[string]any)
	if len(kept) != 50 || len(text) > 320_000 || first["at"] != "2026-12-01T10:00:10Z" {
		t.Errorf("%d events in %d bytes from %v, want 50 in at most 320000 from 10:00:10", len(kept), len(text), first["at"])
	}
	if first["detailsOmitted"] != true || first["Payload"] != nil || first["url"] == nil {
		t.Errorf("details %v, want the long one left out and the short one kept", first)
	}
}

func FuzzMailjet(f *testing.F) {
	f.Add(sample(f, "mailjet-email-callback"))
	f.Add(`{"event":"unsub","time":1796119200,"MessageID":1,"email":"jane@example.com"}`)
	f.Add(`[{"event":"bounce","time":"1796119200","MessageID":"x","email":"jane@example.com","hard_bounce":1}]`)
	f.Fuzz(func(t *testing.T, body string) { fuzzed(t, post(mailjet, body)) })
}
