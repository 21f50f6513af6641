package proof_test

import (
	"strings"
	"testing"

	"crmhook/shared/access"
	"crmhook/shared/proof"
)

const (
	customer        = `{"id":7,"email":"jon@example.com","created_at":"2021-12-31T19:00:00-05:00","updated_at":"2021-12-31T19:00:00-05:00","admin_graphql_api_id":"gid://shopify/Customer/7"}`
	customerDeleted = `{"id":7,"phone":null,"addresses":[],"tax_exemptions":[],"email_marketing_consent":null,"sms_marketing_consent":null,"admin_graphql_api_id":"gid://shopify/Customer/7"}`
	plainDeleted    = `{"id":7}`
)

// verify is Shopify's proof of a body that is signed rightly.
func verify(entity, action, topic, shop, body string) proof.Result {
	source := access.Source{Verify: access.Shopify, ShopDomains: []string{"demo.myshopify.com", "Other.myshopify.com"}}
	request := proof.Request{
		Entity: entity, Action: action, Body: []byte(body),
		Headers: map[string]string{
			"x-shopify-hmac-sha256": sign("dummy-secret", body), "x-shopify-topic": topic, "x-shopify-shop-domain": shop,
		},
	}
	return proof.Verify(source, []string{"dummy-secret"}, request, now())
}

func TestShopifyTopics(t *testing.T) {
	t.Parallel()
	fitting := map[string]string{
		"customers/create": "Customer Insert", "customers/update": "Customer Update", "customers/enable": "Customer Update",
		"customers/disable": "Customer Update", "customers/delete": "Customer Delete",
		"products/create": "Product Insert", "products/update": "Product Update", "products/delete": "Product Delete",
		"orders/create": "Order Insert", "orders/updated": "Order Update", "orders/paid": "Order Update", "orders/cancelled": "Order Update",
		"orders/fulfilled": "Order Update", "orders/partially_fulfilled": "Order Update", "orders/delete": "Order Delete",
		"orders/edited": "", "orders/update": "", "customers/redact": "", "customers": "", "": "", "create": "", "app/uninstalled": "", "/": "",
	}
	for topic, want := range fitting {
		for _, entity := range []string{"Customer", "Product", "Order"} {
			for _, action := range []string{"Insert", "Update", "Delete"} {
				body := strings.ReplaceAll(customer, "Customer", entity)
				if action == "Delete" {
					body = plainDeleted
				}
				got := verify(entity, action, strings.ToUpper(topic), "demo.myshopify.com", body)
				if fits := want == entity+" "+action; got.Good != fits {
					t.Errorf("%s as %s %s: %+v, want good %v", topic, entity, action, got, fits)
				}
			}
		}
	}
}

func TestShopifyBodies(t *testing.T) {
	t.Parallel()
	const shop = "OTHER.myshopify.com"
	const unfit = "the body does not fit the action: a delete's has only an id"
	tests := []struct{ name, entity, action, topic, shop, body, reason string }{
		{"an update", "Customer", "Update", "customers/update", shop, customer, ""},
		{"a delete", "Customer", "Delete", "customers/delete", shop, customerDeleted, ""},
		{"a delete of an order", "Order", "Delete", "orders/delete", shop, plainDeleted, ""},
		{"an update replayed as a delete", "Customer", "Delete", "customers/delete", shop, customer, unfit},
		{"an update of few fields replayed as a delete", "Customer", "Delete", "customers/delete", shop, `{"id":7,"email":"jon@example.com"}`, unfit},
		{"a delete replayed as an insert", "Customer", "Insert", "customers/create", shop, customerDeleted, unfit},
		{"a delete replayed as an update", "Order", "Update", "orders/updated", shop, plainDeleted, unfit},
		{"a delete without an id", "Customer", "Delete", "customers/delete", shop, `{"phone":null}`, unfit},
		{"another entity's update", "Product", "Update", "products/update", shop, customer, "the body is another entity's"},
		{"another entity's delete", "Order", "Delete", "orders/delete", shop, customerDeleted, "the body is another entity's"},
		{"no JSON is the handler's matter", "Customer", "Update", "customers/update", shop, `{"id"`, ""},
		{"no JSON deletes nothing", "Customer", "Delete", "customers/delete", shop, `{"id"`, "the body cannot be read"},
		{"a list deletes nothing", "Customer", "Delete", "customers/delete", shop, `[]`, "the body cannot be read"},
		{"another topic", "Customer", "Update", "customers/delete", shop, customer, "the topic does not fit the entity and action"},
		{"another shop", "Customer", "Update", "customers/update", "x.myshopify.com", customer, "the shop is not one of the source's"},
		{"no shop", "Customer", "Update", "customers/update", "", customer, "the shop is not one of the source's"},
	}
	for _, test := range tests {
		got := verify(test.entity, test.action, test.topic, test.shop, test.body)
		if got.Good != (test.reason == "") || got.Reason != test.reason {
			t.Errorf("%s: %+v, want reason %q", test.name, got, test.reason)
		}
	}
}

func TestShopifyOfAnotherSecret(t *testing.T) {
	t.Parallel()
	source := access.Source{Verify: access.Shopify, ShopDomains: []string{"demo.myshopify.com"}}
	request := proof.Request{Entity: "Customer", Action: "Update", Body: []byte(customer), Headers: map[string]string{
		"x-shopify-hmac-sha256": sign("another", customer), "x-shopify-topic": "customers/update", "x-shopify-shop-domain": "demo.myshopify.com",
	}}
	if got := proof.Verify(source, []string{"dummy-secret"}, request, now()); got.Good || got.Reason != "the signature is wrong" {
		t.Errorf("%+v, want a wrong signature", got)
	}
}
