package apitest

import (
	"fmt"
	"strings"
)

// unreadable are bodies that are no JSON.
func unreadable() map[string]string {
	return map[string]string{
		"no body": "", "blanks": " \n", "a truncated object": `{"a":`, "two documents": "{}{}", "a comment": "{/* */}", "single quotes": "{'a':1}",
		"text that is not UTF-8": "{\"a\":\"\xff\"}", "text that a gateway has damaged": "{\"a\":\"\ufffd\"}", "a NUL byte": "{\"a\":\"\x00\"}",
		"XML": "<a/>", "UTF-16": "\xff\xfe{\x00}\x00",
	}
}

func (t Target) configurations() []Malformed {
	var list []Malformed
	for _, rest := range []string{"interfaces/malformed", "rules/malformed"} {
		for what, body := range unreadable() {
			list = append(list, t.send(rest+": "+what, "PUT", rest, body, 400))
		}
		for what, body := range map[string]string{
			"a list": "[]", "a text": `"a"`, "null": "null", "nothing in it": "{}", "a name twice": `{"type":"event-webhook","type":"event-webhook"}`,
			"a field that nobody knows": `{"colour":1}`, "29 levels": strings.Repeat(`{"a":`, 29) + "1" + strings.Repeat("}", 29),
		} {
			list = append(list, t.send(rest+": "+what, "PUT", rest, body, 422))
		}
	}
	put := func(name, body string, locations ...string) Malformed {
		return t.send(name, "PUT", "interfaces/"+t.Interface, body, 422, locations...)
	}
	return append(
		list,
		put("a type that nobody knows", `{"type":"carrier-pigeon"}`, "type"),
		put("a URL that is none", `{"type":"event-webhook","url":"javascript:alert(1)","events":["*"]}`, "url"),
		put("several faults", `{"type":"contact-webhook-v2","url":7,"details":["EVERYTHING"],"timeoutSeconds":0,"notify":["x"]}`,
			"url", "details[0]", "timeoutSeconds", "notify[0]"),
		put("a secret that is not there", `{"type":"event-webhook","url":"https://crm.example.com/","events":["*"],"authentication":{"mode":"BASIC","login":"a","secret":"nowhere"}}`,
			"authentication.secret"),
		t.send("a rule without a rule webhook", "PUT", "rules/malformed", `{"event":{"type":"contact.created"},"then":["nowhere"]}`, 422, "then[0]"),
	)
}

func (t Target) secrets() []Malformed {
	put := func(name, body string, status int, locations ...string) Malformed {
		return t.send("a secret with "+name, "PUT", "secrets/malformed", body, status, locations...)
	}
	list := []Malformed{
		put("nothing in it", `{}`, 422),
		put("a value that is no text", `{"value":7,"hosts":["crm.example.com"]}`, 422),
		put("hosts that are no list", `{"value":"not-a-real-password","hosts":"crm.example.com"}`, 422),
		put("a field that nobody knows", `{"value":"not-a-real-password","hosts":["crm.example.com"],"colour":1}`, 422),
		put("a list", `[]`, 422),
	}
	for what, body := range unreadable() {
		list = append(list, put(what, body, 400))
	}
	return list
}

func (t Target) starts() []Malformed {
	start := func(name, body string, status int, locations ...string) Malformed {
		return t.send("an execution with "+name, "POST", "interfaces/"+t.Interface+"/executions", body, status, locations...)
	}
	file := func(name, body string) Malformed {
		m := start(name, body, 422)
		m.Header = t.with("Content-Type: application/octet-stream")
		return m
	}
	many := make([]string, 101)
	for i := range many {
		many[i] = fmt.Sprintf(`"%d"`, i)
	}
	other := file("a file and a schedule that is not there", "1\n")
	other.Query, other.Locations = "schedule=nowhere", []string{"query.schedule"}
	return []Malformed{
		start("a truncated object", `{"identifiers":[`, 400),
		start("text that is not UTF-8", "{\"identifiers\":[\"\xff\"]}", 400),
		start("damaged text", "{\"identifiers\":[\"\ufffd\"]}", 400),
		start("a field that nobody knows", `{"everything":true}`, 422, "everything"),
		start("a schedule that is not there", `{"schedule":"nowhere"}`, 422, "schedule"),
		start("a schedule that is no text", `{"schedule":7}`, 422, "schedule"),
		start("no identifiers", `{"identifiers":[]}`, 422, "identifiers"),
		start("identifiers that are no list", `{"identifiers":"4711"}`, 422, "identifiers"),
		start("an identifier that is a number", `{"identifiers":[4711]}`, 422, "identifiers[0]"),
		start("an empty identifier", `{"identifiers":[""]}`, 422, "identifiers[0]"),
		start("a long identifier", `{"identifiers":["`+strings.Repeat("1", 21)+`"]}`, 422, "identifiers[0]"),
		start("an identifier twice", `{"identifiers":["1","1"]}`, 422, "identifiers[1]"),
		start("101 identifiers", `{"identifiers":[`+strings.Join(many, ",")+`]}`, 422, "identifiers"),
		start("all that is no truth", `{"all":"yes"}`, 422, "all"),
		start("all and some", `{"all":true,"identifiers":["1"]}`, 422, "all"),
		file("an empty file", ""),
		file("a file of blank lines", "\n\n \n"),
		file("a file of bytes", "\x00\x01\x02\x03"),
		other,
		t.send("a sample with a field that nobody knows", "POST", "interfaces/"+t.Interface+"/test", `{"colour":1}`, 422, "colour"),
		t.send("a sample that is truncated", "POST", "interfaces/"+t.Interface+"/test", `{"record":`, 400),
	}
}

