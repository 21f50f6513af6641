package apitest

import (
	"fmt"
	"strings"
)

// post is a bulk write.
func (t Target) post(name, body string, status int, locations ...string) Malformed {
	return Malformed{
		Name: name, Method: "POST", Path: t.records("order"), Header: t.with(), Body: body, Status: status, Locations: locations,
	}
}

func (t Target) bulk() []Malformed {
	items := make([]string, 101)
	for i := range items {
		items[i] = fmt.Sprintf(`{"id":"malformed-%d","data":{}}`, i)
	}
	return []Malformed{
		t.post("a bulk write without a body", "", 400, "body"),
		t.post("a truncated bulk write", `{"items":[{"id":"malformed","data":{}}`, 400, "body"),
		t.post("a truncated list", `[{"id":"malformed","data":{}}`, 400, "body"),
		t.post("a bulk write that is not UTF-8", "[{\"id\":\"malformed\",\"data\":{\"a\":\"\xff\"}}]", 400, "body"),
		t.post("101 records", "["+strings.Join(items, ",")+"]", 422, "items"),
		t.post("no records", `{"items":[]}`, 422, "items"),
		t.post("records that are no list", `{"items":{"id":"malformed"}}`, 422, "items"),
		t.post("null for records", `{"items":null}`, 422, "items"),
		t.post("a number for records", `17`, 422),
		t.post("records twice", `{"items":[{"id":"malformed","data":{}}],"items":[]}`, 422, "items"),
		t.post("records under another name", `{"records":[{"id":"malformed","data":{}}]}`, 422, "items", "records"),
	}
}

// save is a call of saveIndividualContactData.
func (t Target) save(name, body string, status int, locations ...string) Malformed {
	return Malformed{Name: name, Method: "POST", Path: Save, Header: t.with(), Body: body, Status: status, Locations: locations}
}

func (t Target) contacts() []Malformed {
	read := func(name, body string, status int, locations ...string) Malformed {
		return Malformed{Name: name, Method: "POST", Path: Read, Header: t.with(), Body: body, Status: status, Locations: locations}
	}
	key := t.save("a long Idempotency-Key", `{"individualContactData":{}}`, 422, "header.Idempotency-Key")
	key.Header = t.with("Idempotency-Key: " + strings.Repeat("k", 256))
	blank := key
	blank.Name, blank.Header = "an empty Idempotency-Key", t.with("Idempotency-Key: ")
	return []Malformed{
		key, blank,
		t.save("a save without a body", "", 400, "body"),
		t.save("a save that is not UTF-8", "{\"individualContactData\":{\"a\":\"\xff\"}}", 400, "body"),
		t.save("a save of nothing", `{}`, 422, "individualContactData"),
		t.save("a save of null", `{"individualContactData":null}`, 422, "individualContactData"),
		t.save("a save of a list", `{"individualContactData":[]}`, 422, "individualContactData"),
		t.save("a save of two", `{"individualContactData":{},"individualContactData":{}}`, 422, "individualContactData"),
		t.save("a save with a name twice", `{"individualContactData":{"a":1,"a":1}}`, 422, "individualContactData.a"),
		t.save("a save with a long number", `{"individualContactData":{"contactNumber":"`+strings.Repeat("1", 21)+`"}}`, 422, "individualContactData.contactNumber"),
		t.save("a save with a number that is none", `{"individualContactData":{"contactNumber":true}}`, 422, "individualContactData.contactNumber"),
		t.save("a save of nobody", `{"individualContactData":{"contactNumber":"malformed"}}`, 404),
		read("a read without a body", "", 400, "body"),
		read("a read of nobody in particular", `{}`, 422, "contactNumber"),
		read("a read of nobody", `{"contactNumber":"malformed"}`, 404),
		read("a read with a long number", `{"contactNumber":"`+strings.Repeat("1", 21)+`"}`, 422, "contactNumber"),
		read("details that nobody knows", `{"contactNumber":"`+t.Contact+`","details":["EVERYTHING","general"]}`, 422, "details[0]", "details[1]"),
		read("details that are no list", `{"contactNumber":"`+t.Contact+`","details":"GENERAL"}`, 422, "details"),
		read("details that are no names", `{"contactNumber":"`+t.Contact+`","details":[1]}`, 422, "details[0]"),
		read("everything wrong at once", `{"contactNumber":7e999,"details":[{}]}`, 422, "body.contactNumber"),
	}
}

func (t Target) triggers() []Malformed {
	trigger := func(name, action, query, body string, status int, locations ...string) Malformed {
		return Malformed{
			Name: name, Method: "POST", Path: t.queueProcess(action), Query: query, Header: t.with(), Body: body, Status: status, Locations: locations,
		}
	}
	const update, good = "Shopify/Customer/Update", `{"id":1}`
	other := trigger("another customer", update, "SourceId=1", good, 403)
	other.Path = strings.Replace(other.Path, t.Customer, "Somebody Else", 1)
	return []Malformed{
		other,
		trigger("an action that nobody knows", "Shopify/Customer/Merge", "SourceId=1", good, 400, "path"),
		trigger("a platform that nobody knows", "Shop%69fy/Customer/Update", "SourceId=1", good, 400, "path"),
		trigger("no SourceId", update, "", good, 400, "query.SourceId"),
		trigger("a SourceId beyond 32767", update, "SourceId=32768", good, 400, "query.SourceId"),
		trigger("a SourceId that is not well formed", update, "SourceId=%zz", good, 400, "query.SourceId"),
		trigger("a SourceId twice", update, "SourceId=1&sourceid=2", good, 400, "query.SourceId"),
		trigger("a BatchMode that is none", update, "SourceId=1&BatchMode=perhaps", good, 400, "query.BatchMode"),
		trigger("a truncated trigger", update, "SourceId=1", `{"id":`, 400),
		trigger("a trigger that is not UTF-8", update, "SourceId=1", "{\"id\":1,\"a\":\"\xff\"}", 400),
		trigger("a trigger with a name twice", update, "SourceId=1", `{"id":1,"id":2}`, 400),
		trigger("a trigger of 100,000 lists", update, "SourceId=1", strings.Repeat("[", 100_000), 400),
		trigger("a trigger without a body", update, "SourceId=1", "", 400),
	}
}
