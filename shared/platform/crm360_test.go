package platform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/directory"
	"crmhook/shared/platform"
	"crmhook/shared/trigger"
)

const (
	crm360Sms   = "Crm360/Sms/Send"
	crm360Email = "Crm360/Email/Send"
)

// goodPlan is the plan of a trigger without faults, which is the same each time.
func goodPlan(t *testing.T, of trigger.Trigger) platform.Plan {
	t.Helper()
	plan, faults := planOf(t, of)
	if len(faults) > 0 {
		t.Fatalf("faults of a good trigger: %v", faults)
	}
	again, _ := planOf(t, of)
	if diff := cmp.Diff(plan, again); diff != "" {
		t.Fatalf("another plan the second time:\n%s", diff)
	}
	return plan
}

func data(t *testing.T, text string) map[string]any {
	t.Helper()
	return stateOf(t, `{"records":{"it":`+text+`}}`).records["it"]
}

func TestCrm360Sms(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       platform.SMS
		message    string
	}{
		{
			"the sample", sample(t, "crm360-sms-send"),
			platform.SMS{To: "+33600000000", Country: "FR", Sender: "CRM360", Text: "Mon SMS"},
			`{"channel":"sms","platform":"Crm360","to":"+33600000000","sender":"CRM360","channelId":"1","categoryId":"1"}`,
		},
		{
			"no more than is needed", `{"MobilePhoneNumber":"+33 6 00 00 00 00","Message":"Line 1\nLine 2 é"}`,
			platform.SMS{To: "+33600000000", Country: "FR", Text: "Line 1\nLine 2 é"},
			`{"channel":"sms","platform":"Crm360","to":"+33600000000"}`,
		},
		{
			"ids as numbers, names in another case, other fields",
			`{"mobilephonenumber":"0033600000000","MOBILEPHONECOUNTRYISO3":"deu","sender":"3Suisses","message":"x","crm360eventchannelid":90071992547409931,
				"Crm360EventCategoryId":2,"Reference":{"id":12345678901234567890}}`,
			platform.SMS{To: "+33600000000", Country: "FR", Sender: "3Suisses", Text: "x"},
			`{"channel":"sms","platform":"Crm360","to":"+33600000000","sender":"3Suisses","channelId":90071992547409931,"categoryId":2,
				"external":{"Crm360":{"Reference":{"id":12345678901234567890}}}}`,
		},
		{
			"a national number of another country", `{"MobilePhoneNumber":"01512 3456789","MobilePhoneCountryIso3":"DEU","Message":"` + strings.Repeat("é", 1600) + `"}`,
			platform.SMS{To: "+4915123456789", Country: "DE", Text: strings.Repeat("é", 1600)},
			`{"channel":"sms","platform":"Crm360","to":"+4915123456789"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Message = data(t, test.message)
			want := platform.Plan{SMS: &test.want, People: []platform.Person{
				{Find: []platform.Lookup{{Kind: directory.Phone, Value: test.want.To}}, Optional: true},
			}}
			if diff := cmp.Diff(want, goodPlan(t, post(crm360Sms, test.body))); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCrm360SmsFaults(t *testing.T) {
	t.Parallel()
	with := func(number, iso, sender, message string) trigger.Trigger {
		return post(crm360Sms, fmt.Sprintf(`{"MobilePhoneNumber":%s,"MobilePhoneCountryIso3":%s,"Sender":%s,"Message":%s}`, number, iso, sender, message))
	}
	testRefused(t, []refused{
		{"nothing", post(crm360Sms, `{}`), []string{"MobilePhoneNumber: must be given", "Message: must be given"}},
		{"as the document shows it", post(crm360Sms, `{MobilePhoneNumber : "0600000000"}`), []string{
			"the body must be a JSON object: not JSON at line 1, column 2: expected a name in double quotes, found 'M'",
		}},
		{"wrong types", with("true", "5", "[]", "{}"), []string{
			"MobilePhoneNumber: must be an id (a string or a whole number), found true or false",
			"MobilePhoneCountryIso3: must be a string, found a number",
			"Sender: must be a string, found a list",
			"Message: must be a string, found an object",
		}},
		{"wrong values", with(`"0600"`, `"FRA"`, `"Société"`, `" "`), []string{
			"MobilePhoneNumber: must be a number that exists by the numbering plan of FR, such as 01 23 45 67 89",
			"Sender: must be letters and digits without accents", "Message: must not be blank",
		}},
		{"no country", with(`"0600000000"`, `""`, `"123456"`, `"a\u0000"`), []string{
			"MobilePhoneCountryIso3: must be given, as FRA: MobilePhoneNumber does not begin with + and a country's code",
			"Sender: must be 1 to 11 letters and digits, a letter among them", `Message: must be without NUL (\u0000)`,
		}},
		{"no such country, too long", with(`"0600000000"`, `"XXX"`, `"ABCDEFGHIJKL"`, `"`+strings.Repeat("a", 1601)+`"`), []string{
			"MobilePhoneCountryIso3: must be a country's ISO 3166 code, as FRA",
			"Sender: must be 1 to 11 letters and digits, a letter among them",
			"Message: must be at most 1600 characters long, found 1601",
		}},
		{"a number of no country", with(`"+80012345678"`, `null`, `null`, `"x"`), []string{"MobilePhoneNumber: must be a number of a country"}},
		{"ids that are none", post(crm360Sms, `{"MobilePhoneNumber":"+33600000000","Message":"x","Crm360EventChannelId":true,"Crm360EventCategoryId":{}}`), []string{
			"Crm360EventChannelId: must be an id (a string or a whole number), found true or false",
			"Crm360EventCategoryId: must be an id (a string or a whole number), found an object",
		}},
	})
}

func TestCrm360Email(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, body string
		want       platform.Email
		message    string
	}{
		{
			"the sample", sample(t, "crm360-email-send"),
			platform.Email{
				To: "jane@example.com", From: "contact@example.org", Alias: "CRM360", ReplyTo: "support@example.org", Subject: "Bonjour Jane",
				HTML: "<p>Bonjour Jane Example, votre magasin : Exempleville</p>", Text: "Bonjour Jane Example, votre magasin : Exempleville",
			},
			`{"channel":"email","platform":"Crm360","to":"jane@example.com","from":"contact@example.org","subject":"Bonjour Jane"}`,
		},
		{
			"values of all kinds, escaped in HTML only",
			`{"EmailTo":" Jane@Example.com ","SenderEmail":"a@example.org","Subject":"{{var:n}} {{var:b}} {{ var : t }}","HtmlMessage":"<b>{{var:t}}</b>{{var:none:\"<i>\"}}{{other}}",
				"TextMessage":"{{var:t}}{{var:none:\"<i>\"}}","VariablePersoJson":{"n":1.50,"b":true,"t":"<Jane> & \"co\" {{var:n}}","none":null},
				"Crm360EventChannelId":1,"Crm360EventCategoryId":"2","Campaign":"winter"}`,
			platform.Email{
				To: "Jane@Example.com", From: "a@example.org", Subject: `1.50 true <Jane> & "co" {{var:n}}`,
				HTML: "<b>&lt;Jane&gt; &amp; &#34;co&#34; {{var:n}}</b>&lt;i&gt;{{other}}", Text: `<Jane> & "co" {{var:n}}<i>`,
			},
			`{"channel":"email","platform":"Crm360","to":"Jane@Example.com","from":"a@example.org","subject":"1.50 true <Jane> & \"co\" {{var:n}}",
				"channelId":1,"categoryId":"2","external":{"Crm360":{"Campaign":"winter"}}}`,
		},
		{
			"variables as JSON text, text alone, names in another case",
			`{"emailto":"jane@example.com","senderemail":"a@example.org","subject":"x","textmessage":"{{var:Prenom}}","variablepersojson":"{\"Prenom\":\"Jane\",\"id\":90071992547409931}"}`,
			platform.Email{To: "jane@example.com", From: "a@example.org", Subject: "x", Text: "Jane"},
			`{"channel":"email","platform":"Crm360","to":"jane@example.com","from":"a@example.org","subject":"x"}`,
		},
		{
			"no variables",
			`{"EmailTo":"jane@example.com","SenderEmail":"a@example.org","Subject":"x","HtmlMessage":"y","TextMessage":"","VariablePersoJson":" "}`,
			platform.Email{To: "jane@example.com", From: "a@example.org", Subject: "x", HTML: "y"},
			`{"channel":"email","platform":"Crm360","to":"jane@example.com","from":"a@example.org","subject":"x"}`,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			test.want.Message = data(t, test.message)
			want := platform.Plan{Email: &test.want, People: []platform.Person{
				{Find: []platform.Lookup{{Kind: directory.Email, Value: strings.ToLower(test.want.To)}}, Optional: true},
			}}
			if diff := cmp.Diff(want, goodPlan(t, post(crm360Email, test.body))); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCrm360EmailFaults(t *testing.T) {
	t.Parallel()
	with := func(fields string) trigger.Trigger {
		return post(crm360Email, `{"EmailTo":"jane@example.com","SenderEmail":"a@example.org",`+fields+`}`)
	}
	// Each placeholder is replaced by 100 kB, so that twelve of them are too many.
	large := fmt.Sprintf(`"VariablePersoJson":{"v":%q}`, strings.Repeat("v", 100_000))
	testRefused(t, []refused{
		{"nothing", post(crm360Email, `{}`), []string{
			"EmailTo: must be given", "SenderEmail: must be given", "Subject: must be given", "HtmlMessage: must be given, or TextMessage",
		}},
		{
			"addresses", post(crm360Email, `{"EmailTo":"a@example.com, b@example.com","SenderEmail":"Jane <jane@example.com>","ReplyTo":"jane@exämple.com","Subject":"x","TextMessage":"x"}`),
			[]string{
				"EmailTo: must be one e-mail address, as jane@example.com", "SenderEmail: must be one e-mail address, as jane@example.com",
				"ReplyTo: must be in ASCII: write the domain in punycode (xn--…)",
			},
		},
		{"an address in brackets", post(crm360Email, `{"EmailTo":"<jane@example.com>","SenderEmail":"a@example.org","Subject":"x","TextMessage":"x"}`), []string{
			"EmailTo: must be one e-mail address, as jane@example.com",
		}},
		{
			"wrong types and lengths", post(crm360Email, `{"EmailTo":1,"SenderEmail":"`+strings.Repeat("a", 250)+`@example.com","SenderAlias":"`+strings.Repeat("a", 101)+
				`","ReplyTo":[],"Subject":true,"HtmlMessage":{},"TextMessage":1,"VariablePersoJson":[1]}`),
			[]string{
				"VariablePersoJson: must be an object, found a list",
				"EmailTo: must be a string, found a number", "SenderEmail: must be at most 254 characters long",
				"ReplyTo: must be a string, found a list", "SenderAlias: must be at most 100 characters long, found 101",
				"Subject: must be a string, found true or false", "HtmlMessage: must be a string, found an object",
				"TextMessage: must be a string, found a number",
			},
		},
		{"a header in a variable", with(`"SenderAlias":"a\nb","Subject":"x {{var:v}}","TextMessage":"x","VariablePersoJson":{"v":"\r\nBcc: all@example.com"}`), []string{
			"SenderAlias: must be without line breaks and other control characters",
			"Subject: must be without line breaks and other control characters, in its variables too",
		}},
		{"a blank subject", with(`"Subject":" {{var:v}}","TextMessage":"x","VariablePersoJson":{"v":""}`), []string{
			"Subject: must not be blank with its variables",
		}},
		{
			"every unknown variable and malformed placeholder",
			with(`"Subject":"é {{var:Prenom}}","HtmlMessage":"<p>\né{{var:Nom}} {{var:Ok}} {{var Nom}}","TextMessage":"{{var:}} {{var:x","VariablePersoJson":{"Ok":"1"}`),
			[]string{
				`Subject: the placeholder at column 3 needs the variable Prenom: give it in VariablePersoJson, or write a default as {{var:Prenom:"…"}}`,
				`HtmlMessage: the placeholder at line 2, column 2 needs the variable Nom: give it in VariablePersoJson, or write a default as {{var:Nom:"…"}}`,
				"HtmlMessage: the placeholder at line 2, column 25 needs a colon after var",
				"TextMessage: the placeholder at column 1 needs a name of letters, digits, _ - . after the colon",
				"TextMessage: the placeholder at column 10 needs }} at its end",
			},
		},
		{"variables that are none", with(`"Subject":"{{var:a}}","TextMessage":"x","VariablePersoJson":{"a":[],"b":{},"c":"fine"}`), []string{
			"VariablePersoJson.a: must be a string, a number, true or false", "VariablePersoJson.b: must be a string, a number, true or false",
			`Subject: the placeholder at column 1 needs the variable a: give it in VariablePersoJson, or write a default as {{var:a:"…"}}`,
		}},
		{"variables in JSON text that is none", with(`"Subject":"{{var:a}}","TextMessage":"x","VariablePersoJson":"{a:1}"`), []string{
			"VariablePersoJson: must be an object, or JSON text of one: not JSON at line 1, column 2: expected a name in double quotes, found 'a'",
		}},
		{"variables in JSON text that cannot be kept", with(`"Subject":"x","TextMessage":"x","VariablePersoJson":"{\"a\":1,\"a\":2}"`), []string{
			"VariablePersoJson: must be JSON text of an object that can be kept: a: is given twice: keep one of them",
		}},
		{"variables in JSON text of a list", with(`"Subject":"x","TextMessage":"x","VariablePersoJson":"[]"`), []string{
			"VariablePersoJson: must be JSON text of an object that can be kept: must be an object, found a list",
		}},
		{"too long with its variables", with(`"Subject":"{{var:v}}","HtmlMessage":"` + strings.Repeat("{{var:v}}", 12) + `",` + large), []string{
			"Subject: the placeholder at column 1 becomes longer than 998 bytes with its variables",
			"HtmlMessage: the placeholder at column 91 becomes longer than 1000000 bytes with its variables",
		}},
	})
}

func FuzzCrm360(f *testing.F) {
	f.Add(sample(f, "crm360-sms-send"))
	f.Add(sample(f, "crm360-email-send"))
	f.Add(`{"EmailTo":"jane@example.com","SenderEmail":"a@example.org","Subject":"{{var:n}}","HtmlMessage":"{{var:n:\"\\\"\"}}","VariablePersoJson":"{\"n\":1}"}`)
	f.Fuzz(func(t *testing.T, body string) {
		fuzzed(t, post(crm360Sms, body))
		fuzzed(t, post(crm360Email, body))
	})
}
