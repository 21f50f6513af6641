package control

import (
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/change"
	"crmhook/shared/job"
	"crmhook/shared/rule"
	"crmhook/shared/web"
)

func ruleSchema() *huma.Schema {
	event := object(map[string]*huma.Schema{
		"type": words("What it waits for.", rule.Types()...), "value": {Description: "The tag or stage, exactly; of score.reached the number."},
	}, "type")
	event.Description = "When it fires."
	most := &huma.Schema{
		Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(rule.LargestMaxPerContact), Description: "How often it fires for a contact, ever.",
	}
	interval := &huma.Schema{
		Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(rule.LongestMinInterval), Description: "The least minutes between two changes of a contact for which it fires.",
	}
	limits := object(map[string]*huma.Schema{"maxPerContact": most, "minIntervalMinutes": interval})
	limits.Description = "How often it fires for one contact; without them each time."
	return object(map[string]*huma.Schema{
		"name": text("Sent with each call."), "description": text("Sent with each call."), "event": event,
		"conditions": text("A filter over the contact."),
		"then":       list("Rule webhooks to call where the conditions hold.", name("")),
		"else":       list("Rule webhooks to call where they do not.", name("")),
		"limits":     limits,
		"state":      words("Whether it fires.", "active", "paused"),
	}, "event")
}

func ruleExample() any {
	return map[string]any{
		"name": "Welcome", "event": map[string]any{"type": "tag.added", "value": "newsletter"}, "conditions": "role=MEMBER",
		"then": []any{"welcome"}, "limits": map[string]any{"maxPerContact": 1},
	}
}

func secretSchema() *huma.Schema {
	hosts := list("The hosts that it may be sent to, without port.", text(""))
	return object(map[string]*huma.Schema{"value": text("The secret itself."), "hosts": hosts}, "value")
}

func secretExample() any {
	return map[string]any{"value": "not-a-real-password", "hosts": []any{"crm.example.com"}}
}

// startBody describes what an execution may be started with.
func startBody() *huma.RequestBody {
	number := &huma.Schema{Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(change.MaxContactNumber)}
	identifiers := list("The contacts to send, changed or not.", number)
	identifiers.MinItems, identifiers.MaxItems = web.Number(1), web.Number(job.MostIdentifiers)
	schema := object(map[string]*huma.Schema{
		"schedule":    {Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(longestSchedule), Description: "The schedule whose batch and bucket size count, else the first."},
		"identifiers": identifiers,
		"all":         truth("Whether to send every contact that matches the filter."),
	})
	body := web.BodyOf(schema, map[string]any{"identifiers": []any{"4711", "4712"}}, web.JSON)
	body.Content[fileType] = &huma.MediaType{
		Schema:  &huma.Schema{Type: huma.TypeString, Format: "binary", Description: "A text in UTF-8 or Latin-1: a contactNumber a line, or a CSV with a column contactNumber."},
		Example: "contactNumber\n4711\n4712\n",
	}
	body.Required = false
	return body
}

// testBody describes what a sample may be asked for.
func testBody() *huma.RequestBody {
	record := &huma.Schema{
		Type: huma.TypeString, MinLength: web.Number(1),
		Description: "A record's key such as order/4711, or a contact's number: its data is sent; a made-up sample where none is named.",
	}
	body := web.BodyOf(object(map[string]*huma.Schema{"record": record}), map[string]any{"record": "4711"}, web.JSON)
	body.Required = false
	return body
}

// matchingSchema says which stopped deliveries are meant: by interface, record or both.
func matchingSchema() *huma.Schema {
	at := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: description}
	}
	schema := object(map[string]*huma.Schema{
		"interface": name("Only those of this interface."),
		"record":    text("Only those that concern this record, such as contact/4711; an id alone is a contact's."),
		"since":     at("Only those that were made at this time or later."),
		"until":     at("Only those that were made before this time."),
	})
	schema.AnyOf = []*huma.Schema{{Required: []string{"interface"}}, {Required: []string{"record"}}}
	return schema
}

func matchingExample() any {
	return map[string]any{"interface": "crm", "since": "2026-11-24T00:00:00Z"}
}
