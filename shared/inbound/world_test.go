package inbound_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/delivery"
	"crmhook/shared/gate"
	"crmhook/shared/inbound"
	"crmhook/shared/refusal"
	secretpkg "crmhook/shared/secret"
	"crmhook/shared/tabletest"
	"crmhook/shared/trigger"
)

var start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

const (
	token  = "token-of-demo"
	shop   = "x.myshopify.com"
	secret = "dummy-secret"
)

// world is the door on fakes: organization demo is the customer Demo's database Main.
type world struct {
	*testing.T
	*inbound.Handler
	kill       *tabletest.Kill
	triggers   *tabletest.Triggers
	once       *tabletest.Once
	has        *configuration
	live, bulk *queue
	clock      *clock
	log        *bytes.Buffer
}

func open(t *testing.T) *world {
	kill := new(tabletest.Kill)
	now := func() time.Time { return start }
	w := &world{
		T: t, kill: kill, triggers: tabletest.NewTriggers(kill, now), once: tabletest.NewOnce(kill), live: &queue{kill: kill}, bulk: &queue{kill: kill},
		clock: &clock{kill: kill}, log: new(bytes.Buffer),
		has: &configuration{
			customers: map[string]string{"Demo/Main": "demo", "Other/Main": "other"}, sources: map[string]access.Source{}, settings: map[string]string{},
			keys: map[string]access.Key{}, secrets: map[string]string{"shop": secret}, calls: map[string]int{},
		},
	}
	w.key(token, "demo", access.Triggers)
	w.Handler = &inbound.Handler{
		Customers: w.has, Sources: w.has, Settings: w.has, Secrets: w.has, Counts: w.once,
		Gate: &gate.Gate{Keys: w.has, Shares: w.has}, Live: w.live, Bulk: w.bulk, Ledger: w.triggers, Clock: w.clock,
		Random: strings.NewReader(strings.Repeat("0123456789", 1000)), Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: now,
	}
	return w
}

func (w *world) key(token, organization string, scopes ...access.Scope) {
	hash := access.HashToken(token)
	w.has.keys[hash] = access.Key{Organization: organization, Name: "key", Hash: hash, Scopes: scopes, Origin: "api"}
}

// request is a request of an action such as Shopify/Customer/Update, with the key's token and the action's sample as body.
func (w *world) request(action, query string) inbound.Request {
	w.Helper()
	parts := strings.Split(action, "/")
	values, err := url.ParseQuery(query)
	if err != nil {
		w.Fatal(err)
	}
	body, err := os.ReadFile("../../events/" + strings.ToLower(strings.ReplaceAll(action, "/", "-")) + ".json")
	if err != nil {
		body = []byte("{}")
	}
	return inbound.Request{
		Method: "POST", Customer: "Demo", Alias: "Main", Platform: parts[0], Entity: parts[1], Action: parts[2],
		Headers: map[string]string{"x-crm360api-token": token, "content-type": "application/json"}, Query: values,
		URI: "/QueueProcess/Demo/Main/" + action + "?" + query, Body: body,
	}
}

// signed is a request of a shop, signed with a secret, without a key.
func (w *world) signed(with string) inbound.Request {
	w.Helper()
	r := w.request("Shopify/Customer/Update", "SourceId=3")
	mac := hmac.New(sha256.New, []byte(with))
	mac.Write(r.Body)
	r.Headers = map[string]string{
		"x-shopify-hmac-sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)), "x-shopify-topic": "customers/update",
		"x-shopify-shop-domain": shop, "x-shopify-event-id": "event-1", "x-shopify-webhook-id": "webhook-1",
	}
	return r
}

func (w *world) trustShop(name string) {
	w.has.sources[name] = access.Source{
		Organization: "demo", Name: name, Verify: access.Shopify, Secrets: []string{"shop"}, ShopDomains: []string{shop},
	}
}

