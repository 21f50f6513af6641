package inbound

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/platform"
	"crmhook/shared/proof"
	"crmhook/shared/refusal"
	"crmhook/shared/trigger"
)

// Bounds of the query's integers.
const (
	mostSourceID = 32_767
	mostID       = 2_147_483_647
	mostSeconds  = 43_200
)

// what reads the request and has the platform's handler check it: 400 with every fault.
func (d *door) what(context.Context) error {
	if !d.known {
		d.faults.Add("path", "%s/%s/%s is not known: use one of %s", clip(d.request.Platform), clip(d.request.Entity), clip(d.request.Action),
			strings.Join(platform.Known(), ", "))
	}
	id, err := trigger.NewID(d.now, d.Random)
	if err != nil {
		return err
	}
	d.read(id)
	if d.known {
		plan, faults := d.action.Plan(d.trigger)
		d.plan = plan
		d.faults.List = append(d.faults.List, faults...)
	}
	if len(d.faults.List) > 0 {
		return refusal.Faulty(http.StatusBadRequest, d.faults.List)
	}
	return nil
}

// read makes the trigger of the request: its query checked, the rest as it came but for credentials.
func (d *door) read(id string) {
	q := d.query()
	d.delay = time.Duration(orZero(d.faults.whole(q, "secondsOfInvisibility", false, mostSeconds))) * time.Second
	d.trigger = trigger.Trigger{
		ID: id, Organization: d.organization, Platform: d.action.Platform, Entity: d.action.Entity, Action: d.action.Name,
		SourceID:      int(orZero(d.faults.whole(q, "SourceId", true, mostSourceID))),
		ZoneID:        d.faults.whole(q, "ZoneId", false, mostID),
		BrandID:       d.faults.whole(q, "BrandId", false, mostID),
		AddressTypeID: d.faults.whole(q, "ContactAddressTypeId", false, mostID),
		Bulk:          d.faults.flag(q, "BatchMode"),
		Email:         d.faults.address(q, "Email"),
		Store:         d.faults.text(q, "store"),
		Currency:      d.faults.text(q, "currency"),
		At:            d.now, SignedAt: d.signedAt, Due: d.now.Add(d.delay), Event: d.event(id),
		Method: d.request.Method, URI: proof.RedactURI(d.request.URI), Headers: proof.RedactHeaders(d.request.Headers),
		Query: proof.RedactQuery(q), Body: d.request.Body,
	}
}

// query is the request's in UTF-8, from the charset that it names (SMS providers send ISO-8859-1). One that cannot be read is
// a fault; its parameters are then checked as they are.
func (d *door) query() url.Values {
	_, raw, _ := strings.Cut(d.request.URI, "?")
	q, err := document.Query(raw)
	if err != nil {
		d.faults.Add("query", "cannot be read: %v", err)
		return d.request.Query
	}
	return q
}

// event is the platform's own id of what happened, by which a repetition is known; else the trigger's.
func (d *door) event(id string) string {
	h := d.request.Headers
	switch d.action.Platform {
	case "Shopify":
		return cmp.Or(short(h["x-shopify-event-id"]), short(h["x-shopify-webhook-id"]), id)
	case "Zendesk":
		return cmp.Or(short(h["x-zendesk-webhook-invocation-id"]), id)
	case "Crm360":
		return cmp.Or(short(h["idempotency-key"]), id)
	}
	return id
}

// short keeps an outside id to what a table's key can hold: a long one by its hash.
func short(id string) string {
	if len(id) <= 100 {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// faults are those of the query, beside the body's.
type faults struct{ fault.List }

// one is the value of a parameter, whose name's case does not count; empty where it is not given.
func one(q url.Values, name string) string {
	for given, values := range q {
		if strings.EqualFold(given, name) && len(values) > 0 {
			return values[0]
		}
	}
	return ""
}

// text is a parameter that may be given once.
func (f *faults) text(q url.Values, name string) string {
	var found []string
	for given, values := range q {
		if strings.EqualFold(given, name) {
			found = append(found, values...)
		}
	}
	if len(found) > 1 {
		f.Add("query."+name, "is given %d times: give it once", len(found))
	}
	if len(found) == 0 {
		return ""
	}
	return found[0]
}

// whole is a whole number from 0 to most; nil where it is not given.
func (f *faults) whole(q url.Values, name string, required bool, most int64) *int64 {
	text := f.text(q, name)
	if text == "" {
		if required {
			f.Add("query."+name, "is required: a whole number from 0 to %d", most)
		}
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n > most || text[0] == '+' {
		f.AddValue("query."+name, clip(text), "must be a whole number from 0 to %d", most)
		return nil
	}
	return &n
}

// flag is true, false, 1 or 0, in any case.
func (f *faults) flag(q url.Values, name string) bool {
	switch text := f.text(q, name); strings.ToLower(text) {
	case "true", "1":
		return true
	case "", "false", "0":
	default:
		f.AddValue("query."+name, clip(text), "must be true, false, 1 or 0")
	}
	return false
}

// address is one e-mail address.
func (f *faults) address(q url.Values, name string) string {
	text := f.text(q, name)
	if text == "" {
		return ""
	}
	if parsed, err := mail.ParseAddress(text); err != nil || parsed.Address != text {
		f.AddValue("query."+name, clip(text), "must be one e-mail address, such as ops@example.com")
		return ""
	}
	return text
}

func orZero(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

// clip keeps what is quoted or kept of a text short.
func clip(text string) string {
	if len(text) > 100 {
		text = strings.ToValidUTF8(text[:100], "") + "…"
	}
	return text
}

// listed reports whether an address is allowed by a list of addresses and domains, separated by commas.
func listed(list, address string) bool {
	address = strings.ToLower(address)
	_, domain, _ := strings.Cut(address, "@")
	return slices.ContainsFunc(strings.Split(list, ","), func(entry string) bool {
		entry = strings.ToLower(strings.TrimSpace(entry))
		return entry != "" && (entry == address || entry == domain)
	})
}
