package access

import (
	"slices"
	"strconv"
	"strings"
)

// CaptainWallet is the platform whose source names an interface: its triggers go out again.
const CaptainWallet = "CaptainWallet"

// mostSourceID is the largest SourceId of a trigger.
const mostSourceID = 32767

// Platforms are the outside platforms in the spelling of their origins, in order.
func Platforms() []string {
	return []string{
		"Adictiz", CaptainWallet, "Crm360", "Mailjet", "Primotexto", "Shopify", "Smsbox", "Tabology", "Zendesk", "elfy76310",
	}
}

// SourceNames are the names of the sources that concern a trigger, the more particular first.
func SourceNames(platform string, sourceID int) []string {
	return []string{platform + "-" + strconv.Itoa(sourceID), platform}
}

// platformOf is the platform that a source's name begins with; ok says that it is followed by a SourceId or nothing.
func platformOf(name string) (platform string, ok bool) {
	platform, id, particular := strings.Cut(name, "-")
	if !slices.Contains(Platforms(), platform) {
		return "", false
	}
	n, err := strconv.Atoi(id)
	return platform, !particular || err == nil && n >= 0 && n <= mostSourceID && strconv.Itoa(n) == id
}

// validOrigin reports whether changes may be of this origin.
func validOrigin(text string) bool {
	switch text {
	case "agent-console", "api", "bulk", "csv-import", "auto-log":
		return true
	}
	platform, inbound := strings.CutPrefix(text, "inbound:")
	return inbound && slices.Contains(Platforms(), platform)
}
