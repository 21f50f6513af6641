package proof

import (
	"slices"
	"strings"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/document"
)

// Shopify signs the body alone. So that a body that was signed once cannot serve for something else, the topic must fit
// the path, the shop must be one of the source's, and the body must be of the entity and, just when the action is Delete,
// a delete's.
func shopify(s access.Source, r Request, _ time.Time) Result {
	switch {
	case !topicFits(r.Headers["x-shopify-topic"], r.Entity, r.Action):
		return Result{Reason: "the topic does not fit the entity and action"}
	case !shopListed(s.ShopDomains, r.Headers["x-shopify-shop-domain"]):
		return Result{Reason: "the shop is not one of the source's"}
	}
	body, faults, err := document.ParseObject(r.Body)
	switch {
	case err != nil || len(faults) > 0:
		// Signed, so it is for the handler to say what is wrong with it, but nothing to delete by.
		return unlessDelete(r, "the body cannot be read")
	case !ofEntity(body, r.Entity):
		return Result{Reason: "the body is another entity's"}
	case isDelete(body) != (r.Action == "Delete"):
		return Result{Reason: "the body does not fit the action: a delete's has only an id"}
	}
	return Result{Good: true}
}

func unlessDelete(r Request, reason string) Result {
	if r.Action == "Delete" {
		return Result{Reason: reason}
	}
	return Result{Good: true}
}

// topicFits reports whether a topic is one that tells of such an action with the whole record as its body. orders/edited
// is none: its body is the edit, and orders/updated follows it.
func topicFits(topic, entity, action string) bool {
	resource, verb, _ := strings.Cut(strings.ToLower(topic), "/")
	known := map[string][]string{
		"Customer Insert": {"create"},
		"Customer Update": {"update", "enable", "disable"},
		"Customer Delete": {"delete"},
		"Product Insert":  {"create"},
		"Product Update":  {"update"},
		"Product Delete":  {"delete"},
		"Order Insert":    {"create"},
		"Order Update":    {"updated", "paid", "cancelled", "fulfilled", "partially_fulfilled"},
		"Order Delete":    {"delete"},
	}
	return resource == strings.ToLower(entity)+"s" && slices.Contains(known[entity+" "+action], verb)
}

func shopListed(domains []string, shop string) bool {
	return slices.ContainsFunc(domains, func(domain string) bool { return domain != "" && strings.EqualFold(domain, shop) })
}

// globalID is the field that names a record with its entity, as gid://shopify/Customer/7.
const globalID = "admin_graphql_api_id"

// ofEntity reports whether the body may be of the entity. A delete's may not say of which it is.
func ofEntity(body map[string]any, entity string) bool {
	id, given := body[globalID].(string)
	return !given || strings.HasPrefix(id, "gid://shopify/"+entity+"/")
}

// isDelete reports whether a body tells of a delete: an id, and besides it only fields without content. Bodies of other
// topics have at least their times. (A subscription that leaves out all fields but the id looks like a delete: it cannot
// be told from one, and says nothing that could be applied.)
func isDelete(body map[string]any) bool {
	for name, value := range body {
		if name != "id" && name != globalID && !empty(value) {
			return false
		}
	}
	return body["id"] != nil
}

func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}
