package control

import (
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/contact"
	"crmhook/shared/hook"
	"crmhook/shared/schedule"
	"crmhook/shared/web"
)

// object is a schema of an object that has these fields and no others.
func object(fields map[string]*huma.Schema, required ...string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: fields, Required: required, AdditionalProperties: false}
}

func text(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Description: description}
}

func name(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Pattern: namePattern.String(), Description: description}
}

func words[W ~string](description string, list ...W) *huma.Schema {
	schema := text(description)
	for _, word := range list {
		schema.Enum = append(schema.Enum, string(word))
	}
	return schema
}

func whole(description string, least, most, usual int) *huma.Schema {
	return &huma.Schema{
		Type: huma.TypeInteger, Minimum: web.Bound(float64(least)), Maximum: web.Bound(float64(most)), Default: usual, Description: description,
	}
}

func truth(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeBoolean, Description: description}
}

func list(description string, of *huma.Schema) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: of, Description: description}
}

// atMost bounds a list as the code does.
func atMost(n int, list *huma.Schema) *huma.Schema {
	list.MaxItems = &n
	return list
}

// usually says what counts where nothing is given.
func usually(value string, schema *huma.Schema) *huma.Schema {
	schema.Default = value
	return schema
}

func namedTexts(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}, Description: description}
}

// interfaceSchema is what an interface's configuration may hold. Which fields belong to which type is said in words.
func interfaceSchema() *huma.Schema {
	types := []hook.Type{hook.ContactWebhookV1, hook.ContactWebhookV2, hook.CRMTrigger, hook.RuleWebhook, hook.EventWebhook}
	return object(map[string]*huma.Schema{
		"type":                 words("What kind of webhook it is.", types...),
		"names":                namedTexts("Language → name, for people."),
		"url":                  text("Where requests go: all types but crm-trigger. contact-webhook-v1: with ${contactNumber} in it."),
		"urls":                 urls(),
		"method":               usually(http.MethodGet, words("contact-webhook-v1 and crm-trigger.", http.MethodGet, http.MethodPost)),
		"payload":              {Description: "contact-webhook-v1 by POST: a JSON value, or JSON text, that holds ${contactNumber}."},
		"authentication":       authentication(),
		"headers":              namedTexts("Request headers of your own, without credentials."),
		"customParameters":     namedTexts("Added to the query."),
		"details":              list("Contact webhooks: what is sent of contacts.", words("", contact.All.Names()...)),
		"events":               list("event-webhook: *, all of an entity (contact.*) or one event (order.created).", text("")),
		"includePrevious":      truth("event-webhook: whether updates carry the former values."),
		"ordered":              truth("event-webhook: whether the events of a record go strictly one after another."),
		"filter":               text("Contact webhooks and event-webhook: which records are sent, such as role=MEMBER."),
		"successCodes":         list("The statuses that mean success.", &huma.Schema{Type: huma.TypeInteger, Minimum: web.Bound(200), Maximum: web.Bound(299)}),
		"notify":               atMost(hook.MostRecipients, list("Whom warnings and stops are mailed to.", &huma.Schema{Type: huma.TypeString, Format: "email"})),
		"retriesBeforeWarning": whole("After how many retries people are told.", 0, hook.MostRetries, hook.DefaultRetriesBeforeWarning),
		"retriesBeforeStop":    whole("After how many retries a delivery is given up.", 0, hook.MostRetries, hook.DefaultRetriesBeforeStop),
		"retryDelaySeconds":    whole("Seconds between attempts.", 1, hook.LongestRetryDelay, hook.DefaultRetryDelay),
		"timeoutSeconds":       whole("Seconds that a request may take.", 1, hook.LongestTimeout, hook.DefaultTimeout),
		"origins":              list("Whose changes are sent; all where none are listed.", text("")),
		"ignoreOrigins":        list("Whose changes are not sent.", text("")),
		"allowHttp":            truth("Whether plain http is allowed."),
		"schedules":            list("Contact webhooks: when it runs.", scheduleSchema()),
		"state":                words("Whether it works.", hook.Active, hook.Paused),
	}, "type")
}

func urls() *huma.Schema {
	kinds, entities := map[string]*huma.Schema{}, map[string]*huma.Schema{}
	for _, kind := range hook.TriggerKinds() {
		kinds[string(kind)] = text("The URL that is called for this change.")
	}
	for _, entity := range hook.TriggerEntities() {
		entities[entity] = object(kinds)
		entities[entity].Description = "The URLs for changes of a " + entity + "."
	}
	schema := object(entities)
	schema.Description = "crm-trigger: a URL for each entity and event."
	return schema
}

func authentication() *huma.Schema {
	schema := object(map[string]*huma.Schema{
		"mode": words("How requests are authenticated.", hook.None, hook.Basic), "login": text("The user of basic."),
		"secret": name("The secret that holds the password."),
	}, "mode")
	schema.Description = "How requests prove whose they are; not at all where it is left out."
	return schema
}

func scheduleSchema() *huma.Schema {
	days := func(field, description string) *huma.Schema {
		return object(map[string]*huma.Schema{field: {Type: huma.TypeInteger, Minimum: web.Bound(0), Description: description}}, field)
	}
	date := func(description string) *huma.Schema {
		return &huma.Schema{Description: description, AnyOf: []*huma.Schema{
			{Type: huma.TypeString, Nullable: true, Examples: []any{"2026-12-01T00:00"}},
			days("daysBeforeFirstProductDate", "Days before the organization's first product date."),
			days("daysAfterFirstProductDate", "Days after the organization's first product date."),
		}}
	}
	return object(map[string]*huma.Schema{
		"name":             {Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(longestSchedule), Description: "Its name, which no other has."},
		"launch":           words("Whether it runs by itself, or when asked only.", schedule.Automatic, schedule.Manual),
		"frequencyMinutes": whole("Minutes from one run to the next.", 1, hook.LongestFrequency, hook.DefaultFrequency),
		"start":            date("From when on, in the time zone."),
		"end":              date("Until when, in the time zone."),
		"timeZone":         text("The zone of start and end, such as Europe/Paris."),
		"batchSize":        whole("The most contacts of a run; of contact-webhook-v1 60 where nothing is said.", 1, hook.LargestBatch, hook.DefaultBatchV2),
		"bucketSize":       whole("The most contacts of a request; of contact-webhook-v1 always 1.", 1, hook.LargestBucket, hook.DefaultBucket),
		"identifiers":      atMost(hook.MostIdentifiers, list("Contacts that each run sends, changed or not.", text(""))),
	}, "name")
}

func interfaceExample() any {
	return map[string]any{
		"type": "contact-webhook-v2", "names": map[string]any{"en": "CRM contacts"}, "url": "https://crm.example.com/contacts",
		"details": []any{"GENERAL", "ADDRESSES"}, "filter": "role=MEMBER", "notify": []any{"ops@example.com"},
		"schedules": []any{map[string]any{"name": "each minute", "frequencyMinutes": 1, "batchSize": 100, "bucketSize": 10}},
	}
}
