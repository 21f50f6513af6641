package inbound_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/inbound"
	"crmhook/shared/platform"
	"crmhook/shared/refusal"
	"crmhook/shared/trigger"
)

func TestAcceptKeepsAllButCredentials(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.request("Shopify/Customer/Update", "sourceid=3&ZONEID=0&BrandId=2147483647&contactAddressTypeId=7&batchmode=TRUE&token=abc&own=1")
	r.Platform, r.Entity, r.Action = "shopify", "CUSTOMER", "update"
	r.Headers["authorization"], r.Headers["cookie"], r.Headers["x-own"] = "Basic dummy", "c=1", "kept"
	got := w.accepted(r)
	zone, brand, address := int64(0), int64(2147483647), int64(7)
	want := trigger.Trigger{
		ID: got.ID, Organization: "demo", Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 3, ZoneID: &zone, BrandID: &brand,
		AddressTypeID: &address, Bulk: true, At: start, Due: start, Event: got.ID, Method: "POST",
		URI:     "/QueueProcess/Demo/Main/Shopify/Customer/Update?sourceid=3&ZONEID=0&BrandId=2147483647&contactAddressTypeId=7&batchmode=TRUE&own=1",
		Headers: map[string]string{"content-type": "application/json", "x-own": "kept"},
		Query: map[string][]string{
			"sourceid": {"3"}, "ZONEID": {"0"}, "BrandId": {"2147483647"}, "contactAddressTypeId": {"7"}, "batchmode": {"TRUE"}, "own": {"1"},
		},
		Body: r.Body,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("trigger (-want +got):\n%s", diff)
	}
	if len(w.live.messages) != 0 || len(w.bulk.messages) != 1 {
		t.Errorf("%d on the live queue, %d on the bulk queue", len(w.live.messages), len(w.bulk.messages))
	}
}

func TestEachActionAcceptsItsSample(t *testing.T) {
	t.Parallel()
	for _, name := range platform.Known() {
		w := open(t)
		w.key(token, "demo", access.Triggers, access.Messages)
		w.has.settings = map[string]string{"senders": "example.org", "smsCountries": "FR,GB", "dailyMessages": "10"}
		r := w.request(name, "SourceId=3&store=12&currency=EUR")
		receipt, err := w.Accept(t.Context(), r)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := map[string]platform.Answer{"Mailjet": platform.OK, "Smsbox": platform.TextOK}[r.Platform]
		if receipt.Answer != want || receipt.ID == "" {
			t.Errorf("%s: got %+v, want answer %d", name, receipt, want)
		}
	}
}

