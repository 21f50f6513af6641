package hook_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/hook"
)

// faulty is a configuration and the whole text of its faults, in order.
type faulty struct {
	source string
	want   []string
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for group, tests := range map[string]map[string]faulty{
		"json": unreadable(), "common": commonFaults(), "http": headerFaults(), "url": urlFaults(), "payload": payloadFaults(),
		"authentication": authenticationFaults(), "filter": filterFaults(), "schedules": scheduleFaults(),
		"events": eventFaults(), "trigger": triggerFaults(), "rule": ruleFaults(),
	} {
		for name, test := range tests {
			t.Run(group+"/"+name, func(t *testing.T) {
				t.Parallel()
				h, faults := hook.Parse([]byte(test.source), given())
				var got []string
				for _, f := range faults {
					got = append(got, f.String())
				}
				if diff := cmp.Diff(test.want, got); diff != "" || h != nil {
					t.Errorf("faults of %s (hook: %v) (-want +got):\n%s", test.source, h, diff)
				}
			})
		}
	}
}

func unreadable() map[string]faulty {
	return map[string]faulty{
		"nothing":        {"", []string{"must be a JSON object, found nothing"}},
		"blanks":         {" \n", []string{"must be a JSON object, found nothing"}},
		"a list":         {"[]", []string{"must be an object, found a list"}},
		"null":           {"null", []string{"must be an object, found null"}},
		"comma too many": {"{\n \"type\": \"é\",\n}", []string{"is not valid JSON at line 3, column 1: invalid character '}' looking for beginning of object key string"}},
		"column":         {`{"é":é}`, []string{"is not valid JSON at line 1, column 6: invalid character 'é' looking for beginning of value"}},
		"too short":      {`{"type":`, []string{"is not valid JSON at line 1, column 9: unexpected end of JSON input"}},
		"rest":           {`{} x`, []string{"is not valid JSON at line 1, column 4: invalid character 'x' after top-level value"}},
		"UTF-8":          {"{\"a\":\n\"é\xff\"}", []string{"is not valid JSON at line 2, column 3: the text is not valid UTF-8"}},
	}
}

