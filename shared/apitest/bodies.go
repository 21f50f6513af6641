package apitest

import (
	"strings"
)

func (t Target) bodies() []Malformed {
	long := strings.Repeat("9", 39)
	list := []Malformed{
		t.put("no body", "", 400, "data"),
		t.put("blanks", " \n", 400, "data"),
		t.put("a truncated object", `{"a":1`, 400, "data"),
		t.put("a truncated string", `{"a":"`, 400, "data"),
		t.put("a truncated escape", `{"a":"\u12`, 400, "data"),
		t.put("a truncated word", `{"a":tru`, 400, "data"),
		t.put("a comma too many", `{"a":1,}`, 400, "data"),
		t.put("two documents", `{}{}`, 400, "data"),
		t.put("a comment", `{/* */}`, 400, "data"),
		t.put("single quotes", `{'a':1}`, 400, "data"),
		t.put("not a number", `{"a":NaN}`, 400, "data"),
		t.put("a number with a zero before it", `{"a":01}`, 400, "data"),
		t.put("text that is not UTF-8", "{\"a\":\"\xff\"}", 400, "data"),
		t.put("text that a gateway has damaged", "{\"a\":\"\ufffd\"}", 400, "data"),
		t.put("a name that is not UTF-8", "{\"\xc3\":1}", 400, "data"),
		t.put("half a character at the end", "{\"a\":\"\xe2\x82\"}", 400, "data"),
		t.put("a NUL byte", "{\"a\":\"\x00\"}", 400, "data"),
		t.put("NUL after the document", "{}\x00", 400, "data"),
		t.put("UTF-16", "\xff\xfe{\x00}\x00", 400, "data"),
		t.put("XML", `<a/>`, 400, "data"),
		t.put("a list", `[]`, 422, "data"),
		t.put("a text", `"a"`, 422, "data"),
		t.put("null", `null`, 422, "data"),
		t.put("NUL in a name", `{"a\u0000":1}`, 422),
		t.put("a name twice", `{"a":1,"a":2}`, 422, "data.a"),
		t.put("a name twice, written differently", `{"a":1,"\u0061":2}`, 422, "data.a"),
		t.put("a name twice far inside", `{"a":[{"b":{"c":1,"c":1}}]}`, 422, "data.a[0].b.c"),
		t.put("39 digits", `{"a":`+long+`}`, 422, "data.a"),
		t.put("a huge exponent", `{"a":1e400}`, 422, "data.a"),
		t.put("a tiny exponent", `{"a":1e-400}`, 422, "data.a"),
		t.put("a number of 100,000 digits", `{"a":`+strings.Repeat("7", 100_000)+`}`, 422, "data.a"),
		t.put("several faults", `{"a":1e400,"b":{"c":`+long+`}}`, 422, "data.a", "data.b.c"),
		t.put("29 levels", strings.Repeat(`{"a":`, 29)+"1"+strings.Repeat("}", 29), 422),
		t.put("100,000 lists", `{"a":`+strings.Repeat("[", 100_000)+strings.Repeat("]", 100_000)+"}", 422),
		t.put("100,000 objects that never end", strings.Repeat(`{"a":`, 50_000), 422),
		t.put("another contact's number", `{}`, 422, "data.contactNumber"),
		t.put("a number that is none", `{}`, 422, "data.contactNumber"),
	}
	for i, body := range []string{`{"contactNumber":"somebody-else"}`, `{"contactNumber":["` + t.Contact + `"]}`} {
		other := &list[len(list)-2+i]
		other.Path, other.Body = t.records("contact/"+t.Contact), body
	}
	patch := t.put("a patch that is a list", `[{"op":"add","path":"/a","value":1}]`, 422, "data")
	patch.Method, patch.Path = "PATCH", t.records("contact/"+t.Contact)
	nobody := patch
	nobody.Name, nobody.Path, nobody.Body, nobody.Status, nobody.Locations = "a patch of nothing", t.records("order/malformed"), `{}`, 404, nil
	return append(list, patch, nobody)
}

func (t Target) sizes() []Malformed {
	bulk := t.post("a large bulk write", "", 413)
	bulk.Body, bulk.AtOnce = strings.Repeat(" ", 6<<20+1), true
	contact := t.save("a large contact", `{"individualContactData":{"a":"`+strings.Repeat("x", 400_000)+`"}}`, 413)
	larger := t.put("a record beyond 380 KB", `{"a":"`+strings.Repeat("x", 385_000)+`"}`, 413)
	trigger := Malformed{
		Name: "a large trigger", Method: "POST", Path: t.queueProcess("Shopify/Customer/Update"), Query: "SourceId=1", Header: t.with(),
		Body: strings.Repeat(" ", 350<<10+1), Status: 413,
	}
	return []Malformed{bulk, contact, larger, t.put("a large record", strings.Repeat(" ", 400_001), 413), trigger}
}

func (t Target) lists() []Malformed {
	list := func(name, query string, status int, locations ...string) Malformed {
		return Malformed{
			Name: name, Method: "GET", Path: t.records("contact"), Query: query, Header: t.with(), Status: status, Locations: locations,
		}
	}
	orders := list("a phone number of orders", "phone=%2B33199001234", 422, "query.phone")
	orders.Path = t.records("order")
	return []Malformed{
		list("a limit of 0", "limit=0", 422, "query.limit"),
		list("a limit of 201", "limit=201", 422, "query.limit"),
		list("a limit below 0", "limit=-1", 422, "query.limit"),
		list("a limit that is no number", "limit=ten", 422, "query.limit"),
		list("a limit with a sign", "limit=%2B5", 422, "query.limit"),
		list("a limit beyond numbers", "limit=99999999999999999999", 422, "query.limit"),
		list("a limit twice", "limit=5&limit=5", 422, "query.limit"),
		list("an empty limit", "limit=", 422, "query.limit"),
		list("an empty cursor", "cursor=", 422, "query.cursor"),
		list("a cursor that is none", "cursor=abc", 422, "query.cursor"),
		list("a forged cursor", "cursor=AAAAAAAAAAAAYWJj", 422, "query.cursor"),
		list("a cursor that is not base64url", "cursor=%00%ff%3d", 422, "query.cursor"),
		list("a long cursor", "cursor="+strings.Repeat("A", 5000), 422, "query.cursor"),
		list("an e-mail address that is none", "email=jane", 422, "query.email"),
		list("a phone number that is none", "phone=call-me", 422, "query.phone"),
		list("a phone number without its country", "phone=0199001234", 422, "query.phone"),
		list("a parameter that nobody knows", "mail=jane%40example.com", 422, "query.mail"),
		list("a query that is not well formed", "limit=%zz", 400, "query"),
		list("semicolons in a query", "limit=5;cursor=a", 400, "query"),
		list("several faults at once", "limit=0&cursor=x&email=y&phone=z", 422, "query.limit", "query.cursor", "query.email", "query.phone"),
		orders,
	}
}
