package proof

import (
	"time"

	"crmhook/shared/access"
)

// zendeskTime is the header with the time that Zendesk signs before the body.
const zendeskTime = "x-zendesk-webhook-signature-timestamp"

func zendesk(_ access.Source, r Request, now time.Time) Result {
	at, err := time.Parse(time.RFC3339, r.Headers[zendeskTime])
	if err != nil {
		return Result{Reason: "the signature's time cannot be read"}
	}
	if age := now.Sub(at); age > Fresh || age < -Fresh {
		return Result{At: at, Reason: "the signature's time is over 5 minutes away"}
	}
	return Result{Good: true, At: at}
}
