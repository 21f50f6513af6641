package managetest

import (
	"encoding/base64"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/configure"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/setaside"
	"crmhook/shared/trigger"
)

// Configurations of each type, ready to be put.
const (
	Contacts = `{"type":"contact-webhook-v2","url":"https://crm.example.com/contacts","details":["GENERAL"],"schedules":[{"name":"each minute","frequencyMinutes":1},{"name":"nightly","launch":"manual"}]}`
	Events   = `{"type":"event-webhook","url":"https://crm.example.com/events","events":["contact.*","order.created"]}`
	Trigger  = `{"type":"crm-trigger","urls":{"case":{"edit":"https://crm.example.com/case"}}}`
	Rules    = `{"type":"rule-webhook","url":"https://crm.example.com/rules"}`
)

// Who is somebody of Organization.
func Who() manage.Who { return manage.Who{Organization: Organization, By: "ops"} }

// must ends the test with an error of the world.
func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Interface writes an interface as its users do, works it in, and gives it as it then is. Faults are for the caller to see.
func (w *World) Interface(name, configuration string) hook.Interface {
	w.T.Helper()
	w.Parameter("interfaces/"+name, configuration)
	found, err := w.Configuration.Interfaces(w.T.Context(), []hook.Key{{Organization: Organization, Name: name}})
	w.must(err)
	return found[hook.Key{Organization: Organization, Name: name}]
}

// Parameter writes a parameter of Organization, a second after whatever came before, and works it in.
func (w *World) Parameter(name, text string) {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	_, err := w.Store.PutParameter(w.T.Context(), &ssm.PutParameterInput{
		Name: aws.String("/crmhook/" + Stage + "/organizations/" + Organization + "/" + name), Value: &text, Type: types.ParameterTypeString,
		Overwrite: aws.Bool(true),
	})
	w.must(err)
	w.Sweep()
}

// Remove removes a parameter of Organization, and works that in.
func (w *World) Remove(name string) {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	_, err := w.Store.DeleteParameter(w.T.Context(), &ssm.DeleteParameterInput{
		Name: aws.String("/crmhook/" + Stage + "/organizations/" + Organization + "/" + name),
	})
	w.must(err)
	w.Sweep()
}

// Sweep runs configure as its schedule does.
func (w *World) Sweep() {
	w.T.Helper()
	w.Clock.Pass(time.Minute)
	w.must(w.Configure().Run(w.T.Context(), configure.Event{}))
}

// Record writes a record.
func (w *World) Record(entity, id string, data map[string]any) {
	w.Records.Put(change.Key{Organization: Organization, Entity: entity, ID: id}, data)
}

// Contact writes a contact.
func (w *World) Contact(number string, data map[string]any) { w.Record(change.Contact, number, data) }

// Lane is an interface's.
func Lane(is hook.Interface) backlog.Lane {
	return is.Lane()
}

// NewID is an id of now.
func (w *World) NewID() string {
	w.T.Helper()
	id, err := delivery.NewExecution(w.Clock.Now(), w.Handler.Random)
	w.must(err)
	return id
}

// Delivery puts a delivery of records into the ledger that is pending, and gives it as it is kept.
func (w *World) Delivery(is hook.Interface, records ...string) delivery.Delivery {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	execution := w.NewID()
	return w.put(delivery.Message{
		ID: delivery.ID(execution, 0), Organization: is.Organization, Interface: is.Name, Generation: is.Generation, Execution: execution,
		Records: records, Changes: make([]int64, len(records)),
	})
}

// Event puts a delivery of an event into the ledger, with its body.
func (w *World) Event(is hook.Interface, eventType, record, body string) delivery.Delivery {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	return w.put(delivery.Message{
		ID: delivery.EventID(is.Organization, is.Name, is.Generation, record, eventType, w.NewID()), Organization: is.Organization, Interface: is.Name,
		Generation: is.Generation, Records: []string{record}, Event: &delivery.Event{Type: eventType, Body: body},
	})
}