// accepted is the trigger that a request becomes.
func (w *world) accepted(r inbound.Request) trigger.Trigger {
	w.Helper()
	receipt, err := w.Accept(w.Context(), r)
	if err != nil {
		w.Fatal(err)
	}
	for _, q := range []*queue{w.live, w.bulk} {
		for _, m := range q.messages {
			if t, err := trigger.Decode([]byte(m.body)); err != nil || t.ID == receipt.ID {
				return t
			}
		}
	}
	w.Fatalf("trigger %s is on no queue", receipt.ID)
	return trigger.Trigger{}
}

// refused is why a request is refused; nothing may have been done.
func (w *world) refused(r inbound.Request, status int) *refusal.Refusal {
	w.Helper()
	receipt, err := w.Accept(w.Context(), r)
	refused := refusal.Of(err)
	if refused == nil || refused.Status != status {
		w.Errorf("got receipt %v, error %v; want status %d", receipt, err, status)
		return new(refusal.Refusal)
	}
	if n := len(w.live.messages) + len(w.bulk.messages) + len(w.triggers.All()); n > 0 {
		w.Errorf("%d effects of a refused request", n)
	}
	for _, word := range []string{token, secret} {
		if strings.Contains(refused.Error()+w.log.String(), word) {
			w.Errorf("the refusal or the log shows a credential: %s", refused)
		}
	}
	return refused
}

// configuration is what the door reads.
type configuration struct {
	mu        sync.Mutex
	customers map[string]string
	sources   map[string]access.Source
	settings  map[string]string
	keys      map[string]access.Key
	secrets   map[string]string
	// calls counts, full refuses further shares, broken lets secrets fail.
	calls  map[string]int
	full   bool
	broken bool
}

func (c *configuration) count(call string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls[call]++
}

func (c *configuration) Customer(_ context.Context, customer, alias string) (string, error) {
	c.count("Customer")
	return c.customers[customer+"/"+alias], nil
}

func (c *configuration) Sources(_ context.Context, organization string, names []string) (map[string]access.Source, error) {
	c.count("Sources")
	found := map[string]access.Source{}
	for _, name := range names {
		if s, ok := c.sources[name]; ok && s.Organization == organization {
			found[name] = s
		}
	}
	return found, nil
}

func (c *configuration) OrganizationSettings(_ context.Context, _ string, names []string) (map[string]string, error) {
	c.count("Settings")
	found := map[string]string{}
	for _, name := range names {
		if value, ok := c.settings[name]; ok {
			found[name] = value
		}
	}
	return found, nil
}

func (c *configuration) KeysByHash(_ context.Context, hash string) ([]access.Key, error) {
	c.count("Keys")
	if key, ok := c.keys[hash]; ok {
		return []access.Key{key}, nil
	}
	return nil, nil
}

func (c *configuration) Take(string) (time.Duration, bool) { return 3 * time.Second, !c.full }

func (c *configuration) Get(_ context.Context, names []secretName) (map[secretName]secretValue, error) {
	c.count("Secrets")
	found := map[secretName]secretValue{}
	if c.broken {
		return found, errors.New("throttled")
	}
	var missing error
	for _, name := range names {
		if value, ok := c.secrets[name.Name]; ok {
			found[name] = secretValue{Value: delivery.Secret(value)}
		} else {
			missing = fmt.Errorf("no secret %s", name)
		}
	}
	return found, missing
}

type (
	secretName  = secretpkg.Name
	secretValue = secretpkg.Secret
)

// queue is a queue that keeps what it is sent.
type queue struct {
	kill     *tabletest.Kill
	messages []queued
}

type queued struct {
	body  string
	delay time.Duration
}

func (q *queue) SendLater(_ context.Context, body string, delay time.Duration) error {
	return q.kill.Write(func() { q.messages = append(q.messages, queued{body, delay}) })
}

// clock keeps what is to be sent when.
type clock struct {
	kill *tabletest.Kill
	name string
	at   time.Time
	bulk bool
	body string
}

func (c *clock) At(_ context.Context, name string, at time.Time, bulk bool, body string) error {
	return c.kill.Write(func() { c.name, c.at, c.bulk, c.body = name, at, bulk, body })
}
