package platform

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
)

// shopifyBody is the body of a customer with more fields.
func shopifyBody(fields string) string {
	return `{"id":1,"updated_at":"2026-12-01T10:00:00+01:00"` + strings.TrimRight(","+fields, ",") + `}`
}

// afterShopify is what a customer makes of a contact.
func afterShopify(t *testing.T, before map[string]any, source int, fields string) map[string]any {
	t.Helper()
	from := sent("Shopify/Customer/Update", shopifyBody(fields))
	from.SourceID = source
	plan := goodPlan(t, from)
	checkIdempotent(t, plan, before)
	return plan.People[0].Change(copyOf(before))
}

func TestShopifyCustomerOnContact(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, before, body, want string }{
		{"unknown fields are kept as they are", ``, `"state":"enabled","big":90071992547409931234,"new":{"a":[null,1.50]},"email":null,"tags":null`, `{
			"identifiers":[{"sourceId":3,"identifier":"1"}],
			"external":{"Shopify":{"state":"enabled","big":90071992547409931234,"new":{"a":[null,1.50]}}}}`},
		{"and replaced as a whole", `{"identifiers":[{"sourceId":3,"identifier":"1"}],"external":{"Shopify":{"note":"old"},"Other":{"a":1}}}`, ``, `{
			"identifiers":[{"sourceId":3,"identifier":"1"}],
			"external":{"Shopify":{},"Other":{"a":1}}}`},
		{
			"a new identifier of the source, names and e-mail", `{"identifiers":[{"sourceId":4,"identifier":"1"},{"sourceId":3,"identifier":"8"}],"individualContact":{"login":"jane","individualFirstname":"Joan","phoneNumber1":"0199001234"}}`,
			`"first_name":"Jane","last_name":"Example","email":"Jane@example.com","phone":""`, `{
			"identifiers":[{"sourceId":4,"identifier":"1"},{"sourceId":3,"identifier":"1"}],
			"individualContact":{"login":"jane","individualFirstname":"Jane","individualLastname":"Example","email":"Jane@example.com","phoneNumber1":"0199001234"},
			"external":{"Shopify":{}}}`,
		},
		{"a phone number as it comes", ``, `"phone":"call me","default_address":{"id":7,"phone":"0199001234","company":"Example SARL","country_code":"FR"}`, `{
			"identifiers":[{"sourceId":3,"identifier":"1"}],
			"individualContact":{"phoneNumber1":"call me","company":"Example SARL","countryCode":"FR"},
			"addresses":[{"contactAddressId":"Shopify-3-7","main":true,"countryCode":"FR","external":{"Shopify":{"id":7,"phone":"0199001234","company":"Example SARL","country_code":"FR"}}}],
			"external":{"Shopify":{}}}`},
		{"the default address's phone number", ``, `"default_address":{"id":7,"phone":"0199001234"}`, `{
			"identifiers":[{"sourceId":3,"identifier":"1"}],"individualContact":{"phoneNumber1":"0199001234"},
			"addresses":[{"contactAddressId":"Shopify-3-7","main":true,"external":{"Shopify":{"id":7,"phone":"0199001234"}}}],
			"external":{"Shopify":{}}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(parsed(t, tt.want), afterShopify(t, parsed(t, tt.before), 3, tt.body)); diff != "" {
				t.Errorf("contact (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShopifyAddresses(t *testing.T) {
	t.Parallel()
	const (
		own   = `{"contactAddressId":"A1","main":false,"town":"Nice"}`
		other = `{"contactAddressId":"Shopify-31-7","main":false,"town":"Lille"}`
		told  = `"external":{"Shopify":{"id":7,"city":"Lyon"}}`
		seven = `{"contactAddressId":"Shopify-3-7","main":false,"town":"Lyon",` + told + `}`
	)
	eleven := strings.TrimSuffix(strings.Repeat(`{"id":8},`, mostShopifyAddresses), ",")
	for _, tt := range []struct{ name, before, body, want string }{
		{"beside those of others", own + `,` + other, `"addresses":[{"id":7,"city":"Lyon"}]`, own + `,` + other + `,` + seven},
		{"one that is no longer listed goes", own + `,` + seven + `,` + other, `"addresses":[]`, own + `,` + other},
		{"none listed says nothing", own + `,` + seven, ``, own + `,` + seven},
		{"a list as long as Shopify's longest says nothing of others", seven, `"addresses":[` + eleven + `]`, seven + `,{"contactAddressId":"Shopify-3-8","main":false,"external":{"Shopify":{"id":8}}}`},
		{"the default one is main", seven, `"addresses":[{"id":7,"city":"Lyon","default":true}]`, strings.Replace(seven, "false", "true", 1)},
		{"the default one is shown apart", own, `"default_address":{"id":7,"city":"Lyon","default":true}`, own + `,` + strings.Replace(seven, "false", "true", 1)},
		{"another default", strings.Replace(seven, "false", "true", 1), `"addresses":[{"id":7,"city":"Lyon"}],"default_address":{"id":8}`, seven + `,{"contactAddressId":"Shopify-3-8","main":true,"external":{"Shopify":{"id":8}}}`},
		{"another default of a list that is not all", strings.Replace(seven, "false", "true", 1), `"default_address":{"id":8}`, seven + `,{"contactAddressId":"Shopify-3-8","main":true,"external":{"Shopify":{"id":8}}}`},
		{"one main address", `{"contactAddressId":"A1","main":true}`, `"addresses":[{"id":7,"city":"Lyon","default":true}]`, `{"contactAddressId":"A1","main":true},` + seven},
		{
			"one that Shopify did not change stays normalised", `{"contactAddressId":"Shopify-3-7","main":false,"town":"LYON","normalizationState":"NORMALIZED",` + told + `}`, `"addresses":[{"id":7,"city":"Lyon"}]`,
			`{"contactAddressId":"Shopify-3-7","main":false,"town":"LYON","normalizationState":"NORMALIZED",` + told + `}`,
		},
		{
			"one that it changed does not", `{"contactAddressId":"Shopify-3-7","main":false,"town":"LYON","street2":"B","normalizationState":"NORMALIZED","normalizationRating":"TOWN",` + told + `}`, `"addresses":[{"id":7,"city":"Lyon","zip":"69001","address2":null}]`,
			`{"contactAddressId":"Shopify-3-7","main":false,"town":"Lyon","zipCode":"69001","external":{"Shopify":{"id":7,"city":"Lyon","zip":"69001","address2":null}}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := afterShopify(t, parsed(t, `{"addresses":[`+tt.before+`]}`), 3, tt.body)
			if diff := cmp.Diff(parsed(t, `{"addresses":[`+tt.want+`]}`)["addresses"], got["addresses"]); diff != "" {
				t.Errorf("addresses (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShopifyAddressType(t *testing.T) {
	t.Parallel()
	from := sent("Shopify/Customer/Update", shopifyBody(`"addresses":[{"id":7}]`))
	before := parsed(t, `{"addresses":[{"contactAddressId":"Shopify-3-7","contactAddressTypeId":5,"main":false}]}`)
	typeOf := func(data map[string]any) any {
		return data["addresses"].([]any)[0].(map[string]any)["contactAddressTypeId"]
	}
	if got := typeOf(goodPlan(t, from).People[0].Change(copyOf(before))); !document.Same(got, number(5)) {
		t.Errorf("without ContactAddressTypeId the type is %v, want the 5 that was there", got)
	}
	from.AddressTypeID = new(int64)
	if got := typeOf(goodPlan(t, from).People[0].Change(copyOf(before))); !document.Same(got, number(0)) {
		t.Errorf("with ContactAddressTypeId 0 the type is %v, want 0", got)
	}
}

func TestShopifyConsents(t *testing.T) {
	t.Parallel()
	const (
		email  = `"email_marketing_consent":{"state":"`
		yes    = email + `subscribed","consent_updated_at":"2026-11-01T00:00:00Z"}`
		no     = email + `unsubscribed"}`
		never  = email + `not_subscribed"}`
		forbid = "EMAIL=false"
		allow  = "EMAIL=true"
	)
	for _, tt := range []struct {
		name string
		// before is a state that Shopify told before, since what the CRM has decided about EMAIL after it.
		before, since, body, want string
	}{
		{"subscribed", "", "", yes, allow},
		{"in capitals", "", "", strings.ToUpper(email[:0]) + email + `SUBSCRIBED"}`, allow},
		{"unsubscribed", "", "", no, forbid},
		{"redacted", "", allow, email + `redacted"}`, forbid},
		{"invalid", "", allow, email + `invalid"}`, forbid},
		{"pending", "", "", email + `pending"}`, ""},
		{"pending after another's consent", "", allow, email + `pending"}`, allow},
		{"a state of tomorrow", yes, "", email + `unheard"}`, allow},
		{"unsubscribed after subscribed", yes, "", no, forbid},
		{"unsubscribed after another's consent", "", allow, no, forbid},
		{"never subscribed", "", "", never, forbid},
		{"never subscribed is no withdrawal of another's consent", "", allow, never, allow},
		{"never subscribed after subscribed", yes, "", never, forbid},
		{"the same consent does not undo a withdrawal since", yes, forbid, yes, forbid},
		{"the same refusal does not undo a consent since", no, allow, no, allow},
		{"a later consent does", yes, forbid, strings.Replace(yes, "2026-11", "2026-12", 1), allow},
		{"none told", yes, "", `"email_marketing_consent":null`, allow},
		{"the older boolean", "", "", `"accepts_marketing":true`, allow},
		{"the older boolean, taken back", `"accepts_marketing":true,"accepts_marketing_updated_at":"2026-11-01T00:00:00Z"`, "", `"accepts_marketing":false`, forbid},
		{"the older boolean is no withdrawal", "", allow, `"accepts_marketing":false`, allow},
		{"the newer one counts", "", "", `"accepts_marketing":true,` + no, forbid},
		{"sms", "", "", `"sms_marketing_consent":{"state":"subscribed"}`, "SMS=true"},
		{"both", "", "", `"sms_marketing_consent":{"state":"unsubscribed"},` + yes, "EMAIL=true SMS=false"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			contact := map[string]any{}
			if tt.before != "" {
				contact = afterShopify(t, nil, 3, tt.before)
			}
			if tt.since != "" {
				authorize(contact, authorizationEmail, tt.since == allow)
			}
			if got := authorizationsOf(afterShopify(t, contact, 3, tt.body)); got != tt.want {
				t.Errorf("authorizations %q, want %q", got, tt.want)
			}
		})
	}
}

func authorizationsOf(data map[string]any) string {
	var list []string
	authorizations, _ := data["authorizations"].([]any)
	for _, item := range authorizations {
		a := item.(map[string]any)
		list = append(list, a["authorizationCode"].(string)+"="+map[bool]string{true: "true", false: "false"}[a["allowed"].(bool)])
	}
	return strings.Join(list, " ")
}

func TestShopifyTags(t *testing.T) {
	t.Parallel()
	type step struct {
		source     int
		tags, want string
	}
	for _, tt := range []struct {
		name, before string
		steps        []step
	}{
		{"trimmed and each once", ``, []step{{3, `"tags":" vip, newsletter ,,vip"`, `["vip","newsletter"]`}}},
		{"one that Shopify takes back goes", `"staff"`, []step{{3, `"tags":"vip, a"`, `["staff","vip","a"]`}, {3, `"tags":"a"`, `["staff","a"]`}, {3, `"tags":""`, `["staff"]`}}},
		{"not one that was there before", `"vip","staff"`, []step{{3, `"tags":"vip,a"`, `["vip","staff","a"]`}, {3, `"tags":""`, `["vip","staff"]`}}},
		{"none told", `"staff"`, []step{{3, `"tags":"vip"`, `["staff","vip"]`}, {3, `"tags":null`, `["staff","vip"]`}, {3, ``, `["staff","vip"]`}, {3, `"tags":"a"`, `["staff","a"]`}}},
		{"two shops", ``, []step{{3, `"tags":"vip,a"`, `["vip","a"]`}, {4, `"tags":"vip,b"`, `["vip","a","b"]`}, {3, `"tags":"a"`, `["vip","a","b"]`}, {4, `"tags":"b"`, `["a","b"]`}}},
		{"the last one", ``, []step{{3, `"tags":"a"`, `["a"]`}, {3, `"tags":""`, `null`}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			contact := parsed(t, `{"tags":[`+tt.before+`]}`)
			for _, s := range tt.steps {
				contact = afterShopify(t, contact, s.source, s.tags)
				if diff := cmp.Diff(parsed(t, `{"tags":`+s.want+`}`)["tags"], contact["tags"]); diff != "" {
					t.Errorf("tags after source %d told %s (-want +got):\n%s", s.source, s.tags, diff)
				}
			}
		})
	}
}

func TestShopifyTime(t *testing.T) {
	t.Parallel()
	plan := goodPlan(t, sent("Shopify/Customer/Update", shopifyBody("")))
	if want := time.Date(2026, 12, 1, 9, 0, 0, 0, time.UTC); !plan.At.Equal(want) || !plan.People[0].Ordered {
		t.Errorf("At = %s, ordered %v, want %s, ordered", plan.At, plan.People[0].Ordered, want)
	}
	gone := goodPlan(t, sent("Shopify/Customer/Delete", `{"id":1}`))
	if !gone.At.IsZero() || !gone.People[0].Ordered || gone.People[0].Create {
		t.Errorf("a delete is %+v, want one ordered by the time of its signature that makes nobody", gone.People[0])
	}
}
