package erase_test

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/awstest"
	"crmhook/shared/delivery"
	"crmhook/shared/directory"
	"crmhook/shared/erase"
	"crmhook/shared/notice"
	"crmhook/shared/reach"
	"crmhook/shared/record"
	"crmhook/shared/setaside"
	"crmhook/shared/table"
	"crmhook/shared/trigger"
)

// TestNoItemHoldsThePerson reads every item of the real tables.
func TestNoItemHoldsThePerson(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	client, records := awstest.Table(t, config)
	_, entries := awstest.Directory(t, config)
	_, ledger := awstest.Ledger(t, config)
	now := func() time.Time { return start }
	h := &erase.Handler{
		Records: table.NewRecords(client, records), Directory: table.NewDirectory(client, entries), Ledger: table.NewLedger(client, ledger),
		Triggers: table.NewTriggers(client, ledger, now), Configuration: crm(), Audit: table.NewLedger(client, ledger),
		Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Now: now,
	}
	holding := func(mark string) int {
		n := 0
		for _, name := range []string{records, entries, ledger} {
			for _, item := range items(t, client, name) {
				if strings.Contains(strings.ToLower(written(item)), mark) {
					n++
				}
			}
		}
		return n
	}
	for _, of := range []human{jane, john} {
		fill(t, client, records, entries, ledger, of)
	}
	others := holding(john.mark)
	if n := holding(jane.mark); n < 20 || n != others {
		t.Fatalf("%d items hold the one, %d the other", n, others)
	}
	var found erase.Found
	for range 50 { // The indexes are a little behind.
		again, err := h.Erase(t.Context(), organization, jane.number, "office")
		if err != nil {
			t.Fatal(err)
		}
		found.Record = found.Record || again.Record
		found.Answers += again.Answers
		found.Bodies += again.Bodies
		found.Triggers += again.Triggers
		if holding(jane.mark) == 0 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if n := holding(jane.mark); n != 0 {
		t.Errorf("%d items still hold the person", n)
	}
	if n := holding(john.mark); n != others {
		t.Errorf("%d items hold another contact, want %d", n, others)
	}
	if want := (erase.Found{Record: true, Answers: 6, Bodies: 2, Triggers: 2}); found != want {
		t.Errorf("found %+v, want %+v", found, want)
	}
}

// fill keeps a contact with all that there may be of it in the tables.
func fill(t *testing.T, client *dynamodb.Client, records, entries, ledger string, h human) {
	t.Helper()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	l, kept := table.NewLedger(client, ledger), start.Add(delivery.LedgerTime)
	is, _ := record.Record{Key: h.key()}.With(h.data(), "api", start)
	var found []directory.Entry
	for _, ref := range reach.Of(organization, h.data()) {
		found = append(found, directory.Entry{Ref: ref, Contact: h.number})
	}
	must(table.NewContacts(client, records, entries).Create(t.Context(), is, []directory.Claim{{Entry: found[0]}}))
	must(nil, table.NewDirectory(client, entries).Add(t.Context(), found))
	for i, status := range []delivery.Status{delivery.Pending, delivery.Stopped} {
		d := delivery.Delivery{
			Message: delivery.Message{
				ID: fmt.Sprint(h.number, "-", i), Organization: organization, Interface: interfaces, Generation: "g1", Records: []string{h.key().String()},
				Event: &delivery.Event{Type: "contact.updated", Body: `{"data":"` + strings.Repeat(h.mark, 50_000) + `"}`},
			},
			Status: delivery.Pending, CreatedAt: start,
		}
		must(l.Open(t.Context(), []delivery.Delivery{d}))
		must(nil, l.KeepBodies(t.Context(), []delivery.Message{d.Message}))
		answer := delivery.Attempt{Number: 1, At: start, Error: delivery.BadStatus, Answer: h.mark, Detail: h.mark}
		next := d
		next.Attempts, next.First, next.LastError = 3, &answer, delivery.BadStatus
		if status == delivery.Stopped {
			next = next.End(status, "", start)
		}
		must(l.Update(t.Context(), []delivery.Update{{Was: d, Now: next}}))
		for n := 2; n <= 3; n++ {
			later := answer
			later.Number = n
			must(nil, l.KeepAttempts(t.Context(), map[delivery.Ref]delivery.Attempt{d.Ref(): later}, kept))
		}
		must(nil, l.Gather(t.Context(), notice.Of(notice.Warning, next, &answer, start)))
	}
	body := `{"email":"` + h.email() + `","text":"` + strings.Repeat(h.mark, 60_000) + `"}`
	for _, status := range []trigger.Status{trigger.Failed, trigger.Waiting} {
		id, err := trigger.NewID(start, rand.Reader)
		must(nil, err)
		of := trigger.Trigger{ID: id, Organization: organization, Platform: "Shopify", SourceID: 3, At: start, Due: start, Body: []byte(body)}
		entry := of.Ended(status, "it failed", 5, nil, start, time.Time{})
		entry.Message, err = of.Encode()
		must(nil, err)
		must(nil, table.NewTriggers(client, ledger, time.Now).Keep(t.Context(), []trigger.Entry{entry}))
	}
	must(nil, l.SetAside(t.Context(), []setaside.Item{{
		Organization: organization, Source: setaside.Stream, ID: h.number, At: start, Subject: h.key().String(), Body: h.mark,
	}}))
}

// items are all items of a table.
func items(t *testing.T, client *dynamodb.Client, name string) []table.Item {
	t.Helper()
	var list []table.Item
	pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &name, ConsistentRead: aws.Bool(true)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, page.Items...)
	}
	return list
}

// written is all that stands in an item, in no order.
func written(item table.Item) string {
	var b strings.Builder
	for _, value := range item {
		put(&b, value)
	}
	return b.String()
}

func put(b *strings.Builder, value types.AttributeValue) {
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		b.WriteString(v.Value)
	case *types.AttributeValueMemberB:
		b.Write(v.Value)
	case *types.AttributeValueMemberL:
		for _, member := range v.Value {
			put(b, member)
		}
	case *types.AttributeValueMemberM:
		b.WriteString(written(v.Value))
	}
}
