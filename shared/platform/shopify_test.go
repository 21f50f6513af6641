package platform

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
	"crmhook/shared/trigger"
)

func TestShopifyEvents(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"Customer/Insert", "Customer/Update", "Customer/Delete", "Product/Insert", "Product/Update", "Product/Delete",
		"Order/Insert", "Order/Update", "Order/Delete",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			checkEvents(t, "Shopify", name, func(from *trigger.Trigger) {
				kind := int64(2)
				from.AddressTypeID = &kind
			})
		})
	}
}

func TestShopifyDeletes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name         string
		before, want string
	}{
		{"the only identifier", `{"identifiers":[{"sourceId":3,"identifier":"1"}],"role":"MEMBER"}`, ``},
		{"a number as identifier", `{"identifiers":[{"sourceId":"3","identifier":1}]}`, ``},
		{"one of two", `{"identifiers":[{"sourceId":3,"identifier":"1"},{"sourceId":4,"identifier":"1"}],"addresses":[{"contactAddressId":"Shopify-3-7"}]}`, `{"identifiers":[{"sourceId":4,"identifier":"1"}],"addresses":[{"contactAddressId":"Shopify-3-7"}]}`},
		{"another customer of the source", `{"identifiers":[{"sourceId":3,"identifier":"2"}]}`, `{"identifiers":[{"sourceId":3,"identifier":"2"}]}`},
		{"no identifier", `{"role":"MEMBER"}`, `{"role":"MEMBER"}`},
		{"gone already", ``, ``},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan := goodPlan(t, sent("Shopify/Customer/Delete", `{"id":1}`))
			got := plan.People[0].Change(parsed(t, tt.before))
			if diff := cmp.Diff(parsed(t, tt.want), got); diff != "" {
				t.Errorf("contact (-want +got):\n%s", diff)
			}
			checkIdempotent(t, plan, parsed(t, tt.before))
		})
	}
}

