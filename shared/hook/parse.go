package hook

import (
	"strings"
	"time"

	"crmhook/shared/fault"
)

// Parse checks the configuration of a contact webhook (SecuTix Contact Webhook V1 and V2), an event-webhook, a crm-trigger
// (8x8, Configure External CRM Triggers) or a rule-webhook (SALESmanago) and makes it ready to use.
// With any fault there is no Hook; the list holds all of them in the order of the text. No fault shows a secret.
func Parse(source []byte, c Context) (*Hook, fault.List) {
	checked := &checker{context: c}
	root, unreadable := read(source, &checked.report)
	if unreadable != nil {
		return nil, fault.List{*unreadable}
	}
	if !checked.is(root, object) {
		return nil, checked.faults()
	}
	checked.root = root
	checked.configuration()
	if faults := checked.faults(); faults != nil {
		return nil, faults
	}
	if err := checked.hook.prepare(); err != nil {
		return nil, fault.List{{Location: "url", Message: err.Error()}}
	}
	return checked.hook, nil
}

// checker reads one configuration into a Hook and reports what is wrong with it.
type checker struct {
	report
	context Context
	root    *node
	hook    *Hook
	// hosts are the right URLs', each once.
	hosts []string
}

// v1 reports whether the configuration is one of a Contact Webhook V1.
func (c *checker) v1() bool { return c.hook.Type == ContactWebhookV1 }

func (c *checker) configuration() {
	c.hook = defaults()
	known := c.typeOf()
	fields := c.fields()
	for i, name := range c.root.names {
		n := c.root.items[i]
		if c.root.member(name) != n {
			continue // given twice, which is reported
		}
		switch check, ok := fields[name]; {
		case ok:
			check(n)
		case !known && isField(name):
			// Whether it belongs depends on the type, which is not known.
		default:
			c.unknown(n, name, c.hook.Type.what(), keys(fields))
		}
	}
	c.together(known)
}

func defaults() *Hook {
	return &Hook{
		State:                Active,
		Method:               "POST",
		Authentication:       Authentication{Mode: None},
		RetriesBeforeWarning: DefaultRetriesBeforeWarning,
		RetriesBeforeStop:    DefaultRetriesBeforeStop,
		RetryDelay:           DefaultRetryDelay * time.Second,
		Timeout:              DefaultTimeout * time.Second,
	}
}

// typeOf reads the type, on which the other fields depend.
func (c *checker) typeOf() bool {
	const known = string(ContactWebhookV1 + ", " + ContactWebhookV2 + ", " + EventWebhook + ", " + CRMTrigger + " or " + RuleWebhook)
	n := c.root.member("type")
	if n == nil {
		c.missing(c.root, "type", "is missing: write %s", known)
		return false
	}
	if !c.is(n, text) {
		return false
	}
	switch t := Type(n.value); t {
	case ContactWebhookV1, ContactWebhookV2, EventWebhook, CRMTrigger, RuleWebhook:
		c.hook.Type = t
		return true
	default:
		c.fault(n, "must be %s", known)
	}
	return false
}

// TypeOf is the type that a configuration names, whether it is valid or not; empty where it names none that is known.
func TypeOf(source []byte) Type {
	root, unreadable := read(source, &report{})
	if unreadable != nil {
		return ""
	}
	switch t := Type(root.text("type")); t {
	case ContactWebhookV1, ContactWebhookV2, EventWebhook, CRMTrigger, RuleWebhook:
		return t
	}
	return ""
}

// what names the type in messages.
func (t Type) what() string {
	if t == "" {
		return "an interface"
	}
	return string(t)
}

