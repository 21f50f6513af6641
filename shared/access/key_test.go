package access_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/fault"
)

const (
	hash   = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
	noHash = "must be the SHA-256 of the token, 64 hex digits; the token itself is not written here"
)

// texts are faults as people read them.
func texts(faults fault.List) []string {
	var list []string
	for _, f := range faults {
		list = append(list, f.String())
	}
	return list
}

func TestKey(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		organization, text string
		want               access.Key
	}{
		"all fields": {
			"demo", `{"sha256":"` + hash + `","scopes":["records:read","triggers","messages","manage","records:write"],"origin":"agent-console"}`,
			access.Key{Hash: hash, Scopes: []access.Scope{access.RecordsRead, access.Triggers, access.Messages, access.Manage, access.RecordsWrite}, Origin: "agent-console"},
		},
		"no origin, upper case": {
			"demo", `{"sha256":"` + strings.ToUpper(hash) + `","scopes":["triggers"]}`,
			access.Key{Hash: hash, Scopes: []access.Scope{access.Triggers}, Origin: "api"},
		},
		"a platform's origin": {
			"demo", ` {"scopes":["triggers"],"origin":"inbound:Shopify","sha256":"` + hash + `"} `,
			access.Key{Hash: hash, Scopes: []access.Scope{access.Triggers}, Origin: "inbound:Shopify"},
		},
		"an operator's": {
			"", `{"sha256":"` + hash + `","scopes":["operate:read","operate:replay"]}`,
			access.Key{Hash: hash, Scopes: []access.Scope{access.OperateRead, access.OperateReplay}},
		},
	} {
		test.want.Organization, test.want.Name = test.organization, "shop"
		got, faults := access.ParseKey(test.organization, "shop", test.text)
		if len(faults) > 0 {
			t.Errorf("%s: faults %v, want none", name, faults)
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestFaultsOfAKey(t *testing.T) {
	t.Parallel()
	const (
		scopes    = "an organization's key: records:read, records:write, triggers, messages, manage"
		operators = "an operator's key: operate:read, operate:replay"
		fields    = "is not a field of an organization's key, which has sha256, scopes, origin: remove it"
	)
	for name, test := range map[string]struct {
		organization, name, text string
		want                     []string
	}{
		"nothing":         {"demo", "a", ` `, []string{"is not valid JSON: unexpected end of JSON input"}},
		"no JSON":         {"demo", "a", `{"sha256":}`, []string{"is not valid JSON: invalid character '}' looking for beginning of value"}},
		"two values":      {"demo", "a", `{} {}`, []string{"is not valid JSON: invalid character '{' after top-level value"}},
		"no UTF-8":        {"demo", "a", "{\"sha256\":\"\xff\"}", []string{"is not valid JSON: the text is not valid UTF-8"}},
		"a list":          {"demo", "a", `[]`, []string{"must be a JSON object"}},
		"null":            {"demo", "a", `null`, []string{"must be a JSON object"}},
		"no fields":       {"demo", "a", `{}`, []string{"sha256: " + noHash, "scopes: must list 1 to 5, found 0"}},
		"bad name":        {"demo", "-a", `[`, []string{"is not valid JSON: unexpected end of JSON input", "its name must be 1 to 63 of A-Z, a-z, 0-9, _, . and -, beginning with a letter or digit: write it under another name and delete this one"}},
		"all at once":     {"demo", "a", `{"sha256":"secret-token","scopes":["records:read","operate:read","records:read","",7],"origin":"me","colour":1,"a b":2,"":3}`, []string{"colour: " + fields, `["a b"]: ` + fields, `[""]: ` + fields, "sha256: " + noHash, "scopes[1]: must be a scope of " + scopes, "scopes[2]: is listed twice", "scopes[3]: must be a scope of " + scopes, "scopes[4]: must be a string, found a number", "origin: must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>, the platform one of Adictiz, CaptainWallet, Crm360, Mailjet, Primotexto, Shopify, Smsbox, Tabology, Zendesk, elfy76310"}},
		"wrong types":     {"demo", "a", `{"sha256":null,"scopes":"triggers","origin":{}}`, []string{"sha256: must be a string, found null", "scopes: must be a list of strings, found a string", "origin: must be a string, found an object"}},
		"twice":           {"demo", "a", `{"sha256":"` + hash + `","scopes":["manage"],"sha256":"` + hash + `"}`, []string{"sha256: is given twice: keep one of them"}},
		"other case":      {"demo", "a", `{"SHA256":"` + hash + `","scopes":["manage"]}`, []string{"SHA256: " + fields, "sha256: " + noHash}},
		"63 digits":       {"demo", "a", `{"sha256":"` + hash[1:] + `","scopes":["manage"]}`, []string{"sha256: " + noHash}},
		"empty":           {"demo", "a", `{"sha256":"","scopes":[],"origin":""}`, []string{"sha256: " + noHash, "scopes: must list 1 to 5, found 0", "origin: must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>, the platform one of Adictiz, CaptainWallet, Crm360, Mailjet, Primotexto, Shopify, Smsbox, Tabology, Zendesk, elfy76310"}},
		"operator's":      {"", "a", `{"sha256":"` + hash + `","scopes":["manage"],"origin":"api"}`, []string{"origin: is not a field of an operator's key, which has sha256, scopes: remove it", "scopes[0]: must be a scope of " + operators}},
		"platform's case": {"demo", "a", `{"sha256":"` + hash + `","scopes":["manage"],"origin":"inbound:shopify"}`, []string{"origin: must be agent-console, api, bulk, csv-import, auto-log or inbound:<Platform>, the platform one of Adictiz, CaptainWallet, Crm360, Mailjet, Primotexto, Shopify, Smsbox, Tabology, Zendesk, elfy76310"}},
	} {
		_, faults := access.ParseKey(test.organization, test.name, test.text)
		if diff := cmp.Diff(test.want, texts(faults)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		for _, f := range faults {
			if f.Value != nil {
				t.Errorf("%s: fault %v shows %v", name, f, f.Value)
			}
		}
	}
}

func TestHashToken(t *testing.T) {
	t.Parallel()
	if got := access.HashToken("test"); got != hash {
		t.Errorf("hash = %s, want %s", got, hash)
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add("demo", `{"sha256":"`+hash+`","scopes":["records:read"],"origin":"inbound:Mailjet"}`)
	f.Add("", `{"sha256":"`+hash+`","scopes":["operate:read"]}`)
	f.Add("demo", `{"a":{"b":[1,2,{}]},"a":null,"scopes":[[]]}`)
	f.Fuzz(func(t *testing.T, organization, text string) {
		key, faults := access.ParseKey(organization, "a", text)
		if len(faults) > 0 {
			return
		}
		if len(key.Hash) != 64 || key.Hash != strings.ToLower(key.Hash) || len(key.Scopes) == 0 {
			t.Errorf("%q makes %+v without faults", text, key)
		}
		for _, scope := range key.Scopes {
			if strings.HasPrefix(string(scope), "operate:") != (organization == "") {
				t.Errorf("a key of %q has scope %s", organization, scope)
			}
		}
	})
}
