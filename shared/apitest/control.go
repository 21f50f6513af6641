package apitest

import (
	"net/http"
	"strings"

	"crmhook/shared/page"
)

// Control are requests to what operators and their tools ask. Interface is an active contact webhook of the target's with a
// schedule; the token's scopes are those of a manager.
func (t Target) Control() []Malformed {
	var all []Malformed
	for _, group := range [][]Malformed{
		t.controlPaths(), t.controlMethods(), t.managers(), t.names(), t.controlHeaders(), t.controlSizes(), t.pages(), t.filters(), t.configurations(),
		t.secrets(), t.starts(), t.many(), t.nowhere(),
	} {
		all = append(all, group...)
	}
	return all
}

func (t Target) control(rest string) string { return "/organizations/" + t.Organization + "/" + rest }

// ask is a request of a manager.
func (t Target) ask(name, method, rest string, status int, locations ...string) Malformed {
	return Malformed{Name: name, Method: method, Path: t.control(rest), Header: t.with(), Status: status, Locations: locations}
}

// send is a request of a manager with a body.
func (t Target) send(name, method, rest, body string, status int, locations ...string) Malformed {
	m := t.ask(name, method, rest, status, locations...)
	m.Body = body
	return m
}

// query is a GET of a manager with a query.
func (t Target) query(name, rest, query string, status int, locations ...string) Malformed {
	m := t.ask(name, http.MethodGet, rest, status, locations...)
	m.Query = query
	return m
}

func (t Target) controlPaths() []Malformed {
	return []Malformed{
		t.ask("no folder of an organization", "GET", "interface", 404),
		t.ask("an organization alone", "GET", "", 404),
		t.ask("a slash after interfaces", "GET", "interfaces/", 404),
		t.ask("too long a path of an interface", "GET", "interfaces/crm/schedules", 404),
		t.ask("dots in the path of an interface", "DELETE", "interfaces/../rules/r", 404),
		t.ask("an empty name", "DELETE", "interfaces//executions", 404),
		t.ask("a slash in a delivery's id", "POST", "deliveries/a/b/replay", 404),
		t.ask("folders in other letters", "GET", "Interfaces", 404),
	}
}

func (t Target) controlMethods() []Malformed {
	return []Malformed{
		t.ask("POST to the interfaces", "POST", "interfaces", 405),
		t.ask("PATCH of an interface", "PATCH", "interfaces/"+t.Interface, 405),
		t.ask("HEAD of an interface", "HEAD", "interfaces/"+t.Interface, 405),
		t.ask("GET of a secret", "GET", "secrets/crm-password", 405),
		t.ask("DELETE of the executions", "DELETE", "interfaces/"+t.Interface+"/executions", 405),
		t.ask("GET of a cancellation", "GET", "interfaces/"+t.Interface+"/executions/1/cancel", 405),
		t.ask("GET of a test", "GET", "interfaces/"+t.Interface+"/test", 405),
		t.ask("POST to the deliveries", "POST", "deliveries", 405),
		t.ask("PUT of a replay", "PUT", "deliveries/replay", 405),
		t.ask("DELETE of the audit", "DELETE", "audit", 405),
		t.ask("DELETE of a trigger", "DELETE", "triggers/1", 405),
		t.ask("GET of an erasure", "GET", "contacts/"+t.Contact+"/erase", 405),
	}
}

func (t Target) managers() []Malformed {
	list := []Malformed{
		t.send("an interface without a token", "PUT", "interfaces/malformed", "{", 401),
		t.send("an interface by nobody", "DELETE", "interfaces/"+t.Interface, "", 401),
		t.send("a secret with another scheme", "PUT", "secrets/malformed", "{}", 401),
		t.ask("an erasure without a token", "POST", "contacts/"+t.Contact+"/erase", 401),
		t.ask("a bad name without a token", "GET", "interfaces/a b", 401),
		t.query("a bad query without a token", "deliveries", "limit=%zz", 401),
		t.send("a large interface without a token", "PUT", "interfaces/malformed", strings.Repeat(" ", 65_537), 413),
	}
	for i := range list {
		list[i].Header = http.Header{}
	}
	list[1].Header.Set("Authorization", "Bearer nobody")
	list[2].Header.Set("Authorization", "Basic "+t.Token)
	for _, rest := range []string{
		"interfaces", "rules", "deliveries", "triggers", "setaside", "audit", "interfaces/" + t.Interface, "interfaces/" + t.Interface + "/executions",
	} {
		for _, organization := range []string{"somebody-else", t.Organization + "#" + t.Interface, "Some Body"} {
			other := t.ask("GET "+rest+" of "+organization, "GET", rest, 403)
			other.Path = "/organizations/" + organization + "/" + rest
			list = append(list, other)
		}
	}
	erase := t.ask("an erasure of another organization's contact", "POST", "", 403)
	erase.Path = "/organizations/somebody-else/contacts/" + t.Contact + "/erase"
	return append(list, erase)
}