func TestTheEventIsThePlatformsOwn(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, action, header, value, want string }{
		{"Shopify's event", "Shopify/Product/Update", "x-shopify-event-id", "e-1", "e-1"},
		{"Shopify's webhook", "Shopify/Product/Update", "x-shopify-webhook-id", "w-1", "w-1"},
		{"Zendesk's invocation", "Zendesk/Ticket/Update", "x-zendesk-webhook-invocation-id", "i-1", "i-1"},
		{"nobody else's key", "Zendesk/Ticket/Update", "idempotency-key", "k-1", ""},
	} {
		w := open(t)
		r := w.request(test.action, "SourceId=3")
		r.Headers[test.header] = test.value
		if got := w.accepted(r); got.Event != test.want && !(test.want == "" && got.Event == got.ID) {
			t.Errorf("%s: got %s", test.name, got.Event)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		change func(w *world, r *inbound.Request)
	}{
		{"GET where only POST is taken", 405, func(_ *world, r *inbound.Request) { r.Method = http.MethodGet }},
		{"405 before 401", 405, func(_ *world, r *inbound.Request) { r.Method, r.Headers = http.MethodPut, nil }},
		{"a body that is too large", 413, func(_ *world, r *inbound.Request) { r.Body = make([]byte, platform.MostBody+1) }},
		{"413 before 401", 413, func(_ *world, r *inbound.Request) { r.Body, r.Headers = make([]byte, platform.MostBody+1), nil }},
		{"no proof", 401, func(_ *world, r *inbound.Request) { r.Headers = map[string]string{} }},
		{"401 before 400", 401, func(_ *world, r *inbound.Request) { r.Headers, r.Query, r.Body = nil, nil, []byte("{") }},
		{"a token that is nobody's", 401, func(_ *world, r *inbound.Request) { r.Headers["x-crm360api-token"] = "guess" }},
		{"no proof for a customer that is not known", 401, func(_ *world, r *inbound.Request) { r.Headers, r.Customer = nil, "Nobody" }},
		{"no proof for a platform that is not known", 401, func(_ *world, r *inbound.Request) { r.Headers, r.Platform = nil, "Nobody" }},
		{"another organization", 403, func(_ *world, r *inbound.Request) { r.Customer = "Other" }},
		{"an organization that does not exist", 403, func(_ *world, r *inbound.Request) { r.Customer = "Nobody" }},
		{"a key without the scope", 403, func(w *world, _ *inbound.Request) { w.key(token, "demo", access.RecordsWrite) }},
		{"a key without the scope for messages", 403, func(_ *world, r *inbound.Request) { r.Platform, r.Entity, r.Action = "Crm360", "Sms", "Send" }},
		{"a header that names another customer", 403, func(_ *world, r *inbound.Request) { r.Headers["x-crm360api-customername"] = "demo" }},
		{"a header that names another database", 403, func(_ *world, r *inbound.Request) { r.Headers["x-crm360api-databasealias"] = "Else" }},
		{"403 before 400", 403, func(_ *world, r *inbound.Request) { r.Customer, r.Query = "Other", nil }},
		{"a share that is used up", 429, func(w *world, _ *inbound.Request) { w.has.full = true }},
	} {
		w := open(t)
		r := w.request("Shopify/Customer/Update", "SourceId=3")
		test.change(w, &r)
		refused := w.refused(r, test.status)
		if t.Failed() {
			t.Fatalf("%s", test.name)
		}
		switch {
		case test.status == 405 && !cmp.Equal(refused.Allow, []string{"POST"}):
			t.Errorf("%s: allow %v", test.name, refused.Allow)
		case test.status == 429 && refused.RetryAfter != 3*time.Second:
			t.Errorf("%s: retry after %s", test.name, refused.RetryAfter)
		}
	}
}

// SMS providers send their texts in ISO-8859-1, and say so.
func TestAQueryInAnotherCharset(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.request("Smsbox/Sms/CallbackStop", "SourceId=3&numero=33600000001&message=STOP%20d%E9sol%E9&charset=iso-8859-1")
	r.Method, r.Body = http.MethodGet, nil
	if got := w.accepted(r).Query.Get("message"); got != "STOP désolé" {
		t.Errorf("message %q", got)
	}
	w = open(t)
	r.URI = strings.Replace(r.URI, "&charset=iso-8859-1", "", 1)
	if faults := w.refused(r, 400).Faults; len(faults) == 0 || faults[0].Location != "query" {
		t.Errorf("a query that is not UTF-8: got %v", faults)
	}
}

func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.request("Shopify/Customer/Update",
		"ZoneId=-1&BrandId=2147483648&ContactAddressTypeId=1.5&BatchMode=yes&Email=a@example.com&email=b@example.com&secondsOfInvisibility=43201")
	r.Body = []byte(`{"id":1,"email":"nobody","updated_at":"yesterday"}`)
	var got []string
	for _, fault := range w.refused(r, 400).Faults {
		got = append(got, fault.Location)
	}
	want := []string{
		"query.secondsOfInvisibility", "query.SourceId", "query.ZoneId", "query.BrandId", "query.ContactAddressTypeId", "query.BatchMode", "query.Email",
		"email", "updated_at",
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("locations (-want +got):\n%s", diff)
	}
}

func TestWhatIsNotKnownIsAnsweredWithWhatIs(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.request("Shopify/Customer/Merge", "SourceId=32768")
	refused := w.refused(r, 400)
	if len(refused.Faults) != 2 {
		t.Fatalf("got %v, want the path and SourceId", refused.Faults)
	}
	for _, known := range platform.Known() {
		if !strings.Contains(refused.Faults[0].Message, known) {
			t.Errorf("the message does not name %s", known)
		}
	}
}

