package access_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/platform"
)

func TestSource(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]access.Source{
		`{"verify":"shopify","secrets":["shop-a","shop-a-old"],"shopDomains":["x.myshopify.com","shop.example.com"]}`: {
			Name: "Shopify", Verify: access.Shopify, Secrets: []string{"shop-a", "shop-a-old"}, ShopDomains: []string{"x.myshopify.com", "shop.example.com"},
		},
		`{"verify":"zendesk","secrets":["zd"],"matchByEmail":true}`: {
			Name: "Zendesk-0", Verify: access.Zendesk, Secrets: []string{"zd"}, MatchByEmail: true,
		},
		`{"verify":"hmac","secrets":["t"],"header":"Signature"}`: {
			Name: "Tabology-32767", Verify: access.HMAC, Secrets: []string{"t"}, Header: "Signature", Algorithm: "sha256", Encoding: "hex",
		},
		`{"verify":"hmac","secrets":["t"],"header":"X-Sum","algorithm":"sha512","encoding":"base64","prefix":"v1="}`: {
			Name: "Adictiz", Verify: access.HMAC, Secrets: []string{"t"}, Header: "X-Sum", Algorithm: "sha512", Encoding: "base64", Prefix: "v1=",
		},
		`{"verify":"basic","login":"mailjet","secrets":["mj"]}`: {Name: "Mailjet", Verify: access.Basic, Login: "mailjet", Secrets: []string{"mj"}},
		`{"verify":"token","secrets":["sb"]}`:                   {Name: "elfy76310", Verify: access.Token, Secrets: []string{"sb"}},
		`{}`:                                                    {Name: "Smsbox"},
		`{"matchByEmail":false}`:                                {Name: "Primotexto"},
		`{"interface":"cards"}`:                                 {Name: "CaptainWallet-12", Interface: "cards"},
		`{"interface":"cards","verify":"token","secrets":["cw"],"matchByEmail":true}`: {
			Name: "CaptainWallet", Interface: "cards", Verify: access.Token, Secrets: []string{"cw"}, MatchByEmail: true,
		},
	} {
		want.Organization = "demo"
		got, faults := access.ParseSource("demo", want.Name, text)
		if len(faults) > 0 {
			t.Errorf("%s: faults %v, want none", text, faults)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func TestFaultsOfASource(t *testing.T) {
	t.Parallel()
	const (
		secret = "must be the name of a secret (letters, digits, _ . -, at most 63), not the secret itself"
		host   = "must be a shop's host name in lower case, such as x.myshopify.com"
		header = "must be the name of the header that carries the signature, such as X-Signature"
		none   = "is not a field of a source without verify, which has verify, matchByEmail: remove it"
	)
	for name, test := range map[string]struct {
		name, text string
		want       []string
	}{
		"no object":         {"Shopify", `"x"`, []string{"must be a JSON object"}},
		"unknown verify":    {"Shopify", `{"verify":"rsa","secrets":["a b"],"shopDomains":1}`, []string{"verify: must be shopify, zendesk, hmac, basic or token, or be left out where a key proves who is calling", "secrets[0]: " + secret}},
		"no verify":         {"Shopify", `{"verify":""}`, []string{"verify: must be shopify, zendesk, hmac, basic or token, or be left out where a key proves who is calling"}},
		"secrets for none":  {"Shopify", `{"secrets":["a"],"interface":"x"}`, []string{"secrets: " + none, "interface: " + none}},
		"shopify's missing": {"Shopify", `{"verify":"shopify"}`, []string{"secrets: must list 1 to 10, found 0", "shopDomains: must list 1 to 100, found 0"}},
		"another's fields": {"Zendesk", `{"verify":"zendesk","secrets":["a"],"header":"X","login":"x","shopDomains":[]}`, []string{
			"header: is not a field of a source with verify zendesk, which has verify, matchByEmail, secrets: remove it",
			"login: is not a field of a source with verify zendesk, which has verify, matchByEmail, secrets: remove it",
			"shopDomains: is not a field of a source with verify zendesk, which has verify, matchByEmail, secrets: remove it",
		}},
		"secrets":          {"Smsbox", `{"verify":"token","secrets":["-a","a","a",null,"` + strings.Repeat("a", 64) + `"]}`, []string{"secrets[0]: " + secret, "secrets[2]: is listed twice", "secrets[3]: must be a string, found null", "secrets[4]: " + secret}},
		"eleven secrets":   {"Smsbox", `{"verify":"token","secrets":["a","b","c","d","e","f","g","h","i","j","k"]}`, []string{"secrets: must list 1 to 10, found 11"}},
		"hosts":            {"Shopify", `{"verify":"shopify","secrets":["a"],"shopDomains":["https://x.myshopify.com","X.myshopify.com","x","x.-a.com","x.myshopify.com"]}`, []string{"shopDomains[0]: " + host, "shopDomains[1]: " + host, "shopDomains[2]: " + host, "shopDomains[3]: " + host}},
		"hmac":             {"Tabology", `{"verify":"hmac","secrets":["a"],"algorithm":"md5","encoding":1,"prefix":"é"}`, []string{"header: is missing: " + header, "algorithm: must be sha256 or sha512", "encoding: must be a string, found a number", "prefix: must be at most 64 printable ASCII characters, such as sha256="}},
		"header":           {"Tabology", `{"verify":"hmac","secrets":["a"],"header":"X Sum"}`, []string{"header: " + header}},
		"login":            {"Mailjet", `{"verify":"basic","secrets":["a"],"login":"a:b"}`, []string{"login: must be 1 to 255 characters without colon and control characters"}},
		"no login":         {"Mailjet", `{"verify":"basic","secrets":["a"]}`, []string{"login: is missing: must be 1 to 255 characters without colon and control characters"}},
		"no interface":     {"CaptainWallet", `{"verify":"token","secrets":["a"]}`, []string{"interface: is missing: must be the name of an event-webhook of the organization"}},
		"bad interface":    {"CaptainWallet-1", `{"interface":"a b","matchByEmail":"yes"}`, []string{"matchByEmail: must be true or false, found a string", "interface: must be the name of an event-webhook of the organization"}},
		"duplicate fields": {"Mailjet", `{"matchByEmail":true,"matchByEmail":true}`, []string{"matchByEmail: is given twice: keep one of them"}},
	} {
		_, faults := access.ParseSource("demo", test.name, test.text)
		if diff := cmp.Diff(test.want, texts(faults)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestNamesOfSources(t *testing.T) {
	t.Parallel()
	for name, good := range map[string]bool{
		"Shopify": true, "Shopify-0": true, "Shopify-32767": true, "elfy76310-1": true,
		"shopify": false, "Shopify-": false, "Shopify-32768": false, "Shopify-01": false, "Shopify--1": false, "Shopify-+1": false,
		"Shopify-1-2": false, "Shopify_1": false, "Other": false, "": false, "-1": false,
	} {
		_, faults := access.ParseSource("demo", name, `{}`)
		if good == (len(faults) > 0) {
			t.Errorf("%q: faults %v, want none: %v", name, faults, good)
		}
		if !good && !strings.Contains(faults.Error(), "Adictiz, CaptainWallet, Crm360") {
			t.Errorf("%q: %v does not list the platforms", name, faults)
		}
	}
	if diff := cmp.Diff([]string{"Shopify-7", "Shopify"}, access.SourceNames("Shopify", 7)); diff != "" {
		t.Errorf("names of the sources that concern a trigger (-want +got):\n%s", diff)
	}
}

func TestPlatformsAreThoseWithHandlers(t *testing.T) {
	t.Parallel()
	handled := map[string]bool{}
	for _, name := range platform.Known() {
		handled[strings.Split(name, "/")[0]] = true
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(handled)), access.Platforms()); diff != "" {
		t.Errorf("platforms that have handlers, and those that sources may be of (-handlers +sources):\n%s", diff)
	}
}

// TestFieldsOfAnotherProofAreFaults tries each field with each proof.
func TestFieldsOfAnotherProofAreFaults(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"secrets": `["a"]`, "shopDomains": `["x.example.com"]`, "header": `"X-Sum"`, "algorithm": `"sha256"`, "encoding": `"hex"`,
		"prefix": `""`, "login": `"a"`, "interface": `"a"`,
	}
	for _, verify := range []access.Verify{access.None, access.Shopify, access.Zendesk, access.HMAC, access.Basic, access.Token} {
		fields := access.Source{Name: "Mailjet", Verify: verify}.Fields()
		given := map[string]bool{}
		for _, field := range fields {
			given[field] = true
		}
		for field := range values {
			text := `{"matchByEmail":true`
			if verify != access.None {
				text += fmt.Sprintf(`,"verify":%q`, verify)
			}
			for name, value := range values {
				if given[name] || name == field {
					text += fmt.Sprintf(`,%q:%s`, name, value)
				}
			}
			_, faults := access.ParseSource("demo", "Mailjet", text+"}")
			if (len(faults) == 0) != given[field] {
				t.Errorf("%s with verify %q: faults %v, want none: %v", field, verify, faults, given[field])
			}
		}
	}
}

func TestSecretsKeepTheirPlacesWhateverIsWrong(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"verify":"shopify","secrets":["a",7,"b c","d"]}`,
		`{"verify":"what","secrets":["a",7,"b c","d"]}`,
	} {
		s, _ := access.ParseSource("demo", "Nowhere", text)
		if diff := cmp.Diff([]string{"a", "", "b c", "d"}, s.Secrets); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

func FuzzParseSource(f *testing.F) {
	f.Add("Shopify", `{"verify":"shopify","secrets":["shop-a"],"shopDomains":["x.myshopify.com"]}`)
	f.Add("Tabology-7", `{"verify":"hmac","secrets":["t"],"header":"Signature","algorithm":"sha256","encoding":"hex","prefix":""}`)
	f.Add("CaptainWallet", `{"interface":"cards","matchByEmail":true}`)
	f.Fuzz(func(t *testing.T, name, text string) {
		s, faults := access.ParseSource("demo", name, text)
		if len(faults) > 0 {
			return
		}
		if (s.Verify == access.None) != (len(s.Secrets) == 0) || (s.Verify == access.Shopify) != (len(s.ShopDomains) > 0) ||
			(s.Verify == access.HMAC) != (s.Header != "") || (s.Verify == access.Basic) != (s.Login != "") {
			t.Errorf("%s %q makes %+v without faults", name, text, s)
		}
	})
}
