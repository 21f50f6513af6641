package hook

import (
	"net/netip"
	"slices"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/filter"
	"crmhook/shared/schedule"
)

// Bounds and defaults of a configuration, from the products' forms; delays and timeouts in seconds, frequencies in
// minutes.
const (
	DefaultRetriesBeforeWarning = 8
	DefaultRetriesBeforeStop    = 12
	// MostRetries is the redrive count of the deliveries queue (13) less the first attempt.
	MostRetries       = 12
	DefaultRetryDelay = 60
	// LongestRetryDelay stays below the 12 hours that SQS keeps a received message invisible.
	LongestRetryDelay = 42_000
	DefaultTimeout    = 60
	LongestTimeout    = 120
	DefaultFrequency  = 15
	LongestFrequency  = 1_440
	DefaultBatchV1    = 60
	DefaultBatchV2    = 100
	LargestBatch      = 100_000
	DefaultBucket     = 1
	LargestBucket     = 1_000
	// MostIdentifiers is how many contacts a schedule may name.
	MostIdentifiers = 100
	// MostRecipients is how many addresses one e-mail of SES may have.
	MostRecipients = 50
)

// Context is what a configuration is checked against, besides its own text.
type Context struct {
	// FirstProductDate is the day that relative dates count from; only its year, month and day matter. Zero when the
	// organization has none.
	FirstProductDate time.Time
	// AllowedNetworks are the networks to which plain http is allowed without allowHttp.
	AllowedNetworks []netip.Prefix
	// Secrets are the organization's secrets: name → hosts (without port) that it may be sent to.
	Secrets map[string][]string
	// FirstSeen is when the interface's parameter was first seen: the start of schedules that name none.
	FirstSeen time.Time
}

// Mode is how the receiver knows who is calling.
type Mode string

// The modes that can be configured.
const (
	None  Mode = "NONE"
	Basic Mode = "BASIC"
)

// Authentication is how requests are authenticated. Secret is the name of the secret that holds the password.
type Authentication struct {
	Mode   Mode   `json:"mode"`
	Login  string `json:"login,omitempty"`
	Secret string `json:"secret,omitempty"`
}

// Hook is a checked configuration, ready to use. It is not changed after Parse or Unmarshal, so it may be shared by
// goroutines.
type Hook struct {
	Type Type `json:"type"`
	// State is Active or Paused.
	State State `json:"state"`
	// Names are shown to people: language → name.
	Names map[string]string `json:"names,omitempty"`
	// URL is as it was written, with its placeholder; empty for a crm-trigger.
	URL string `json:"url"`
	// URLs are those of a crm-trigger as they were written: entity → change → URL.
	URLs   map[string]map[change.Kind]string `json:"urls,omitempty"`
	Method string                            `json:"method"`
	// Payload is the JSON text that V1 posts, with its placeholder; empty for none.
	Payload        string         `json:"payload,omitempty"`
	Authentication Authentication `json:"authentication"`
	// CustomParameters are part of the query of every request.
	CustomParameters map[string]string `json:"customParameters,omitempty"`
	Headers          map[string]string `json:"headers,omitempty"`
	// SuccessCodes replace the type's own rule when there are any.
	SuccessCodes []int `json:"successCodes,omitempty"`
	// Notify are the e-mail addresses that warnings and stops go to.
	Notify []string `json:"notify,omitempty"`
	// RetriesBeforeWarning and RetriesBeforeStop count retries: the first attempt is none. A warning that is not written
	// is the smaller of its default and the stop.
	RetriesBeforeWarning int           `json:"retriesBeforeWarning"`
	RetriesBeforeStop    int           `json:"retriesBeforeStop"`
	RetryDelay           time.Duration `json:"retryDelay"`
	// Timeout bounds one attempt.
	Timeout time.Duration `json:"timeout"`
	// Details are the groups that are sent of a contact.
	Details contact.Details `json:"details,omitempty"`
	// Origins are those whose changes are wanted, empty for all; IgnoreOrigins are those that are not, whatever Origins
	// says.
	Origins       []string `json:"origins,omitempty"`
	IgnoreOrigins []string `json:"ignoreOrigins,omitempty"`
	// Schedules have their dates resolved. One without a start starts when the interface was first seen.
	Schedules []schedule.Schedule `json:"schedules,omitempty"`
	// Events are the patterns of events that an event-webhook is told (*, contact.*, contact.created), none of which
	// includes another.
	Events []string `json:"events,omitempty"`
	// IncludePrevious says that events carry the former values of changed fields.
	IncludePrevious bool `json:"includePrevious,omitempty"`
	// Ordered says that the events of one record are delivered one after another, each when the former has ended.
	Ordered bool `json:"ordered,omitempty"`
	// Filter decides which contacts, or events by their data, are sent; it is never nil.
	Filter *filter.Filter `json:"-"`

	// The rest is derived from the above when a Hook is made.
	target  template
	payload template
}

// Wants reports whether changes of this origin are sent.
func (h *Hook) Wants(origin string) bool {
	if slices.Contains(h.IgnoreOrigins, origin) {
		return false
	}
	return len(h.Origins) == 0 || slices.Contains(h.Origins, origin)
}

// Matches reports whether the filter lets the contact, or the event with this data, through.
func (h *Hook) Matches(data map[string]any) bool { return h.Filter.Match(data) }

// NamePattern and NameRule are what ValidName asks of a name, as a regular expression and in words.
const (
	NamePattern = `^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$`
	NameRule    = "must be 1 to 63 of A-Z, a-z, 0-9, _, . and -, beginning with a letter or digit"
)

// ValidName reports whether text may name an interface, a secret, a rule or a key.
func ValidName(text string) bool {
	if text == "" || len(text) > 63 {
		return false
	}
	for i := range len(text) {
		c := text[i]
		if !alphanumeric(c) && (i == 0 || c != '_' && c != '.' && c != '-') {
			return false
		}
	}
	return true
}

func alphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