func commonFaults() map[string]faulty {
	type2 := "contact-webhook-v1, contact-webhook-v2, event-webhook, crm-trigger or rule-webhook"
	return map[string]faulty{
		"empty":                {"{}", []string{"type: is missing: write " + type2}},
		"type of another kind": {`{"type":2}`, []string{"type: must be a string, found a number"}},
		"unknown type":         {`{"type":"firehose","url":"x","colour":1}`, []string{"type: must be " + type2, "colour: is not a field of an interface: remove it"}},
		"field of another":     {v2("payload", `{}`), []string{"payload: is not a field of contact-webhook-v2: remove it"}},
		"misspelt field":       {v2("timeoutSecond", `5`), []string{"timeoutSecond: is not a field of contact-webhook-v2: did you mean timeoutSeconds?"}},
		"snake case":           {v2("retry_delay_seconds", `5`), []string{"retry_delay_seconds: is not a field of contact-webhook-v2: did you mean retryDelaySeconds?"}},
		"far off":              {v2("stael", `5`), []string{"stael: is not a field of contact-webhook-v2: remove it"}},
		"two swapped":          {v2("satte", `5`), []string{"satte: is not a field of contact-webhook-v2: did you mean state?"}},
		"odd field":            {v2(`a.\"b`, `5`), []string{`["a.\"b"]: is not a field of contact-webhook-v2: remove it`}},
		"empty field":          {v2("", `5`), []string{`[""]: is not a field of contact-webhook-v2: remove it`}},
		"given twice":          {`{"state":"active",` + v2()[1:len(v2())-1] + `,"state":"paused"}`, []string{"state: is given twice: keep one of them"}},
		"twice, deeper":        {v2("names", `{"en":"a","en":"b"}`), []string{"names.en: is given twice: keep one of them"}},
		"retries low":          {v2("retriesBeforeWarning", `-1`), []string{"retriesBeforeWarning: must be 0 to 12 retries"}},
		"retries high":         {v2("retriesBeforeStop", `13`), []string{"retriesBeforeStop: must be 0 to 12 retries"}},
		"huge":                 {v2("retriesBeforeStop", `99999999999999999999`), []string{"retriesBeforeStop: must be 0 to 12 retries"}},
		"not whole":            {v2("retriesBeforeStop", `1.5`), []string{"retriesBeforeStop: must be a whole number"}},
		"warning after stop":   {v2("retriesBeforeWarning", `9`, "retriesBeforeStop", `8`), []string{"retriesBeforeWarning: must be at most retriesBeforeStop, which is 8"}},
		"delay":                {v2("retryDelaySeconds", `42001`), []string{"retryDelaySeconds: must be 1 to 42000 seconds"}},
		"timeout low":          {v2("timeoutSeconds", `0`), []string{"timeoutSeconds: must be 1 to 120 seconds"}},
		"timeout high":         {v2("timeoutSeconds", `121`), []string{"timeoutSeconds: must be 1 to 120 seconds"}},
		"null":                 {v2("timeoutSeconds", `null`), []string{"timeoutSeconds: must be a number, found null"}},
		"boolean":              {v2("timeoutSeconds", `true`), []string{"timeoutSeconds: must be a number, found true"}},
		"allowHttp":            {v2("allowHttp", `"yes"`), []string{"allowHttp: must be true or false, found a string"}},
		"state":                {v2("state", `"Active"`), []string{"state: must be active or paused"}},
		"state, ours":          {v2("state", `"disabled"`), []string{"state: must be active or paused: disabled is what crmhook finds, not what is written"}},
		"names":                {v2("names", `["a"]`), []string{"names: must be an object, found a list"}},
		"language":             {v2("names", `{"e":"a"}`), []string{"names.e: must stand under a language such as en or fr-CH"}},
		"name of a language":   {v2("names", `{"en":5}`), []string{"names.en: must be a string, found a number"}},
		"name with a line":     {v2("names", `{"en":"a\nb"}`), []string{"names.en: must not hold control characters"}},
		"origin":               {v2("origins", `["inbound:"]`), []string{"origins[0]: must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>"}},
		"origin's type":        {v2("ignoreOrigins", `[1]`), []string{"ignoreOrigins[0]: must be a string, found a number"}},
		"origins no list":      {v2("origins", `"api"`), []string{"origins: must be a list, found a string"}},
		"origin twice":         {v2("origins", `["api","api"]`), []string{"origins[1]: is listed twice"}},
		"success code":         {v2("successCodes", `[304]`), []string{"successCodes[0]: must be 200 to 299 (statuses that mean success)"}},
		"no success code":      {v2("successCodes", `[]`), []string{"successCodes: must list at least one status, or be left out for the type's own rule"}},
		"success code's type":  {v2("successCodes", `["200"]`), []string{"successCodes[0]: must be a number, found a string"}},
		"address":              {v2("notify", `["ops"]`), []string{"notify[0]: must be an e-mail address such as ops@example.com"}},
		"too many addresses":   {v2("notify", addresses(51)), []string{"notify: must list at most 50 addresses, found 51"}},
		"details missing":      {v2("details", ""), []string{`details: is missing: list the details groups to send, such as ["GENERAL"]`}},
		"details empty":        {v2("details", `[]`), []string{`details: must list at least one details group, such as ["GENERAL"]`}},
		"details as text":      {v2("details", `"GENERAL"`), []string{"details: must be a list, found a string"}},
		"details twice":        {v2("details", `["GENERAL","GENERAL"]`), []string{"details[1]: is listed twice"}},
		"details' spelling":    {v2("details", `["comMeans"]`), []string{"details[0]: must be written COM_MEANS"}},
	}
}

