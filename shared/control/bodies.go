package control

import (
	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/change"
	"crmhook/shared/job"
	"crmhook/shared/rule"
	"crmhook/shared/web"
)

func ruleSchema() *huma.Schema {
	var types []string
	for _, t := range []rule.Type{
		rule.ContactCreated, rule.ContactUpdated, rule.ContactDeleted, rule.TagAdded, rule.TagRemoved, rule.ScoreReached, rule.FunnelChanged,
		rule.EmailSent, rule.EmailOpened, rule.EmailClicked, rule.EmailBounced, rule.EmailUnsubscribed,
	} {
		types = append(types, string(t))
	}
	event := object(map[string]*huma.Schema{
		"type": words("What it waits for.", types...), "value": {Description: "The tag or stage, exactly; of score.reached the number."},
	}, "type")
	return object(map[string]*huma.Schema{
		"name": text("Sent with each call."), "description": text("Sent with each call."), "event": event,
		"conditions": text("A filter over the contact."),
		"then":       list("Rule webhooks to call where the conditions hold.", 100, name("")),
		"else":       list("Rule webhooks to call where they do not.", 100, name("")),
		"limits": object(map[string]*huma.Schema{
			"maxPerContact":      {Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(1_000_000_000)},
			"minIntervalMinutes": {Type: huma.TypeInteger, Minimum: web.Bound(1), Maximum: web.Bound(525_600)},
		}),
		"state": words("Whether it fires.", "active", "paused"),
	}, "event")
}

func ruleExample() any {
	return map[string]any{
		"name": "Welcome", "event": map[string]any{"type": "tag.added", "value": "newsletter"}, "conditions": "role=MEMBER",
		"then": []any{"welcome"}, "limits": map[string]any{"maxPerContact": 1},
	}
}

func secretSchema() *huma.Schema {
	hosts := list("The hosts that it may be sent to, without port.", 100, text(""))
	return object(map[string]*huma.Schema{"value": text("The secret itself."), "hosts": hosts}, "value")
}

func secretExample() any {
	return map[string]any{"value": "not-a-real-password", "hosts": []any{"crm.example.com"}}
}

// startBody describes what an execution may be started with.
func startBody() *huma.RequestBody {
	number := &huma.Schema{Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(change.MaxContactNumber)}
	identifiers := list("The contacts to send, changed or not.", job.MostIdentifiers, number)
	identifiers.MinItems = web.Number(1)
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
	number := &huma.Schema{
		Type: huma.TypeString, MinLength: web.Number(1), MaxLength: web.Number(change.MaxContactNumber), Description: "The contact whose data is sent; a made-up one's where none is named.",
	}
	body := web.BodyOf(object(map[string]*huma.Schema{"record": number}), map[string]any{"record": "4711"}, web.JSON)
	body.Required = false
	return body
}

// matchingSchema says which stopped deliveries are meant.
func matchingSchema() *huma.Schema {
	at := func(description string) *huma.Schema {
		return &huma.Schema{Type: huma.TypeString, Format: "date-time", Description: description}
	}
	return object(map[string]*huma.Schema{
		"interface": name("Only those of this interface."),
		"record":    text("Only those that concern this record, such as contact/4711; an id alone is a contact's."),
		"since":     at("Only those that were made at this time or later."),
		"until":     at("Only those that were made before this time."),
	})
}

func matchingExample() any {
	return map[string]any{"interface": "crm", "since": "2026-11-24T00:00:00Z"}
}