func TestShopifyOrderBelongsToItsCustomer(t *testing.T) {
	t.Parallel()
	const order = `{"id":5,"updated_at":"2026-12-01T10:00:00Z"`
	for _, tt := range []struct {
		name, body, before, contact, want string
		find                              []string
		optional                          bool
	}{
		{"customer", order + `,"email":"Jane@Example.com ","customer":{"id":1,"email":"other@example.com"}}`, ``, "C1", "C1", []string{"identifier 3:1", "email jane@example.com if matching"}, false},
		{"customer's e-mail", order + `,"email":null,"customer":{"id":"1","email":"jane@example.com"}}`, ``, "C1", "C1", []string{"identifier 3:1", "email jane@example.com if matching"}, false},
		{"customer without e-mail", order + `,"email":"","customer":{"id":1}}`, ``, "", "", []string{"identifier 3:1"}, false},
		{"guest with e-mail", order + `,"email":"jane@example.com","customer":null}`, ``, "", "", []string{"email jane@example.com if matching"}, true},
		{"guest", order + `,"email":"till","customer":null}`, ``, "", "", nil, false},
		{"the body's own number is not ours", order + `,"contactNumber":"C9"}`, ``, "", "", nil, false},
		{"not found any more", order + `,"customer":{"id":1}}`, `{"customer":{"id":1.0},"contactNumber":"C1"}`, "", "C1", []string{"identifier 3:1"}, false},
		{"given to another", order + `,"customer":{"id":2}}`, `{"customer":{"id":1},"contactNumber":"C1"}`, "", "", []string{"identifier 3:2"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan := goodPlan(t, sent("Shopify/Order/Update", tt.body))
			shown := shownOf(plan)
			writes := plan.Writes
			var find []string
			if len(shown.People) > 0 {
				find, writes = shown.People[0].Find, plan.People[0].Writes
				if plan.People[0].Create || plan.People[0].Change != nil || plan.People[0].Optional != tt.optional {
					t.Errorf("the person is changed, made or waited for: %+v", shown.People[0])
				}
			}
			if diff := cmp.Diff(tt.find, find); diff != "" {
				t.Errorf("ways to find the person (-want +got):\n%s", diff)
			}
			want := document.Merge(parsed(t, tt.body), map[string]any{"contactNumber": nil})
			if tt.want != "" {
				want["contactNumber"] = tt.want
			}
			if diff := cmp.Diff(want, writes[0].Change(parsed(t, tt.before), tt.contact)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			checkIdempotent(t, plan, parsed(t, tt.before))
		})
	}
}

func TestShopifyFaults(t *testing.T) {
	t.Parallel()
	const (
		ownNumber = "must be the resource's own number, as 4711, not a gid:// or another text"
		noTime    = "must be a time in RFC 3339, as 2026-12-01T10:00:00+01:00"
	)
	for _, tt := range []struct {
		name, action, body string
		want               []string
	}{
		{"not JSON", "Product/Update", `{"id":1`, []string{"the body must be a JSON object: not JSON at line 1, column 8: expected a comma or }, found the end of the text"}},
		{"not an object", "Customer/Update", `[{"id":1}]`, []string{"must be an object, found a list"}},
		{"text behind it", "Order/Update", `{}.`, []string{"the body must be a JSON object: not JSON at line 1, column 3: expected nothing after the document, found '.'"}},
		{"twice", "Order/Delete", `{"id":1,"id":2}`, []string{"id: is given twice: keep one of them"}},
		{"nothing", "Customer/Insert", `{}`, []string{"id: must be given", "updated_at: must be given"}},
		{"nothing of a product", "Product/Insert", `{"id":"","updated_at":null}`, []string{"id: must be given", "updated_at: must be given"}},
		{"a delete's body as an update", "Order/Update", `{"id":5}`, []string{"updated_at: must be given"}},
		{"an update's body as a delete", "Order/Delete", `{"id":5,"created_at":"2026-12-01T10:00:00Z","updated_at":"2026-12-01T10:00:00Z"}`, []string{
			"created_at: must be left out: the body of a delete names what is gone, and this one tells a state",
			"updated_at: must be left out: the body of a delete names what is gone, and this one tells a state",
		}},
		{"a delete of nothing", "Customer/Delete", `{}`, []string{"id: must be given"}},
		{"a graph's id", "Product/Update", `{"id":"gid://shopify/Product/1","updated_at":"2026-12-01"}`, []string{"id: " + ownNumber, "updated_at: " + noTime}},
		{"a fraction", "Product/Delete", `{"id":1.5}`, []string{"id: must be an id: a string or a whole number"}},
		{"a customer", "Customer/Update", `{"id":[1],"updated_at":1,"email":"jane","first_name":1,"phone":33,"tags":["a"],
			"email_marketing_consent":"subscribed","sms_marketing_consent":{"state":1},"addresses":[{"id":2,"zip":13001},null,{"country_code":"FRA"}],
			"default_address":{"id":2,"country_code":"33","default":"yes"}}`, []string{
			"id: must be an id (a string or a whole number), found a list",
			"updated_at: must be a string, found a number",
			"addresses[1]: must be an object, found null",
			"default_address.default: must be true or false, found a string",
			"default_address.country_code: must be a country of ISO 3166, two letters as FR",
			"addresses[0].zip: must be a string, found a number",
			"addresses[2].id: must be given",
			"addresses[2].country_code: must be a country of ISO 3166, two letters as FR",
			"first_name: must be a string, found a number",
			"phone: must be a string, found a number",
			"email: must be an e-mail address",
			"email_marketing_consent: must be an object, found a string",
			"sms_marketing_consent.state: must be a string, found a number",
			"tags: must be a string, found a list",
		}},
		{"an old customer", "Customer/Insert", `{"id":1,"updated_at":"2026-12-01T10:00:00Z","accepts_marketing":"yes","addresses":{}}`, []string{
			"addresses: must be a list of objects, found an object", "accepts_marketing: must be true or false, found a string",
		}},
		{"an order's customer", "Order/Insert", `{"id":1,"updated_at":"2026-12-01T10:00:00Z","email":1,"customer":"Jane"}`, []string{
			"customer: must be an object, found a string", "email: must be a string, found a number",
		}},
		{"an order's customer's fields", "Order/Insert", `{"id":1,"updated_at":"2026-12-01T10:00:00Z","customer":{"id":true,"email":{}}}`, []string{
			"customer.id: must be an id (a string or a whole number), found true or false", "customer.email: must be a string, found an object",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFaults(t, sent("Shopify/"+tt.action, tt.body), tt.want...)
		})
	}
}

func FuzzShopify(f *testing.F) {
	fuzzBodies(f, []string{
		"Shopify/Customer/Update", "Shopify/Customer/Delete", "Shopify/Product/Update", "Shopify/Product/Delete", "Shopify/Order/Update", "Shopify/Order/Delete",
	}, eventOfSample(f, "shopify-customer-update"), `{"id":1}`, eventOfSample(f, "shopify-product-update"), `{"id":"1"}`, eventOfSample(f, "shopify-order-update"), `{"id":1}`,
		`{"id":1,"updated_at":"2026-12-01T10:00:00Z","tags":"vip,,a","accepts_marketing":true,"addresses":[{"id":7,"default":true}]}`)
}