func (t Target) names() []Malformed {
	var list []Malformed
	for what, name := range map[string]string{
		"a blank": "a b", "a number sign": "a#b", "a letter beyond ASCII": "é", "NUL": "a\x00", "a line break": "a\nb", "bytes that are not UTF-8": "a\xff",
		"a quote": `a"b`, "a percent sign": "100%", "a markup": "<b>", "64 letters": strings.Repeat("x", 64), "a hyphen at the beginning": "-a",
	} {
		list = append(
			list,
			t.send("an interface named with "+what, "PUT", "interfaces/"+name, `{}`, 422, "path.name"),
			t.send("a rule named with "+what, "PUT", "rules/"+name, `{}`, 422, "path.id"),
			t.send("a secret named with "+what, "PUT", "secrets/"+name, `{}`, 422, "path.name"),
			t.send("an execution of an interface named with "+what, "POST", "interfaces/"+name+"/executions", `{}`, 422, "path.name"),
			t.ask("a delivery named with "+what, "GET", "deliveries/"+name, 422, "path.id"),
			t.ask("a replay of a delivery named with "+what, "POST", "deliveries/"+name+"/replay", 422, "path.id"),
			t.ask("a trigger named with "+what, "POST", "triggers/"+name+"/replay", 422, "path.id"),
			t.ask("something set aside named with "+what, "POST", "setaside/"+name+"=/replay", 422, "path.id"),
			t.ask("a dismissal of something named with "+what, "POST", "setaside/"+name+"=/dismiss", 422, "path.id"),
			t.ask("a cancellation named with "+what, "POST", "interfaces/"+t.Interface+"/executions/"+name+"/cancel", 422, "path.id"),
		)
	}
	return append(
		list,
		t.ask("a contact with NUL", "POST", "contacts/a\x00/erase", 422, "path.id"),
		t.ask("a contact that is not UTF-8", "POST", "contacts/a\xff/erase", 422, "path.id"),
		t.ask("a long contact", "POST", "contacts/"+strings.Repeat("1", 21)+"/erase", 422, "path.id"),
		t.ask("two bad names at once", "GET", "interfaces/a b/executions/a b", 422, "path.name", "path.id"),
		t.query("a bad name and a bad query", "interfaces/a b", "limit=1", 422, "path.name", "query.limit"),
	)
}

func (t Target) controlHeaders() []Malformed {
	with := func(m Malformed, line string) Malformed {
		m.Header = t.with(line)
		return m
	}
	put := func(name, line string, status int, locations ...string) Malformed {
		return with(t.send(name, "PUT", "interfaces/malformed", t.interfaceBody(), status, locations...), line)
	}
	read := t.ask("a read with a bad tag", "GET", "interfaces/"+t.Interface, 422, "header.If-None-Match")
	start := t.send("a CSV by its name", "POST", "interfaces/"+t.Interface+"/executions", "contactNumber\n1\n", 400, "header.Content-Type")
	return []Malformed{
		with(read, "If-None-Match: abc"),
		with(start, "Content-Type: text/csv"),
		put("an interface with a bad tag", "If-Match: abc", 422, "header.If-Match"),
		put("an interface with half a tag", `If-None-Match: "abc`, 422, "header.If-None-Match"),
		put("an interface as a form", "Content-Type: application/x-www-form-urlencoded", 400, "header.Content-Type"),
		put("an interface as a file", "Content-Type: application/octet-stream", 400, "header.Content-Type"),
		put("an interface in another charset", "Content-Type: application/json; charset=utf-16", 400, "header.Content-Type"),
		put("an interface that is expected and is not there", `If-Match: "1-a"`, 412),
		with(t.send("an interface in another state", "PUT", "interfaces/"+t.Interface, t.interfaceBody(), 412), `If-Match: "0-0"`),
		with(t.send("an interface that is there already", "PUT", "interfaces/"+t.Interface, t.interfaceBody(), 412), "If-None-Match: *"),
		with(t.ask("a deletion of another state", "DELETE", "interfaces/"+t.Interface, 412), `If-Match: "0-0"`),
	}
}

// interfaceBody is a configuration without faults.
func (t Target) interfaceBody() string {
	return `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"]}`
}

