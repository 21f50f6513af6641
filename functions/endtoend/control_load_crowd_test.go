package endtoend_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/parameter"
	"crmhook/shared/rule"
	"crmhook/shared/setaside"
	"crmhook/shared/table"
	"crmhook/shared/trigger"
)

const (
	ofExecution  = 20    // deliveries of an execution
	stoppedOneIn = 100   // deliveries
	contactsOf   = 1_000 // contacts that deliveries are about, at most
)

func busyName(k int) string { return fmt.Sprintf("load-%04d", k) }

// fill writes what an organization has, as the functions would have left it over the last day.
func (o *operator) fill(c crowd) crowd {
	o.Helper()
	now := time.Now().UTC().Truncate(time.Millisecond)
	for _, write := range []func(crowd, time.Time) error{o.fillInterfaces, o.fillHours, o.fillRest, o.fillTriggers, o.fillDeliveries} {
		if err := write(c, now); err != nil {
			o.Fatal(err)
		}
	}
	return c
}

func (o *operator) configuration() table.Configuration {
	return table.NewConfiguration(o.stage.DB, o.stage.ConfigurationTable)
}

func (o *operator) ledger() table.Ledger { return table.NewLedger(o.stage.DB, o.stage.LedgerTable) }

// each does something n times, several at once.
func each(n int, do func(i int) error) error {
	var mu sync.Mutex
	var failed error
	var wait sync.WaitGroup
	slots := make(chan struct{}, 8)
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			if err := do(i); err != nil {
				mu.Lock()
				failed = errors.Join(failed, err)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	return failed
}

func (o *operator) fillInterfaces(c crowd, now time.Time) error {
	text := []byte(`{"type":"contact-webhook-v2","url":"https://crm.example.com/load","details":["GENERAL","ADDRESSES"],"filter":"role=MEMBER",` + schedule(1000, 10) + `}`)
	ready, faults := hook.Parse(text, hook.Context{FirstSeen: now.Add(-100 * time.Hour)})
	if len(faults) > 0 {
		return fmt.Errorf("interface: %v", faults)
	}
	list := make([]hook.Checked, c.interfaces)
	for k := range list {
		list[k].Interface = hook.Interface{
			Organization: o.organization, Name: busyName(k), Generation: "g1", Version: 1, Modified: now.Add(-time.Hour),
			FirstSeen: now.Add(-100 * time.Hour), State: hook.Active, Type: hook.ContactWebhookV2, Text: string(text), Hook: ready,
		}
	}
	if _, err := o.configuration().SaveInterfaces(o.Context(), list); err != nil {
		return err
	}
	states := table.NewBacklog(o.stage.DB, o.stage.BacklogTable)
	return each(c.interfaces, func(k int) error {
		state := backlog.State{Lane: o.lane(k), LastRun: now, Waiting: k, Oldest: now.Add(-time.Hour), WaitingAsOf: now}
		_, err := states.Save(o.Context(), state)
		return err
	})
}

func (o *operator) lane(k int) backlog.Lane {
	return backlog.Lane{Organization: o.organization, Interface: busyName(k), Generation: "g1"}
}

// items writes items as they are kept, 25 a call.
func (o *operator) items(name string, n int, of func(i int) (map[string]any, error)) error {
	return each((n+24)/25, func(chunk int) error {
		var writes []types.WriteRequest
		for i := chunk * 25; i < min(n, chunk*25+25); i++ {
			data, err := of(i)
			if err != nil {
				return err
			}
			item, err := attribute.Values(data)
			if err != nil {
				return err
			}
			writes = append(writes, types.WriteRequest{PutRequest: &types.PutRequest{Item: item}})
		}
		out, err := o.stage.DB.BatchWriteItem(o.Context(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{name: writes}})
		if err == nil && len(out.UnprocessedItems) > 0 {
			err = errors.New("not all items were written")
		}
		return err
	})
}

func (o *operator) fillHours(c crowd, now time.Time) error {
	last := hours.Last(now)
	days := slices.Compact([]string{last[0].Format(time.DateOnly), last[hours.Shown-1].Format(time.DateOnly)})
	return o.items(o.stage.LedgerTable, c.interfaces*len(days), func(i int) (map[string]any, error) {
		item := map[string]any{
			"pk": o.organization + "#" + busyName(i/len(days)) + "#hours", "sk": days[i%len(days)], "expires": now.Add(hours.KeptFor).Unix(),
		}
		for hour := range 24 {
			item[fmt.Sprintf("d%02d", hour)], item[fmt.Sprintf("f%02d", hour)], item[fmt.Sprintf("s%02d", hour)] = 100+i%50, hour%5, hour%2
		}
		return item, nil
	})
}

// fillRest writes rules, secrets, the audit and what was set aside.
func (o *operator) fillRest(c crowd, now time.Time) error {
	const text = `{"name":"Very important","event":{"type":"tag.added"},"conditions":"role=MEMBER","then":["load-0000"]}`
	definition, faults := rule.Parse([]byte(text), map[string]hook.Type{busyName(0): "rule-webhook"})
	if len(faults) > 0 {
		return fmt.Errorf("rule: %v", faults)
	}
	rules, secrets, aside := make([]rule.Checked, c.rest), make([]parameter.Fact, c.rest/10), make([]setaside.Item, c.rest)
	for i := range rules {
		rules[i].Rule = rule.Rule{
			Organization: o.organization, ID: fmt.Sprintf("rule-%04d", i), Generation: "g1", Version: 1, Modified: now, State: hook.Active,
			Text: text, Definition: definition,
		}
		aside[i] = setaside.Item{
			Organization: o.organization, Source: setaside.Stream, ID: fmt.Sprintf("%021d", i), At: now, Subject: "contact/4711",
			Cause: "the record's data is not a map: write it as a map", Body: strings.Repeat("x", 1_000),
		}
	}
	for i := range secrets {
		path := parameter.Path{Organization: o.organization, Kind: parameter.Secret, Name: fmt.Sprintf("secret-%04d", i)}
		secrets[i] = parameter.Fact{Path: path, Version: 1, Modified: now, Hosts: []string{"crm.example.com"}}
	}
	_, err := o.configuration().SaveRules(o.Context(), rules)
	_, failed := o.configuration().KeepFacts(o.Context(), secrets)
	return errors.Join(err, failed, o.ledger().SetAside(o.Context(), aside), each(c.rest, func(i int) error {
		at := now.Add(-time.Duration(i) * time.Minute)
		id, err := trigger.NewID(at, rand.Reader)
		if err != nil {
			return err
		}
		return o.ledger().Record(o.Context(), audit.Entry{
			ID: id, Organization: o.organization, At: at, By: "key", Action: audit.PutInterface, Subject: "interface " + busyName(i%c.busy), Detail: "was version 1",
		})
	}))
}

// fillTriggers writes triggers of today, half of them failed.
func (o *operator) fillTriggers(c crowd, now time.Time) error {
	entries := make([]trigger.Entry, 2*c.rest)
	for i := range entries {
		id, err := trigger.NewID(now.Add(-time.Duration(i)*time.Second), rand.Reader)
		if err != nil {
			return err
		}
		entries[i] = trigger.Entry{
			ID: id, Organization: o.organization, Platform: "Shopify", Entity: "Product", Action: "Insert", SourceID: 1, At: now, EndedAt: now,
			Status: trigger.Applied, Tries: 1, Records: []string{"product/Shopify-1-1"}, Expires: now.Add(delivery.LedgerTime),
		}
		if i%2 == 0 {
			entries[i].Status, entries[i].Cause, entries[i].Message = trigger.Failed, "the interface wallet is not there", []byte(`{"id":1}`)
		}
	}
	return table.NewTriggers(o.stage.DB, o.stage.LedgerTable, time.Now).Keep(o.Context(), entries)
}

// execution is the n-th of the k-th interface, and when it was.
func (c crowd) execution(k, n int, now time.Time) (string, time.Time) {
	at := now.Add(-24 * time.Hour * time.Duration(n*ofExecution*c.busy) / time.Duration(c.deliveries)).Truncate(time.Millisecond)
	id, _ := delivery.NewExecution(at, strings.NewReader(fmt.Sprintf("%010d", k)))
	return id, at
}

// stopped reports whether the n-th delivery of the k-th interface was: one in a hundred of each.
func (c crowd) stopped(k, n int) bool { return (n+k)%stoppedOneIn == 0 }

func (c crowd) each() int { return c.deliveries / c.busy }

func (c crowd) allStopped() int {
	sum := 0
	for k := range c.busy {
		for n := range c.each() {
			if c.stopped(k, n) {
				sum++
			}
		}
	}
	return sum
}

func (o *operator) fillDeliveries(c crowd, now time.Time) error {
	executions := (c.each() + ofExecution - 1) / ofExecution
	err := each(c.busy*executions, func(i int) error {
		id, at := c.execution(i%c.busy, i/c.busy, now)
		n := min(ofExecution, c.each())
		return o.ledger().Begin(o.Context(), backlog.Execution{
			Lane: o.lane(i % c.busy), ID: id, Schedule: "each minute", StartedBy: "schedule", At: at, Taken: n, Deliveries: n, Closed: true,
		}, at.Add(delivery.LedgerTime))
	})
	return errors.Join(err, o.items(o.stage.LedgerTable, c.deliveries, func(i int) (map[string]any, error) {
		return o.deliveryItem(c, i%c.busy, i/c.busy, now)
	}))
}

// deliveryItem is the n-th delivery of the k-th interface as the ledger keeps it.
func (o *operator) deliveryItem(c crowd, k, n int, now time.Time) (map[string]any, error) {
	execution, at := c.execution(k, n/ofExecution, now)
	id := delivery.ID(execution, n%ofExecution)
	created := fmt.Sprintf("%013d#%s", at.UnixMilli(), id)
	record := fmt.Sprintf("contact/L%d", (n*c.busy+k)%min(contactsOf, c.deliveries/10))
	attempt := delivery.Attempt{
		Number: 1, At: at, Duration: 120 * time.Millisecond, Status: http.StatusOK, Answer: `{"ok":true}`,
		Headers: map[string]string{"webhook-id": id + "-0a1b2c3d", "content-type": "application/json", "user-agent": "crmhook"},
	}
	item := map[string]any{
		"pk": o.organization + "#delivery#" + id, "sk": "delivery", "interface": busyName(k), "generation": "g1", "execution": execution,
		"records": []string{record}, "changes": []any{1}, "createdAt": at.UnixMilli(), "endedAt": at.UnixMilli(), "attempts": 1, "claim": 0,
		"lease": 0, "lastStatus": attempt.Status, "created": created, "ofRecord": o.organization + "#" + record,
		"ofInterface": o.organization + "#" + busyName(k) + "#" + strconv.Itoa(backlog.Shard(id)),
	}
	if c.stopped(k, n) {
		attempt.Status, attempt.Error, attempt.Answer = http.StatusServiceUnavailable, delivery.BadStatus, "closed for stocktaking"
		item["status"], item["reason"], item["lastStatus"], item["lastError"] = "stopped", "the receiver answered 503", attempt.Status, string(attempt.Error)
		item["open"], item["openInterface"] = o.organization+"#stopped", o.organization+"#"+busyName(k)+"#stopped"
	} else {
		item["status"], item["reason"], item["expires"] = "delivered", "", at.Add(delivery.LedgerTime).Unix()
	}
	kept, err := json.Marshal(attempt)
	item["attempt"] = string(kept)
	return item, err
}
