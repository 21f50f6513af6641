package console

import (
	"strings"

	"crmhook/shared/contact"
	"crmhook/shared/hook"
	"crmhook/shared/schedule"
)

// secretList suggests secrets.
const secretList = "secrets"

// group is a part of a form under its own heading.
type group struct {
	Title  string
	Fields []field
}

// types are the types of interface in the order in which they are offered.
func types() []hook.Type {
	return []hook.Type{hook.ContactWebhookV2, hook.ContactWebhookV1, hook.EventWebhook, hook.CRMTrigger, hook.RuleWebhook}
}

// formOf is the form of a type, in the order of SecuTix's own (Contact Webhook V2 set-up), with what the other types have
// in the place where it would stand there.
func formOf(t hook.Type) []group {
	authenticated := t != hook.ContactWebhookV1
	groups := []group{{"Names", names()}, {"Receiver", receiver(t, authenticated)}}
	if t == hook.CRMTrigger {
		groups = append(groups, group{"URLs", triggerURLs()})
	}
	groups = append(groups, group{"When it fails", retries()}, group{"What is sent", sent(t)})
	var last []field
	if authenticated {
		last = append(last, field{
			Name: "authentication.mode", Label: "Authentication mode", Kind: choice, Default: string(hook.None),
			Choices: []string{string(hook.None), string(hook.Basic)}, Required: true,
		})
	}
	last = append(last,
		field{Name: "customParameters", Label: "Custom parameters (key=value)", Kind: pairs, Help: "One a line. They are added to the query of every request."},
		field{Name: "state", Label: "State", Kind: choice, Default: string(hook.Active), Choices: []string{string(hook.Active), string(hook.Paused)}},
	)
	return append(groups, group{"Request", last})
}

func names() []field {
	list := []field{}
	for _, language := range []string{"FR", "EN", "ES", "DE", "IT"} {
		list = append(list, field{Name: "names." + strings.ToLower(language), Label: "Name " + language, Kind: line})
	}
	return list
}

func receiver(t hook.Type, authenticated bool) []field {
	var list []field
	if t != hook.CRMTrigger {
		f := field{Name: "url", Label: "URL", Kind: line, Required: true, Help: "Where requests go."}
		if t == hook.ContactWebhookV1 {
			f.Help = "Where requests go; ${contactNumber} stands for the contact."
		}
		list = append(list, f)
	}
	if t == hook.ContactWebhookV1 || t == hook.CRMTrigger {
		list = append(list, field{Name: "method", Label: "Method", Kind: choice, Default: "GET", Choices: []string{"GET", "POST"}})
	}
	if t == hook.ContactWebhookV1 {
		list = append(list, field{Name: "payload", Label: "Payload", Kind: value, Help: "JSON that POST sends, with ${contactNumber} inside a string."})
	}
	if authenticated {
		list = append(list,
			field{Name: "authentication.login", Label: "Login", Kind: line},
			field{Name: "authentication.secret", Label: "Password (name of a secret)", Kind: line, Suggest: secretList, Help: "Never the password itself: keep that under"},
		)
	}
	return append(list, field{Name: "notify", Label: "Email notification to recipients, execution failed", Kind: commas, Help: "Separated by commas."})
}

func triggerURLs() []field {
	var list []field
	for _, entity := range hook.TriggerEntities() {
		for _, change := range hook.TriggerKinds() {
			list = append(list, field{
				Name: "urls." + entity + "." + string(change), Label: strings.ToUpper(entity[:1]) + entity[1:] + " " + string(change), Kind: line,
			})
		}
	}
	return list
}

func retries() []field {
	return []field{
		{Name: "retriesBeforeWarning", Label: "Number of retries before warning", Kind: number, Default: "8", Unit: "retries"},
		{Name: "retriesBeforeStop", Label: "Number of retries before stop", Kind: number, Default: "12", Unit: "retries"},
		{Name: "retryDelaySeconds", Label: "Retry delay after error", Kind: number, Default: "60", Unit: "seconds"},
		{Name: "timeoutSeconds", Label: "Processing timeout delay", Kind: number, Default: "60", Unit: "seconds"},
	}
}

func sent(t hook.Type) []field {
	filter := field{Name: "filter", Label: "Filter", Kind: area, Help: "Such as role=MEMBER;addresses(isMain).zipCode=13.* Empty: everything."}
	origins := []field{
		{Name: "origins", Label: "Origins", Kind: commas, Help: "Only changes made by these, such as agent-console, api. Empty: the type's own rule."},
		{Name: "ignoreOrigins", Label: "Origins to ignore", Kind: commas, Help: "Such as inbound:Zendesk, so that a system is not told its own changes."},
	}
	switch t {
	case hook.ContactWebhookV1, hook.ContactWebhookV2:
		details := field{
			Name: "details", Label: "Details. List of details to use separated by comma", Kind: commas, Required: t == hook.ContactWebhookV2,
			Help: strings.Join(contact.All.Names(), ", "),
		}
		return append([]field{details, filter}, origins...)
	case hook.EventWebhook:
		return append([]field{
			{Name: "events", Label: "Events", Kind: commas, Required: true, Help: "Separated by commas, such as contact.*, order.created."},
			filter,
			{Name: "ordered", Label: "Deliver a record's events in their order", Kind: check},
			{Name: "includePrevious", Label: "Include the former values of changed fields", Kind: check},
		}, origins...)
	}
	return origins
}

// scheduleForm is the form of one schedule beside its start and end, in the order of SecuTix's own.
func scheduleForm(prefix string) (before, after []field) {
	before = []field{
		{Name: "launch", Label: "Launch", Kind: choice, Default: string(schedule.Automatic), Choices: []string{string(schedule.Automatic), string(schedule.Manual)}, Help: "Manual runs only when asked."},
		{Name: "name", Label: "Internal name", Kind: line, Required: true},
		{Name: "frequencyMinutes", Label: "Frequency", Kind: number, Default: "15", Unit: "minutes"},
	}
	after = []field{
		{Name: "timeZone", Label: "Time zone", Kind: line, Default: "UTC", Help: "Such as Europe/Paris."},
		{Name: "batchSize", Label: "Batch size", Kind: number, Unit: "contacts", Help: "Most contacts that one execution takes."},
		{Name: "bucketSize", Label: "Bucket size", Kind: number, Default: "1", Unit: "contacts", Help: "Most contacts in one request."},
		{Name: "identifiers", Label: "Specific identifiers list", Kind: commas, Help: "Contact numbers that are sent each time, changed or not; at most 100."},
	}
	for _, list := range [][]field{before, after} {
		for i := range list {
			list[i].Prefix = prefix
		}
	}
	return before, after
}