func (t Target) controlSizes() []Malformed {
	file := t.send("a large file", "POST", "interfaces/"+t.Interface+"/executions", strings.Repeat("1", 4<<20+1), 413)
	file.Header, file.AtOnce = t.with("Content-Type: application/octet-stream"), true
	return []Malformed{
		file,
		t.send("a file said to be JSON", "POST", "interfaces/"+t.Interface+"/executions", strings.Repeat(" ", 65_537), 413),
		t.send("a large interface", "PUT", "interfaces/malformed", strings.Repeat(" ", 65_537), 413),
		t.send("an interface that no parameter holds", "PUT", "interfaces/malformed", `{"filter":"`+strings.Repeat("x", 9_000)+`"}`, 413),
		t.send("a large rule", "PUT", "rules/malformed", strings.Repeat(" ", 65_537), 413),
		t.send("a large secret", "PUT", "secrets/malformed", strings.Repeat(" ", 65_537), 413),
		t.send("a large replay", "POST", "deliveries/replay", strings.Repeat(" ", 65_537), 413),
		t.send("a large sample", "POST", "interfaces/"+t.Interface+"/test", strings.Repeat(" ", 65_537), 413),
	}
}

func (t Target) pages() []Malformed {
	var list []Malformed
	for rest, more := range map[string]string{
		"interfaces": "", "rules": "", "triggers": "", "setaside": "", "audit": "", "deliveries": "status=stopped&", "interfaces/" + t.Interface + "/executions": "",
	} {
		for what, query := range map[string]string{
			"a limit of 0": "limit=0", "a limit of 201": "limit=201", "a limit that is no number": "limit=ten", "a limit twice": "limit=5&limit=5",
			"a limit with a sign": "limit=%2B5",
		} {
			list = append(list, t.query(rest+": "+what, rest, more+query, 422, "query.limit"))
		}
		for what, cursor := range map[string]string{
			"an empty cursor": "", "a cursor that is none": "abc", "a cursor that is not base64url": "%00%ff%3d", "a long cursor": strings.Repeat("A", 5_000),
			"another organization's cursor": page.Cursor([]string{rest, "somebody-else"}, "crm"),
			"another list's cursor":         page.Cursor([]string{"records", t.Organization, "contact"}, "4711"),
		} {
			list = append(list, t.query(rest+": "+what, rest, more+"cursor="+cursor, 422, "query.cursor"))
		}
		list = append(
			list,
			t.query(rest+": a parameter that nobody knows", rest, more+"offset=1", 422, "query.offset"),
			t.query(rest+": a query that is not well formed", rest, more+"limit=%zz", 400, "query"),
			t.query(rest+": semicolons in the query", rest, more+"limit=5;cursor=a", 400, "query"),
		)
	}
	return list
}

func (t Target) filters() []Malformed {
	post := func(name, rest, query string, locations ...string) Malformed {
		m := t.send(name, "POST", rest, "{}", 422, locations...)
		m.Query = query
		return m
	}
	return []Malformed{
		t.query("all deliveries", "deliveries", "", 422, "query"),
		t.query("delivered deliveries", "deliveries", "status=delivered", 422, "query.status"),
		t.query("deliveries of a bad interface", "deliveries", "interface=a%20b", 422, "query.interface"),
		t.query("deliveries of no interface", "deliveries", "interface=", 422, "query.interface"),
		t.query("deliveries of a bad record", "deliveries", "record=Contact%2F1", 422, "query.record"),
		t.query("deliveries of no record", "deliveries", "record=", 422, "query.record"),
		t.query("deliveries of a record that is not UTF-8", "deliveries", "record=a%ff", 422, "query.record"),
		t.query("deliveries since sometime", "deliveries", "status=stopped&since=yesterday", 422, "query.since"),
		t.query("deliveries until a day", "deliveries", "status=stopped&until=2026-11-24", 422, "query.until"),
		t.query("deliveries since long ago", "deliveries", "status=stopped&since=0001-01-01T00:00:00Z", 422, "query.since"),
		t.query("deliveries with all wrong at once", "deliveries", "status=a&interface=%00&record=%00&since=b&until=c&limit=0&cursor=d", 422,
			"query.status", "query.interface", "query.since", "query.until", "query.limit", "query.cursor"),
		t.query("applied triggers", "triggers", "status=applied", 422, "query.status"),
		t.query("triggers of an interface", "triggers", "interface=crm", 422, "query.interface"),
		t.query("an audit since sometime", "audit", "since=1", 422, "query.since"),
		t.query("an interface with a query", "interfaces/"+t.Interface, "limit=1", 422, "query.limit"),
		post("a replay that perhaps only counts", "deliveries/replay", "dryRun=perhaps", "query.dryRun"),
		post("a dismissal that counts in other letters", "deliveries/dismiss", "dryrun=true", "query.dryrun"),
		post("a replay that counts twice", "deliveries/replay", "dryRun=true&dryRun=false", "query.dryRun"),
		post("a replay of one that only counts", "deliveries/01kaqvc9vv8m3c1s2f5h7n0p4r-00000/replay", "dryRun=true", "query.dryRun"),
		post("a schedule beside the body", "interfaces/"+t.Interface+"/executions", "schedule=x", "query.schedule"),
	}
}