func TestAPlatformsOwnProof(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.refused(w.signed(secret), 401)
	w.trustShop("Shopify")
	w.refused(w.signed("another"), 401)
	changed := w.signed(secret)
	changed.Body = append([]byte(" "), changed.Body...)
	w.refused(changed, 401)
	if got := w.accepted(w.signed(secret)); got.Event != "event-1" || got.Headers["x-shopify-topic"] == "" {
		t.Errorf("trigger: %+v", got)
	}
}

func TestTheMoreParticularSourceDecides(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.trustShop("Shopify")
	w.has.sources["Shopify-3"] = access.Source{Organization: "demo", Name: "Shopify-3", Verify: access.Token, Secrets: []string{"shop"}}
	w.refused(w.signed(secret), 401)
	r := w.signed(secret)
	r.Query.Set("token", secret)
	if got := w.accepted(r); len(got.Query["token"]) > 0 {
		t.Error("the token is kept")
	}
}

// A key that does not allow it, and a proof that does: either is enough.
func TestEitherIsEnough(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.trustShop("Shopify")
	r := w.signed(secret)
	r.Headers["authorization"] = "Bearer guess"
	w.accepted(r)
}

func TestADamagedBody(t *testing.T) {
	t.Parallel()
	w := open(t)
	r := w.signed(secret)
	r.Body = []byte("{\"name\":\"Andr�\"}")
	for _, trusted := range []bool{false, true} {
		if trusted {
			w.trustShop("Shopify")
		}
		if refused := w.refused(r, 400); !strings.Contains(refused.Detail, "UTF-8") {
			t.Errorf("detail: %s", refused.Detail)
		}
	}
}

func TestSecretsThatCannotBeHadAreOurTrouble(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.trustShop("Shopify")
	w.has.broken = true
	if _, err := w.Accept(t.Context(), w.signed(secret)); err == nil || refusal.Of(err) != nil {
		t.Errorf("got %v; want an error that is no refusal, so that the platform sends it again", err)
	}
}

func TestDelays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		seconds int
		queued  bool
	}{{0, true}, {1, true}, {900, true}, {901, false}, {43_200, false}} {
		w := open(t)
		r := w.request("Shopify/Customer/Update", fmt.Sprintf("SourceId=3&secondsOfInvisibility=%d&BatchMode=1", test.seconds))
		receipt, err := w.Accept(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		delay := time.Duration(test.seconds) * time.Second
		if test.queued {
			if len(w.bulk.messages) != 1 || w.bulk.messages[0].delay != delay || len(w.triggers.All()) != 0 {
				t.Errorf("%d s: %v on the queue", test.seconds, w.bulk.messages)
			}
			continue
		}
		var kept trigger.Kept
		if err := json.Unmarshal([]byte(w.clock.body), &kept); err != nil || kept.ID != receipt.ID || kept.Organization != "demo" {
			t.Errorf("%d s: the schedule's message is %s", test.seconds, w.clock.body)
		}
		if w.clock.name != receipt.ID || !w.clock.at.Equal(start.Add(delay)) || !w.clock.bulk || len(w.bulk.messages) != 0 {
			t.Errorf("%d s: schedule %+v", test.seconds, w.clock)
		}
		entry, there, err := w.triggers.Entry(t.Context(), "demo", receipt.ID)
		if err != nil || !there || entry.Status != trigger.Waiting || !entry.Expires.IsZero() {
			t.Fatalf("%d s: entry %+v, error %v", test.seconds, entry, err)
		}
		if got, err := trigger.Decode(entry.Message); err != nil || !got.Due.Equal(start.Add(delay)) {
			t.Errorf("%d s: message due %s, error %v", test.seconds, got.Due, err)
		}
	}
}

// An answer of success means that the trigger is on its queue, or kept with its schedule.
func TestKillAtEachWrite(t *testing.T) {
	t.Parallel()
	for _, query := range []string{"SourceId=3", "SourceId=3&secondsOfInvisibility=3600"} {
		for n := 1; ; n++ {
			w := open(t)
			w.kill.At(n)
			_, err := w.Accept(t.Context(), w.request("Shopify/Customer/Update", query))
			if err == nil {
				if len(w.live.messages) == 0 && (w.clock.body == "" || len(w.triggers.All()) == 0) {
					t.Errorf("%s: accepted, and nowhere", query)
				}
				break
			}
			if refusal.Of(err) != nil {
				t.Errorf("%s: a death at step %d is answered %v; want our own trouble", query, n, err)
			}
			if w.clock.body != "" && len(w.triggers.All()) == 0 {
				t.Errorf("%s: killed at step %d: a schedule of a trigger that is not kept", query, n)
			}
		}
	}
}