func addresses(n int) string {
	var list []string
	for i := range n {
		list = append(list, `"ops`+strings.Repeat("s", i)+`@example.com"`)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func headerFaults() map[string]faulty {
	const own = "is a header that crmhook sets itself: remove it"
	tests := map[string]faulty{
		"name":           {v2("headers", `{"a:b":"1"}`), []string{"headers[\"a:b\"]: must be a header's name: letters, digits and !#$%&'*+-.^_`|~"}},
		"no name":        {v2("headers", `{"":"1"}`), []string{"headers[\"\"]: must be a header's name: letters, digits and !#$%&'*+-.^_`|~"}},
		"line":           {v2("headers", `{"A":"1\r\nB: 2"}`), []string{"headers.A: must hold printable ASCII characters only"}},
		"blank":          {v2("headers", `{"A":" 1"}`), []string{"headers.A: must not begin or end with a blank"}},
		"number":         {v2("headers", `{"A":1}`), []string{"headers.A: must be a string, found a number"}},
		"twice":          {v2("headers", `{"A":"1","a":"1"}`), []string{"headers.a: is the same header as A: keep one of them"}},
		"authorization":  {v2("headers", `{"AUTHORIZATION":"x"}`), []string{"headers.AUTHORIZATION: must not be written in clear: use authentication"}},
		"secret":         {v2("headers", `{"A":{"secret":"b"}}`), []string{"headers.A: is not supported by this version: a header's value must be a string"}},
		"parameter":      {v2("customParameters", `{"a":true}`), []string{"customParameters.a: must be a string, found true"}},
		"parameter name": {v2("customParameters", `{"":"a"}`), []string{`customParameters[""]: must have a name`}},
		"parameter with placeholder": {
			v1("customParameters", `{"n":"${contactNumber}"}`),
			[]string{"customParameters.n: is sent as it is: ${contactNumber} can stand in the url only"},
		},
	}
	for _, name := range []string{
		"Host", "content-length", "Content-Type", "User-Agent", "Transfer-Encoding", "Connection", "webhook-id",
		"Webhook-Timestamp", "webhook-signature", "Accept-Encoding", "TE",
	} {
		tests[name] = faulty{v2("headers", `{"`+name+`":"1"}`), []string{"headers." + name + ": " + own}}
	}
	return tests
}

func authenticationFaults() map[string]faulty {
	basic := func(fields string) string { return v2("authentication", `{"mode":"BASIC",`+fields+`}`) }
	const later = "authentication.mode: is not supported by this version, which supports NONE and BASIC"
	return map[string]faulty{
		"V1":             {v1("authentication", `{"mode":"BASIC"}`), []string{"authentication: is not a field of contact-webhook-v1, which has no authentication: remove it"}},
		"V1 signing":     {v1("signing", `{}`), []string{"signing: is not a field of contact-webhook-v1, which has no signing: remove it"}},
		"signing":        {v2("signing", `{"secrets":["a"]}`), []string{"signing: is not supported by this version: remove it"}},
		"text":           {v2("authentication", `"NONE"`), []string{"authentication: must be an object, found a string"}},
		"no mode":        {v2("authentication", `{}`), []string{"authentication.mode: is missing: write NONE or BASIC"}},
		"mode":           {v2("authentication", `{"mode":"basic"}`), []string{"authentication.mode: must be NONE or BASIC"}},
		"BEARER":         {v2("authentication", `{"mode":"BEARER","secret":"crm-password"}`), []string{later}},
		"API_KEY":        {v2("authentication", `{"mode":"API_KEY","header":"X-Key","secret":"crm-password"}`), []string{later}},
		"OAUTH2":         {v2("authentication", `{"mode":"OAUTH2_CLIENT_CREDENTIALS","tokenUrl":"x","clientId":"y","scopes":[]}`), []string{later}},
		"another's":      {basic(`"login":"a","secret":"crm-password","header":"X"`), []string{"authentication.header: is not used with the mode BASIC: remove it"}},
		"NONE, login":    {v2("authentication", `{"mode":"NONE","login":"a"}`), []string{`authentication.login: is not used with the mode NONE: write "mode":"BASIC" or remove it`}},
		"unknown":        {basic(`"login":"a","secret":"crm-password","pasword":"x"`), []string{"authentication.pasword: is not a field of authentication: remove it"}},
		"nothing":        {v2("authentication", `{"mode":"BASIC"}`), []string{"authentication.login: is missing: the mode BASIC needs one", "authentication.secret: is missing: name the secret that holds the password"}},
		"login empty":    {basic(`"login":"","secret":"crm-password"`), []string{"authentication.login: must not be empty"}},
		"login's type":   {basic(`"login":1,"secret":"crm-password"`), []string{"authentication.login: must be a string, found a number"}},
		"login, control": {basic(`"login":"a\tb","secret":"crm-password"`), []string{"authentication.login: must not hold control characters"}},
		"a password":     {basic(`"login":"a","secret":"pass word"`), []string{"authentication.secret: must be the name of a secret (letters, digits, _ . -, at most 63), not the password itself"}},
		"no such secret": {basic(`"login":"a","secret":"none"`), []string{`authentication.secret: names no secret of the organization: write the SecureString parameter secrets/<name>, {"value":"…","hosts":["<host>"]}`}},
		"another host":   {basic(`"login":"a","secret":"elsewhere"`), []string{"authentication.secret: names a secret that may not be sent to crm.example.com: add this host to the secret's hosts"}},
	}
}

func filterFaults() map[string]faulty {
	return map[string]faulty{
		"column":        {v2("filter", `"role=MEMBER;zip"`), []string{"filter: column 16: expected \".\", \"(\" or \"=\" after \"zip\", found the end"}},
		"type":          {v2("filter", `{}`), []string{"filter: must be a string, found an object"}},
		"group":         {v2("filter", `"Indicators(*).value=true"`), []string{"filter: reads indicators of the group INDICATORS, which details leaves out: add it to details"}},
		"isX":           {v2("filter", `"isAddresses=true"`), []string{"filter: reads isaddresses of the group ADDRESSES, which details leaves out: add it to details"}},
		"GENERAL":       {v2("details", `["ADDRESSES"]`, "filter", `"custom=1"`), []string{"filter: reads custom of the group GENERAL, which details leaves out: add it to details"}},
		"V1, no detail": {v1("filter", `"role=MEMBER"`), []string{"filter: reads role of the group GENERAL, which details leaves out: add it to details"}},
	}
}

func scheduleFaults() map[string]faulty {
	one := func(fields string) string { return v2("schedules", `[{"name":"s",`+fields+`}]`) }
	const first = "schedules[0]."
	return map[string]faulty{
		"no list":         {v2("schedules", `{}`), []string{"schedules: must be a list, found an object"}},
		"no object":       {v2("schedules", `["s"]`), []string{"schedules[0]: must be an object, found a string"}},
		"no name":         {v2("schedules", `[{}]`), []string{first + "name: is missing: executions are told apart by it"}},
		"same name":       {v2("schedules", `[{"name":"s"},{"name":"s"}]`), []string{"schedules[1].name: is the name of another schedule: names must differ"}},
		"blank name":      {v2("schedules", `[{"name":" "}]`), []string{first + "name: must be 1 to 200 characters"}},
		"field":           {one(`"frequency":5`), []string{first + "frequency: is not a field of a schedule: remove it"}},
		"launch":          {one(`"launch":"Automatic"`), []string{first + "launch: must be automatic or manual"}},
		"frequency":       {one(`"frequencyMinutes":1441`), []string{first + "frequencyMinutes: must be 1 to 1440 minutes"}},
		"batch low":       {one(`"batchSize":0`), []string{first + "batchSize: must be 1 to 100000 contacts"}},
		"batch high":      {one(`"batchSize":100001`), []string{first + "batchSize: must be 1 to 100000 contacts"}},
		"bucket":          {one(`"bucketSize":0`), []string{first + "bucketSize: must be 1 to 1000 contacts"}},
		"bucket of V1":    {v1("schedules", `[{"name":"s","bucketSize":2}]`), []string{first + "bucketSize: must be 1: contact-webhook-v1 calls the URL for each contact"}},
		"zone":            {one(`"timeZone":"Local"`), []string{first + "timeZone: must be the name of a time zone such as Europe/Paris or UTC"}},
		"zone empty":      {one(`"timeZone":""`), []string{first + "timeZone: must be the name of a time zone such as Europe/Paris or UTC"}},
		"zone's type":     {one(`"timeZone":1`), []string{first + "timeZone: must be a string, found a number"}},
		"start's type":    {one(`"start":5`), []string{first + `start: must be a local time such as "2026-12-01T00:00", null, {"daysBeforeFirstProductDate":30} or {"daysAfterFirstProductDate":10}, found a number`}},
		"start with Z":    {one(`"start":"2026-12-01T00:00:00Z"`), []string{first + "start: expected a local time without Z or offset, such as 2026-12-01T00:00: timeZone says whose it is"}},
		"end is start":    {one(`"start":"2026-12-01T00:00","end":"2026-12-01T00:00"`), []string{first + "end: must be after start"}},
		"relative, empty": {one(`"start":{}`), []string{first + "start: must hold either daysBeforeFirstProductDate or daysAfterFirstProductDate"}},
		"relative, both":  {one(`"start":{"daysBeforeFirstProductDate":1,"daysAfterFirstProductDate":1}`), []string{first + "start: must hold either daysBeforeFirstProductDate or daysAfterFirstProductDate"}},
		"relative, days":  {one(`"end":{"daysAfterFirstProductDate":-1}`), []string{first + "end.daysAfterFirstProductDate: must be 0 to 3650 days"}},
		"relative, field": {one(`"end":{"daysAfterFirstProductDat":1}`), []string{first + "end.daysAfterFirstProductDat: is not a field of a date: did you mean daysAfterFirstProductDate?"}},
		"relative, order": {one(`"start":{"daysBeforeFirstProductDate":1},"end":{"daysBeforeFirstProductDate":2}`), []string{first + "end: must be after start"}},
		"identifiers":     {one(`"identifiers":"4711"`), []string{first + "identifiers: must be a list, found a string"}},
		"identifier":      {one(`"identifiers":["` + strings.Repeat("1", 21) + `"]`), []string{first + "identifiers[0]: must be a contact number of 1 to 20 characters"}},
		"number":          {one(`"identifiers":[4711]`), []string{first + "identifiers[0]: must be a string, found a number"}},
		"twice":           {one(`"identifiers":["1","1"]`), []string{first + "identifiers[1]: is listed twice"}},
		"too many":        {one(`"identifiers":` + identifiers(101)), []string{first + "identifiers: must list at most 100 contact numbers, found 101: upload a file for more"}},
	}
}

func identifiers(n int) string {
	var list []string
	for i := range n {
		list = append(list, `"`+string(rune('A'+i/26))+string(rune('A'+i%26))+`"`)
	}
	return "[" + strings.Join(list, ",") + "]"
}

func TestParseWithoutFirstProductDate(t *testing.T) {
	t.Parallel()
	context := given()
	context.FirstProductDate = hook.Context{}.FirstProductDate
	_, faults := hook.Parse([]byte(v2("schedules", `[{"name":"s","start":{"daysBeforeFirstProductDate":30}}]`)), context)
	const want = "schedules[0].start: counts from the first product date, which is not known: write the organization's parameter settings/firstProductDate, such as 2026-12-24"
	if len(faults) != 1 || faults.Error() != want {
		t.Errorf("faults = %v, want %s", faults, want)
	}
}

// TestFaultsHideSecrets: whatever people write where secrets belong is in no fault.
func TestFaultsHideSecrets(t *testing.T) {
	t.Parallel()
	const dummy = "DUMMY-SECRET"
	for name, source := range map[string]string{
		"secret":     v2("authentication", `{"mode":"BASIC","login":"DUMMY-SECRET:","secret":"DUMMY-SECRET"}`),
		"wrong type": v2("authentication", `"DUMMY-SECRET"`, "headers", `"DUMMY-SECRET"`, "customParameters", `"DUMMY-SECRET"`),
		"password":   v2("authentication", `{"mode":"NONE","password":"DUMMY-SECRET","login":"DUMMY-SECRET"}`, "password", `"DUMMY-SECRET"`),
		"header":     v2("headers", `{"Authorization":"DUMMY-SECRET","A":"DUMMY-SECRET\n","host":"DUMMY-SECRET"}`),
		"user info":  v2("url", `"https://u:DUMMY-SECRET@crm.example.com/"`),
		"query":      v2("url", `"http://crm.example.com/?token=DUMMY-SECRET"`),
		"bad port":   v2("url", `"http://crm.example.com:DUMMY-SECRET/"`),
	} {
		_, faults := hook.Parse([]byte(source), given())
		if len(faults) == 0 {
			t.Errorf("%s: no faults", name)
		}
		for _, f := range faults {
			if value, _ := f.Value.(string); strings.Contains(f.String(), dummy) || strings.Contains(value, dummy) {
				t.Errorf("%s: %v (%v) shows the secret", name, f, f.Value)
			}
		}
	}
}
