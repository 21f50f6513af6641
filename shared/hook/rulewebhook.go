package hook

// RuleWebhook is called by rules (SALESmanago, Wyślij informacje na temat uruchomionej reguły): it has a URL and what all
// types have, and wants no event of its own.
const RuleWebhook Type = "rule-webhook"

// RuleEvent is the type of the event that tells a rule-webhook that a rule has fired. No change makes one of that type, so
// an event-webhook is never told it.
const RuleEvent = "rule.fired"