func TestSettingsHaveTheirSay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, action, query string
		settings            map[string]string
		want                string
	}{
		{"no recipients", "Shopify/Customer/Update", "SourceId=3&Email=ops@example.com", nil, "query.Email"},
		{"another recipient", "Shopify/Customer/Update", "SourceId=3&Email=ops@example.com", map[string]string{"emailRecipients": "dev@example.com,example.org"}, "query.Email"},
		{"a subdomain", "Shopify/Customer/Update", "SourceId=3&Email=ops@sub.example.com", map[string]string{"emailRecipients": "example.com"}, "query.Email"},
		{"the recipient", "Shopify/Customer/Update", "SourceId=3&Email=ops@example.com", map[string]string{"emailRecipients": "x@example.com, OPS@example.com"}, ""},
		{"the domain", "Shopify/Customer/Update", "SourceId=3&Email=Ops@Example.com", map[string]string{"emailRecipients": "example.com"}, ""},
		{"no senders", "Crm360/Email/Send", "SourceId=3", map[string]string{"dailyMessages": "1"}, "SenderEmail"},
		{"the sender", "Crm360/Email/Send", "SourceId=3", map[string]string{"dailyMessages": "1", "senders": "example.org"}, ""},
		{"no countries", "Crm360/Sms/Send", "SourceId=3", map[string]string{"dailyMessages": "1"}, "MobilePhoneNumber"},
		{"another country", "Crm360/Sms/Send", "SourceId=3", map[string]string{"dailyMessages": "1", "smsCountries": "GB,DE"}, "MobilePhoneNumber"},
		{"the country", "Crm360/Sms/Send", "SourceId=3", map[string]string{"dailyMessages": "1", "smsCountries": "GB, fr"}, ""},
		{"no messages at all", "Crm360/Sms/Send", "SourceId=3", map[string]string{"smsCountries": "FR"}, "whole"},
	} {
		w := open(t)
		w.key(token, "demo", access.Triggers, access.Messages)
		w.has.settings = test.settings
		r := w.request(test.action, test.query)
		if test.want == "" {
			w.accepted(r)
			continue
		}
		faults := w.refused(r, 400).Faults
		if len(faults) != 1 || faults[0].Location != strings.TrimPrefix(test.want, "whole") {
			t.Errorf("%s: got %v, want a fault at %s", test.name, faults, test.want)
		}
	}
}

// What a flood of refused requests costs is bounded: one read of each customer, source and token a minute.
func TestAFloodOfBadProofs(t *testing.T) {
	t.Parallel()
	w := open(t)
	w.trustShop("Shopify")
	recent := gate.Recent(w.has, func() time.Time { return start })
	w.Customers, w.Sources = recent, recent
	for range 1_000 {
		w.refused(w.signed("another"), 401)
	}
	w.accepted(w.signed(secret))
	if w.has.calls["Customer"] != 1 || w.has.calls["Sources"] != 1 || w.has.calls["Keys"] != 0 {
		t.Errorf("calls: %v", w.has.calls)
	}
}

func FuzzAccept(f *testing.F) {
	f.Add("POST", "Shopify", "Customer", "Update", "SourceId=1", []byte(`{"id":1}`))
	f.Add("GET", "smsbox", "sms", "callback", "SourceId=1&id=%ff", []byte(nil))
	f.Fuzz(func(t *testing.T, method, platform, entity, action, query string, body []byte) {
		w := open(t)
		r := w.request("Shopify/Customer/Update", "")
		r.Method, r.Platform, r.Entity, r.Action, r.Body, r.URI = method, platform, entity, action, body, "/?"+query
		r.Query = map[string][]string{}
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			r.Query[name] = append(r.Query[name], value)
		}
		if _, err := w.Accept(t.Context(), r); err != nil && refusal.Of(err) == nil {
			t.Errorf("our own trouble: %v", err)
		}
	})
}
