package control

import (
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/contact"
	"crmhook/shared/hook"
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

func words(description string, list ...string) *huma.Schema {
	schema := text(description)
	for _, word := range list {
		schema.Enum = append(schema.Enum, word)
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

func list(description string, most int, of *huma.Schema) *huma.Schema {
	return &huma.Schema{Type: huma.TypeArray, Items: of, MaxItems: web.Number(most), Description: description}
}

func namedTexts(description string) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, AdditionalProperties: &huma.Schema{Type: huma.TypeString}, Description: description}
}

// interfaceSchema is what an interface's configuration may hold. Which fields belong to which type is said in words.
func interfaceSchema() *huma.Schema {
	types := []string{
		string(hook.ContactWebhookV1), string(hook.ContactWebhookV2), string(hook.CRMTrigger), string(hook.RuleWebhook), string(hook.EventWebhook),
	}
	return object(map[string]*huma.Schema{
		"type":                 words("What kind of webhook it is.", types...),
		"names":                namedTexts("Language → name, for people."),
		"url":                  text("Where requests go: all types but crm-trigger. contact-webhook-v1: with ${contactNumber} in it."),
		"urls":                 urls(),
		"method":               words("contact-webhook-v1 and crm-trigger.", "GET", "POST"),
		"payload":              {Description: "contact-webhook-v1 by POST: a JSON value, or JSON text, that holds ${contactNumber}."},
		"authentication":       authentication(),
		"headers":              namedTexts("Request headers of your own, without credentials."),
		"customParameters":     namedTexts("Added to the query."),
		"details":              list("Contact webhooks: what is sent of contacts.", len(contact.All.Names()), words("", contact.All.Names()...)),
		"events":               list("event-webhook: *, all of an entity (contact.*) or one event (order.created).", 100, text("")),
		"includePrevious":      truth("event-webhook: whether updates carry the former values."),
		"ordered":              truth("event-webhook: whether the events of a record go strictly one after another."),
		"filter":               text("Contact webhooks and event-webhook: which records are sent, such as role=MEMBER."),
		"successCodes":         list("The statuses that mean success.", 100, &huma.Schema{Type: huma.TypeInteger, Minimum: web.Bound(200), Maximum: web.Bound(299)}),
		"notify":               list("Whom warnings and stops are mailed to.", hook.MostRecipients, &huma.Schema{Type: huma.TypeString, Format: "email"}),
		"retriesBeforeWarning": whole("After how many retries people are told.", 0, hook.MostRetries, hook.DefaultRetriesBeforeWarning),
		"retriesBeforeStop":    whole("After how many retries a delivery is given up.", 0, hook.MostRetries, hook.DefaultRetriesBeforeStop),
		"retryDelaySeconds":    whole("Seconds between attempts.", 1, hook.LongestRetryDelay, hook.DefaultRetryDelay),
		"timeoutSeconds":       whole("Seconds that a request may take.", 1, hook.LongestTimeout, hook.DefaultTimeout),
		"origins":              list("Whose changes are sent; all where none are listed.", 100, text("")),
		"ignoreOrigins":        list("Whose changes are not sent.", 100, text("")),
		"allowHttp":            truth("Whether plain http is allowed."),
		"schedules":            list("Contact webhooks: when it runs.", 100, scheduleSchema()),
		"state":                words("Whether it works.", string(hook.Active), string(hook.Paused)),
	}, "type")
}

func urls() *huma.Schema {
	events, entities := map[string]*huma.Schema{}, map[string]*huma.Schema{}
	for _, event := range []string{"create", "edit", "delete"} {
		events[event] = text("")
	}
	for _, entity := range []string{"customer", "case", "followup", "task"} {
		entities[entity] = object(events)
	}
	schema := object(entities)
	schema.Description = "crm-trigger: a URL for each entity and event."
	return schema
}

func authentication() *huma.Schema {
	return object(map[string]*huma.Schema{
		"mode": words("How requests are authenticated.", string(hook.None), string(hook.Basic)), "login": text(""), "secret": name("The secret that holds the password."),
	}, "mode")
}

func scheduleSchema() *huma.Schema {
	days := func(field string) *huma.Schema {
		return object(map[string]*huma.Schema{field: {Type: huma.TypeInteger, Minimum: web.Bound(0)}}, field)
	}
	date := func(description string) *huma.Schema {
		return &huma.Schema{Description: description, AnyOf: []*huma.Schema{
			{Type: huma.TypeString, Nullable: true, Examples: []any{"2026-12-01T00:00"}}, days("daysBeforeFirstProductDate"), days("daysAfterFirstProductDate"),
		}}
	}
	return object(map[string]*huma.Schema{
		"name":             {Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(longestSchedule), Description: "Its name, which no other has."},
		"launch":           words("Whether it runs by itself, or when asked only.", "automatic", "manual"),
		"frequencyMinutes": whole("Minutes from one run to the next.", 1, hook.LongestFrequency, hook.DefaultFrequency),
		"start":            date("From when on, in the time zone."),
		"end":              date("Until when, in the time zone."),
		"timeZone":         text("The zone of start and end, such as Europe/Paris."),
		"batchSize":        whole("The most contacts of a run.", 1, hook.LargestBatch, hook.DefaultBatchV2),
		"bucketSize":       whole("The most contacts of a request.", 1, hook.LargestBucket, hook.DefaultBucket),
		"identifiers":      list("Contacts that each run sends, changed or not.", hook.MostIdentifiers, text("")),
	}, "name")
}

func interfaceExample() any {
	return map[string]any{
		"type": "contact-webhook-v2", "names": map[string]any{"en": "CRM contacts"}, "url": "https://crm.example.com/contacts",
		"details": []any{"GENERAL", "ADDRESSES"}, "filter": "role=MEMBER", "notify": []any{"ops@example.com"},
		"schedules": []any{map[string]any{"name": "each minute", "frequencyMinutes": 1, "batchSize": 100, "bucketSize": 10}},
	}
}
