package hook

import (
	"net/http"
	"slices"
	"strings"

	"crmhook/shared/change"
)

// trigger checks what a crm-trigger has of its own, and what its type takes as the default.
func (c *checker) trigger() {
	if c.root.member("method") == nil {
		c.hook.Method = http.MethodGet
	}
	if len(c.hook.Origins) == 0 {
		c.hook.Origins = []string{ConsoleOrigin}
	}
	c.urls()
	c.ownParameters()
	c.secretHosts()
}

// urls checks the URL of each entity and event.
func (c *checker) urls() {
	const example = `such as {"case":{"create":"https://crm.example.com/case-created"}}`
	n := c.root.member("urls")
	if n == nil {
		c.missing(c.root, "urls", "is missing: write the URLs to call, %s", example)
		return
	}
	c.members(n, func(entity string, events *node) {
		if !slices.Contains(TriggerEntities(), entity) {
			c.hidden(events, "is no entity of crm-trigger, which knows %s", strings.Join(TriggerEntities(), ", "))
			return
		}
		c.urlsOf(entity, events)
	})
	if n.kind == object && !slices.ContainsFunc(n.items, (*node).somethingIn) {
		c.hidden(n, "must hold at least one URL, %s", example)
	}
}

// somethingIn reports whether a node is more than an object without members.
func (n *node) somethingIn() bool { return n.kind != object || len(n.items) > 0 }

func (c *checker) urlsOf(entity string, n *node) {
	c.members(n, func(kind string, url *node) {
		if !slices.Contains(TriggerKinds(), change.Kind(kind)) {
			c.hidden(url, "is no event of crm-trigger, which knows create, edit, delete")
			return
		}
		if !c.is(url, text) {
			return
		}
		good := c.address(url)
		if c.repeats(entity, url) || !good {
			return
		}
		if c.hook.URLs == nil {
			c.hook.URLs = map[string]map[change.Kind]string{}
		}
		if c.hook.URLs[entity] == nil {
			c.hook.URLs[entity] = map[change.Kind]string{}
		}
		c.hook.URLs[entity][change.Kind(kind)] = url.value
	})
}

// repeats refuses a query that holds what is added to it: the receiver could read the wrong one of two.
func (c *checker) repeats(entity string, n *node) bool {
	_, query, _ := strings.Cut(n.value, "?")
	found := false
	for _, p := range TriggerParameters(entity) {
		for pair := range strings.SplitSeq(query, "&") {
			name, _, _ := strings.Cut(pair, "=")
			if strings.EqualFold(name, p.Name) {
				c.hidden(n, "must not hold the parameter %s, which crmhook adds", p.Name)
				found = true
				break
			}
		}
	}
	return found
}

// ownParameters refuses custom parameters of the names that are added.
func (c *checker) ownParameters() {
	n := c.root.member("customParameters")
	if n == nil || n.kind != object {
		return
	}
	own := TriggerParameters("followup")
	own = append(own, TriggerParameters("task")...)
	c.members(n, func(name string, value *node) {
		if slices.ContainsFunc(own, func(p TriggerParameter) bool { return strings.EqualFold(name, p.Name) }) {
			c.hidden(value, "is a parameter that crmhook adds itself: remove it")
		}
	})
}

// neverHTTP refuses allowHttp, whatever it says: the document requires https.
func (c *checker) neverHTTP(n *node) {
	c.hidden(n, "is not a field of crm-trigger, whose URLs are always https: remove it")
}
