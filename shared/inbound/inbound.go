// Package inbound takes triggers in at the door (CRM360 QueueProcess): it finds what a request means, makes sure who sent it,
// checks everything about it at once and puts it on a queue. It must not know HTTP's server side, SQS or DynamoDB, nor carry
// a trigger out.
package inbound

import (
	"context"
	"io"
	"log/slog"
	"net/url"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/gate"
	"crmhook/shared/platform"
	"crmhook/shared/secret"
	"crmhook/shared/trigger"
)

// Customers says which organization a CRM360 customer and database mean; "" for one that is not known.
type Customers interface {
	Customer(ctx context.Context, customer, alias string) (organization string, err error)
}

// Sources are what organizations say of platforms, by the source's name; those that are not there are left out.
type Sources interface {
	Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error)
}

// Settings gives an organization's settings; those that are not set are left out.
type Settings interface {
	OrganizationSettings(ctx context.Context, organization string, names []string) (map[string]string, error)
}

// Secrets are read with a cache; the error names those that could not be had.
type Secrets interface {
	Get(ctx context.Context, names []secret.Name) (map[secret.Name]secret.Secret, error)
}

// Counts tells how much was counted under a name on a day.
type Counts interface {
	Count(ctx context.Context, organization, name, day string) (int, error)
}

// Queue takes one message that is first seen after a delay of at most MostDelay.
type Queue interface {
	SendLater(ctx context.Context, body string, delay time.Duration) error
}

// Ledger keeps triggers that wait longer than a queue can.
type Ledger interface {
	Keep(ctx context.Context, entries []trigger.Entry) error
}

// Clock puts a message on the triggers queue, the bulk one if so, once its time has come. The same name twice is one.
type Clock interface {
	At(ctx context.Context, name string, at time.Time, bulk bool, body string) error
}

// MostDelay is SQS's; what waits longer waits in the ledger.
const MostDelay = 15 * time.Minute

// Request is a request of QueueProcess, as it came.
type Request struct {
	Method string
	// Customer, Alias, Platform, Entity and Action are the segments of the path, decoded.
	Customer, Alias, Platform, Entity, Action string
	// Headers have their names in lower case, several of one name joined with ", ".
	Headers map[string]string
	Query   url.Values
	// URI is path and query.
	URI  string
	Body []byte
}

// Receipt is what an accepted trigger is answered with.
type Receipt struct {
	ID     string
	Answer platform.Answer
}

// Handler takes requests. Every field is required; it is safe for concurrent use.
type Handler struct {
	Customers  Customers
	Sources    Sources
	Settings   Settings
	Secrets    Secrets
	Counts     Counts
	Gate       *gate.Gate
	Live, Bulk Queue
	Ledger     Ledger
	Clock      Clock
	Random     io.Reader
	Log        *slog.Logger
	Now        func() time.Time
}

// Accept takes a trigger in. It answers when the trigger is on its queue, or waits in the ledger with a schedule. An error is
// a *refusal.Refusal (405, 413, 401, 403, 429, 400, in this order), after which nothing was done, or our own trouble, after
// which the sender is to try again.
func (h *Handler) Accept(ctx context.Context, r Request) (Receipt, error) {
	d := &door{Handler: h, request: r, now: h.Now().UTC().Truncate(time.Millisecond)}
	d.action, d.known = platform.Find(r.Platform, r.Entity, r.Action)
	for _, step := range []func(context.Context) error{d.method, d.size, d.who, d.what, d.allowed, d.enqueue} {
		if err := step(ctx); err != nil {
			return Receipt{}, err
		}
	}
	d.log()
	return Receipt{ID: d.trigger.ID, Answer: d.action.Answer}, nil
}

// door is one request on its way in.
type door struct {
	*Handler
	request Request
	now     time.Time
	// action is the row of the table that the request names, if known.
	action platform.Action
	known  bool
	// organization is the one that the path means; empty where it means none.
	organization string
	// signedAt is the time of the platform's signature, where it has one. by says who was let in, for the log.
	signedAt time.Time
	by       string
	faults   faults
	// delay is how long the sender wants the trigger to wait.
	delay   time.Duration
	trigger trigger.Trigger
	plan    platform.Plan
}

func (d *door) log() {
	d.Log.Info("trigger accepted", "organization", d.organization, "trigger", d.trigger.ID, "action", d.trigger.Name(),
		"source_id", d.trigger.SourceID, "bulk", d.trigger.Bulk, "by", d.by, "bytes", len(d.request.Body))
}
