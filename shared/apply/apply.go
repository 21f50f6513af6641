// Package apply carries triggers out: it finds the contacts that one concerns, changes records, and sends what leaves the
// house, each at least once and with its effects once. A trigger that fails is tried again with growing delay and then kept
// with its cause; the next one works on. It must not know SQS, DynamoDB, SES or SNS, nor what a platform means by a trigger.
package apply

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/crm"
	"crmhook/shared/delivery"
	"crmhook/shared/event"
	"crmhook/shared/hook"
	"crmhook/shared/once"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// Sources are what organizations say of platforms, by the source's name.
type Sources interface {
	Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error)
}

// Settings gives an organization's settings; those that are not set are left out.
type Settings interface {
	OrganizationSettings(ctx context.Context, organization string, names []string) (map[string]string, error)
	Setting(ctx context.Context, name string) (string, error)
}

// Claims see to it that what leaves the house does so once.
type Claims interface {
	Claim(ctx context.Context, c once.Claim, limit *once.Limit, now time.Time) (once.Claim, once.Standing, error)
	Done(ctx context.Context, c once.Claim, now time.Time) error
	// Release gives up a claim of what was not done.
	Release(ctx context.Context, c once.Claim) error
}

// Ledger keeps what became of triggers, and the messages of those that wait or have failed. Fail keeps a failed try of one that
// is kept, unless that has ended or lost its message meanwhile.
type Ledger interface {
	Keep(ctx context.Context, entries []trigger.Entry) error
	Fail(ctx context.Context, e trigger.Entry) (bool, error)
	Entry(ctx context.Context, organization, id string) (trigger.Entry, bool, error)
}

// Aside keeps what nobody can read.
type Aside interface {
	SetAside(ctx context.Context, items []setaside.Item) error
}

// Mailer sends mail.
type Mailer interface {
	Send(ctx context.Context, from string, to []string, subject, text string) error
	Post(ctx context.Context, letter Letter) (id string, err error)
}

// Texter sends text messages.
type Texter interface {
	Send(ctx context.Context, to, sender, text string) (id string, err error)
}

// Letter is one mail with its parts.
type Letter struct{ From, Alias, To, ReplyTo, Subject, HTML, Text string }

// Interfaces are what configure has written.
type Interfaces interface {
	Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error)
}

// Events makes events, each once however often it is given, and answers which of them no message can carry.
type Events interface {
	Make(ctx context.Context, events []event.Event) ([]setaside.Item, error)
}

// Queue is one of the triggers queues.
type Queue interface {
	Hide(ctx context.Context, after map[string]time.Duration) error
}

// DeadLetters takes what nobody can read.
type DeadLetters interface {
	SendText(ctx context.Context, group string, bodies []string) ([]bool, error)
}

// Message is one SQS message as received.
type Message struct {
	ID      string
	Receipt string
	Body    string
	// Receives counts the receives, this one included.
	Receives int
	// Bulk says that it came from the bulk queue.
	Bulk bool
}

// Handler is the function's use case. Every field is required.
type Handler struct {
	CRM      *crm.CRM
	Sources  Sources
	Settings Settings
	Claims   Claims
	Ledger   Ledger
	Aside    Aside
	Mailer   Mailer
	Texter   Texter
	// Interfaces and Events are for what goes out again as a webhook.
	Interfaces Interfaces
	Events     Events
	// Live and Bulk are the queues that messages came from, LiveDead and BulkDead their dead-letter queues.
	Live, Bulk         Queue
	LiveDead, BulkDead DeadLetters
	// MaxReceives is the queues' maxReceiveCount: a trigger is tried so often.
	MaxReceives int
	Log         *slog.Logger
	Now         func() time.Time
}

// Handle carries out the triggers of all messages side by side and returns the ids of those that are to be seen again. What
// became of each is in the ledger before its message goes. The error is for the log and the alarm: what it concerns is among
// the failed.
func (h *Handler) Handle(ctx context.Context, messages []Message) (failed []string, err error) {
	jobs := make([]*job, len(messages))
	var wait sync.WaitGroup
	for i, m := range messages {
		jobs[i] = &job{handler: h, message: m}
		wait.Go(func() { jobs[i].run(ctx) })
	}
	wait.Wait()
	var entries []trigger.Entry
	for _, j := range jobs {
		err = errors.Join(err, j.trouble)
		if j.entry != nil {
			entries = append(entries, *j.entry)
		}
	}
	if len(entries) > 0 {
		if keepErr := h.Ledger.Keep(ctx, entries); keepErr != nil {
			err = errors.Join(err, keepErr)
			for _, j := range jobs {
				j.retry(ownDelay)
			}
		}
	}
	return h.again(ctx, jobs), err
}

// ownDelay is the delay after trouble of ours that is no try of the trigger's.
const ownDelay = 10 * time.Second

// again sets when the failed messages are seen again and names them.
func (h *Handler) again(ctx context.Context, jobs []*job) []string {
	failed := []string{}
	live, bulk := map[string]time.Duration{}, map[string]time.Duration{}
	for _, j := range jobs {
		if !j.again {
			continue
		}
		failed = append(failed, j.message.ID)
		if j.message.Bulk {
			bulk[j.message.Receipt] = j.delay
		} else {
			live[j.message.Receipt] = j.delay
		}
	}
	h.hide(ctx, h.Live, live)
	h.hide(ctx, h.Bulk, bulk)
	return failed
}

// hide sets when messages are seen again. A failure costs only the queue's own visibility timeout instead.
func (h *Handler) hide(ctx context.Context, queue Queue, after map[string]time.Duration) {
	if len(after) == 0 {
		return
	}
	if err := queue.Hide(ctx, after); err != nil {
		h.Log.Warn("visibility unchanged", "messages", len(after), "error", err.Error())
	}
}

// keep is when the ledger forgets a trigger that ended well.
func (h *Handler) keep() time.Time { return h.Now().Add(delivery.LedgerTime) }