func (w *World) put(m delivery.Message) delivery.Delivery {
	w.T.Helper()
	d := delivery.Delivery{Message: m, Status: delivery.Pending, CreatedAt: w.Clock.Now()}
	w.must(w.Ledger.ListRecords(w.T.Context(), []delivery.Delivery{d}))
	_, err := w.Ledger.Open(w.T.Context(), []delivery.Delivery{d})
	w.must(err)
	if m.Event != nil {
		w.must(w.Ledger.KeepBodies(w.T.Context(), []delivery.Message{m}))
	}
	return w.Ledger.All()[m.Ref()]
}

// Fail lets a delivery's next attempt fail with an answer, and gives it as it is then kept.
func (w *World) Fail(d delivery.Delivery, status int, answer string) delivery.Delivery {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	attempt := delivery.Attempt{
		Number: d.Attempts + 1, At: w.Clock.Now(), Duration: 120 * time.Millisecond, Status: status, Error: delivery.BadStatus, Answer: answer,
		Headers: map[string]string{"webhook-id": d.Identity() + "-0badf00d", "Content-Type": "application/json"},
	}
	now := d
	now.Attempts, now.LastStatus, now.LastError = attempt.Number, status, delivery.BadStatus
	if attempt.Number == 1 {
		now.First = &attempt
	} else {
		w.must(w.Ledger.KeepAttempts(w.T.Context(), map[delivery.Ref]delivery.Attempt{d.Ref(): attempt}, time.Time{}))
	}
	return w.update(d, now)
}

// Stop gives a delivery up.
func (w *World) Stop(d delivery.Delivery) delivery.Delivery {
	w.T.Helper()
	return w.update(d, d.End(delivery.Stopped, "no attempt succeeded", w.Clock.Now()))
}

// Stopped puts a delivery of records that has failed twice and was given up.
func (w *World) Stopped(is hook.Interface, records ...string) delivery.Delivery {
	w.T.Helper()
	return w.Stop(w.Fail(w.Fail(w.Delivery(is, records...), 503, "busy"), 500, "broken"))
}

// StoppedEvent puts one of an event.
func (w *World) StoppedEvent(is hook.Interface, eventType, record, body string) delivery.Delivery {
	w.T.Helper()
	return w.Stop(w.Fail(w.Event(is, eventType, record, body), 500, "broken"))
}

func (w *World) update(was, now delivery.Delivery) delivery.Delivery {
	w.T.Helper()
	took, err := w.Ledger.Update(w.T.Context(), []delivery.Update{{Was: was, Now: now}})
	w.must(err)
	if !took[0] {
		w.T.Fatalf("the delivery %s is not what it was", was.ID)
	}
	return w.Ledger.All()[was.Ref()]
}

// Execution puts an execution's row, under a new id unless it has one.
func (w *World) Execution(is hook.Interface, e backlog.Execution) backlog.Execution {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	if e.ID == "" {
		e.ID = w.NewID()
	}
	e.Lane, e.At = Lane(is), w.Clock.Now()
	w.must(w.Ledger.Begin(w.T.Context(), e, e.At.Add(delivery.LedgerTime)))
	return e
}

// Triggered puts a trigger that ended with a status; it is kept itself while it waits or has failed.
func (w *World) Triggered(status trigger.Status, cause string) trigger.Entry {
	w.T.Helper()
	w.Clock.Pass(time.Second)
	t := trigger.Trigger{
		ID: w.NewID(), Organization: Organization, Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 3, At: w.Clock.Now(),
		Due: w.Clock.Now(), Event: "e", Method: "POST", URI: "/x", Body: []byte(`{"id":1}`),
	}
	e := t.Ended(status, cause, 1, []string{"contact/4711"}, w.Clock.Now(), time.Time{})
	if status == trigger.Failed || status == trigger.Waiting {
		text, err := t.Encode()
		w.must(err)
		e.Message = text
	}
	w.must(w.Triggers.Keep(w.T.Context(), []trigger.Entry{e}))
	return e
}

// Aside sets something aside, and gives the id that it is listed by.
func (w *World) Aside(item setaside.Item) string {
	w.T.Helper()
	if item.Organization == "" {
		item.Organization = Organization
	}
	item.At = w.Clock.Now()
	w.must(w.Ledger.SetAside(w.T.Context(), []setaside.Item{item}))
	return base64.RawURLEncoding.EncodeToString([]byte(item.Key()))
}