func (t Target) many() []Malformed {
	var list []Malformed
	for _, rest := range []string{"deliveries/replay", "deliveries/dismiss"} {
		list = append(
			list,
			t.send(rest+": a truncated object", "POST", rest, `{"interface":`, 400),
			t.send(rest+": text that is not UTF-8", "POST", rest, "{\"record\":\"\xff\"}", 400),
			t.send(rest+": a field that nobody knows", "POST", rest, `{"status":"stopped"}`, 422, "status"),
			t.send(rest+": a bad interface", "POST", rest, `{"interface":"a b"}`, 422, "interface"),
			t.send(rest+": an interface that is no text", "POST", rest, `{"interface":["crm"]}`, 422, "interface"),
			t.send(rest+": a bad record", "POST", rest, `{"record":"Contact/1"}`, 422, "record"),
			t.send(rest+": bad times", "POST", rest, `{"since":"yesterday","until":7}`, 422, "since", "until"),
			t.send(rest+": times the wrong way round", "POST", rest, `{"since":"2026-11-25T00:00:00Z","until":"2026-11-24T00:00:00Z"}`, 422),
			t.send(rest+": a name twice", "POST", rest, `{"interface":"crm","interface":"crm"}`, 422),
		)
	}
	return list
}

// nowhere are requests about what is not there.
func (t Target) nowhere() []Malformed {
	const run, event = "01kaqvc9vv8m3c1s2f5h7n0p4r", "0123456789abcdefghjkmnpqrstvwxyz"
	return []Malformed{
		t.ask("an interface that is not there", "GET", "interfaces/nowhere", 404),
		t.ask("a deletion of an interface that is not there", "DELETE", "interfaces/nowhere", 404),
		t.ask("executions of an interface that is not there", "GET", "interfaces/nowhere/executions", 404),
		t.send("an execution of an interface that is not there", "POST", "interfaces/nowhere/executions", "{}", 404),
		t.send("a sample of an interface that is not there", "POST", "interfaces/nowhere/test", "{}", 404),
		t.ask("an execution that is not there", "GET", "interfaces/"+t.Interface+"/executions/"+run, 404),
		t.ask("a cancellation of what is not there", "POST", "interfaces/"+t.Interface+"/executions/"+run+"/cancel", 404),
		t.ask("a rule that is not there", "GET", "rules/nowhere", 404),
		t.ask("a deletion of a rule that is not there", "DELETE", "rules/nowhere", 404),
		t.ask("a deletion of a secret that is not there", "DELETE", "secrets/nowhere", 404),
		t.ask("a delivery that is not there", "GET", "deliveries/"+run+"-00000", 404),
		t.ask("an event that is not there", "GET", "deliveries/"+event, 404),
		t.ask("a replay of what is not there", "POST", "deliveries/"+event+"/replay", 404),
		t.ask("a dismissal of what is not there", "POST", "deliveries/"+event+"/dismiss", 404),
		t.ask("a trigger that is not there", "GET", "triggers/"+run, 404),
		t.ask("a replay of a trigger that is not there", "POST", "triggers/"+run+"/replay", 404),
		t.ask("a replay of what was not set aside", "POST", "setaside/c3RyZWFtIzQ3MTE/replay", 404),
		t.ask("a dismissal of what was not set aside", "POST", "setaside/c3RyZWFtIzQ3MTE/dismiss", 404),
		t.ask("a replay of what no list names", "POST", "setaside/c3R/replay", 404),
	}
}
