package platform

import (
	"maps"
	"slices"
	"strings"

	"crmhook/shared/document"
)

// The states of a consent that mean something here (shopify.dev, CustomerEmailMarketingState).
const (
	consentSubscribed    = "subscribed"
	consentUnsubscribed  = "unsubscribed"
	consentNotSubscribed = "not_subscribed"
	consentRedacted      = "redacted"
	consentInvalid       = "invalid"
)

// shopifyConsent is what a customer agreed to, as Shopify tells it. It becomes an authorization when Shopify tells another one
// than before: every later state of the customer repeats it, and must not undo what the contact decided elsewhere since.
//
// subscribed allows. unsubscribed, redacted (the customer's data were erased) and invalid (the address is none) forbid.
// not_subscribed is the state of those who never subscribed: it forbids after subscribed, and where the contact has no
// authorization, but takes back none that was given elsewhere. pending (asked, and not yet confirmed) and any other state
// change nothing.
type shopifyConsent struct {
	code string
	// told is its state and when that was given.
	told map[string]any
}

// readShopifyConsents reads the marketing consents. Before version 2022-04 that to e-mail was a boolean, accepts_marketing,
// which does not tell those who left from those who never came.
func readShopifyConsents(r document.Reader) []shopifyConsent {
	var list []shopifyConsent
	add := func(code, state, at string) {
		if state != "" {
			list = append(list, shopifyConsent{code: code, told: given(map[string]string{"state": strings.ToLower(state), "at": at})})
		}
	}
	if email := r.Object("email_marketing_consent"); email.Given() {
		add(authorizationEmail, email.Text("state"), email.Text("consent_updated_at"))
	} else if r.Has("accepts_marketing") {
		state := consentNotSubscribed
		if r.Bool("accepts_marketing") {
			state = consentSubscribed
		}
		add(authorizationEmail, state, r.Text("accepts_marketing_updated_at"))
	}
	sms := r.Object("sms_marketing_consent")
	add(authorizationSMS, sms.Text("state"), sms.Text("consent_updated_at"))
	return list
}

// place sets the authorization. What the source told before is under the authorization's code.
func (c shopifyConsent) place(data, told map[string]any) {
	if document.Same(told[c.code], c.told) {
		return
	}
	before, _ := told[c.code].(map[string]any)
	told[c.code] = maps.Clone(c.told)
	switch c.told["state"] {
	case consentSubscribed:
		authorize(data, c.code, true)
	case consentUnsubscribed, consentRedacted, consentInvalid:
		authorize(data, c.code, false)
	case consentNotSubscribed:
		if before["state"] == consentSubscribed || !authorized(data, c.code) {
			authorize(data, c.code, false)
		}
	}
}

// authorized reports whether the contact has the authorization, be it allowed or not.
func authorized(data map[string]any, code string) bool {
	list, _ := data["authorizations"].([]any)
	return slices.ContainsFunc(list, func(item any) bool {
		authorization, _ := item.(map[string]any)
		return authorization["authorizationCode"] == code
	})
}

// readShopifyTags reads the tags, which Shopify writes as one text with commas; nil where it tells none.
func readShopifyTags(r document.Reader) []string {
	if !r.Has("tags") {
		return nil
	}
	tags := []string{}
	for tag := range strings.SplitSeq(r.Text("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

// placeTags adds the tags that the contact does not have, and takes away those that this source gave and no longer lists,
// unless another shop gave them too. A tag that was there before Shopify listed it is not Shopify's to take.
func (c shopifyProfile) placeTags(data, told map[string]any) {
	if c.tags == nil {
		return
	}
	others := c.tagsOfOthers(data)
	gave := texts(told["tags"])
	tags := slices.DeleteFunc(texts(data["tags"]), func(tag string) bool {
		return slices.Contains(gave, tag) && !slices.Contains(c.tags, tag) && !slices.Contains(others, tag)
	})
	var given []string
	for _, tag := range c.tags {
		there := slices.Contains(tags, tag)
		if !there {
			tags = append(tags, tag)
		}
		if !there || slices.Contains(gave, tag) || slices.Contains(others, tag) {
			given = append(given, tag)
		}
	}
	setTexts(data, "tags", tags)
	setTexts(told, "tags", given)
}

// tagsOfOthers are the tags that other sources of Shopify gave.
func (c shopifyProfile) tagsOfOthers(data map[string]any) []string {
	var tags []string
	for name, of := range object(data, "external") {
		if source, ok := of.(map[string]any); ok && name != shopifySource(c.trigger) && strings.HasPrefix(name, shopify+"-") {
			tags = append(tags, texts(source["tags"])...)
		}
	}
	return tags
}

// texts are the strings of a list.
func texts(value any) []string {
	list, _ := value.([]any)
	var found []string
	for _, item := range list {
		if text, ok := item.(string); ok {
			found = append(found, text)
		}
	}
	return found
}

// setTexts sets a list of strings where it is another, or takes it away where there are none.
func setTexts(data map[string]any, name string, list []string) {
	if slices.Equal(texts(data[name]), list) {
		return
	}
	if len(list) == 0 {
		delete(data, name)
		return
	}
	values := make([]any, len(list))
	for i, text := range list {
		values[i] = text
	}
	data[name] = values
}