// fields are the fields of the type and how each is checked.
func (c *checker) fields() map[string]func(*node) {
	fields := map[string]func(*node){
		"type":                 func(*node) {},
		"names":                c.names,
		"notify":               c.notify,
		"retriesBeforeWarning": func(n *node) { c.whole(n, 0, MostRetries, "retries", &c.hook.RetriesBeforeWarning) },
		"retriesBeforeStop":    func(n *node) { c.whole(n, 0, MostRetries, "retries", &c.hook.RetriesBeforeStop) },
		"retryDelaySeconds":    func(n *node) { c.seconds(n, LongestRetryDelay, &c.hook.RetryDelay) },
		"timeoutSeconds":       func(n *node) { c.seconds(n, LongestTimeout, &c.hook.Timeout) },
		"origins":              func(n *node) { c.hook.Origins = c.origins(n) },
		"ignoreOrigins":        func(n *node) { c.hook.IgnoreOrigins = c.origins(n) },
		"headers":              c.headers,
		"customParameters":     c.customParameters,
		"authentication":       c.authentication,
		"signing":              c.signing,
		"successCodes":         c.successCodes,
		"allowHttp":            func(n *node) { c.is(n, boolean) },
		"state":                c.state,
	}
	if c.hook.Type == "" {
		return fields
	}
	if c.hook.Type == CRMTrigger {
		fields["urls"] = func(*node) {} // checked together with what depends on it
		fields["method"] = c.method
		fields["allowHttp"] = c.neverHTTP
		return fields
	}
	fields["url"] = func(*node) {} // checked together with what it depends on
	if c.hook.Type == RuleWebhook {
		return fields
	}
	fields["filter"] = c.filter
	if c.hook.Type.TellsEvents() {
		fields["events"] = c.events
		fields["includePrevious"] = c.includePrevious
		fields["ordered"] = c.ordered
		return fields
	}
	fields["details"] = c.details
	fields["schedules"] = c.schedules
	if c.v1() {
		fields["method"] = c.method
		fields["payload"] = c.payload
	}
	return fields
}

// isField reports whether some type has a field of that name that not all have.
func isField(name string) bool {
	switch name {
	case "url", "urls", "method", "payload", "filter", "details", "schedules", "events", "includePrevious", "ordered":
		return true
	}
	return false
}

// together checks what concerns more than one field.
func (c *checker) together(known bool) {
	warning, stop := c.root.member("retriesBeforeWarning"), c.root.member("retriesBeforeStop")
	if c.hook.RetriesBeforeWarning > c.hook.RetriesBeforeStop {
		c.warningAfterStop(warning, stop)
	}
	if !known {
		return
	}
	if c.hook.Type == CRMTrigger {
		c.trigger()
		return
	}
	if c.v1() && c.root.member("method") == nil {
		c.hook.Method = "GET"
		if n := c.root.member("payload"); n != nil && n.kind != null {
			c.missing(c.root, "method", "is missing: a payload needs POST")
			c.hook.Method = "POST"
		}
	}
	c.url()
	c.placeholderSomewhere()
	c.secretHosts()
	c.required()
}

// required wants what a type cannot do without beside the URL.
func (c *checker) required() {
	switch {
	case c.hook.Type == RuleWebhook:
	case c.hook.Type.TellsEvents():
		if c.root.member("events") == nil {
			c.missing(c.root, "events", `is missing: list the events to send, such as ["contact.*"]`)
		}
	case !c.v1() && c.root.member("details") == nil:
		c.missing(c.root, "details", `is missing: list the details groups to send, such as ["GENERAL"]`)
	default:
		c.filterReads()
	}
}

func (c *checker) warningAfterStop(warning, stop *node) {
	switch {
	case warning != nil:
		c.fault(warning, "must be at most retriesBeforeStop, which is %d", c.hook.RetriesBeforeStop)
	case stop != nil:
		// A lower stop alone is meant: people are told no later than that.
		c.hook.RetriesBeforeWarning = c.hook.RetriesBeforeStop
	}
}

// unknown reports a field that the object does not have, with the one that was probably meant.
func (c *checker) unknown(n *node, name, of string, known []string) {
	for _, k := range known {
		if near(name, k) {
			c.hidden(n, "is not a field of %s: did you mean %s?", of, k)
			return
		}
	}
	c.hidden(n, "is not a field of %s: remove it", of)
}

// near reports whether two names differ in case, in separators or in one place only.
func near(a, b string) bool {
	a, b = strings.ToLower(a), strings.ToLower(b)
	strip := strings.NewReplacer("_", "", "-", "", " ", "")
	if strip.Replace(a) == strip.Replace(b) {
		return true
	}
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(b)-len(a) > 1 || len(a) < 3 {
		return false
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	if len(a) == len(b) {
		return i == len(a) || a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:]
	}
	return a[i:] == b[i+1:]
}
