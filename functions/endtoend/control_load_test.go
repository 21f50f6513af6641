package endtoend_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/audit"
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/parameter"
	"crmhook/shared/receiver"
	"crmhook/shared/rule"
	"crmhook/shared/setaside"
	"crmhook/shared/stage"
	"crmhook/shared/table"
	"crmhook/shared/trigger"
)

// TestControlUnderLoad logs what screens, lists and a large file cost. It takes a quarter of an hour, leaves what it has
// written, and asserts no time: what it asserts is that nothing is missing.
func TestControlUnderLoad(t *testing.T) {
	if os.Getenv("CRMHOOK_LOAD") != "1" {
		t.Skip("takes a quarter of an hour for figures alone: set CRMHOOK_LOAD=1 for them")
	}
	large := openControl(t)
	small, uploads := large.beside("small"), large.beside("uploads")
	t.Run("screens", func(t *testing.T) {
		large, small := large.in(t), small.in(t)
		begun := time.Now()
		many, few := large.fill(crowd{1_000, 50, 100_000, 1_000}), small.fill(crowd{10, 10, 100, 10})
		t.Logf("%s has %d deliveries, %s has %d: written in %s", large.organization, many.deliveries, small.organization, few.deliveries, since(begun))
		compare(t, large, small, many, few)
	})
	t.Run("a large file", func(t *testing.T) {
		o := uploads.in(t)
		const contacts = 100_000
		begun := time.Now()
		o.putContacts(contacts)
		t.Logf("%d contacts written in %s", contacts, since(begun))
		o.uploaded(10_000, 1)
		o.uploaded(contacts, 100)
	})
}

// beside is an operator of another organization.
func (o *operator) beside(name string) *operator {
	o.Helper()
	world := *o.world
	world.organization += "-" + name
	other := &operator{&caller{world: &world, token: rand.Text()}}
	other.manager(other.token)
	return other
}

// in is the operator in a part of the test.
func (o *operator) in(t *testing.T) *operator {
	world := *o.world
	world.T = t
	return &operator{&caller{world: &world, token: o.token, secret: o.secret}}
}

// crowd is how much an organization has: deliveries of its first interfaces, the busy ones, and rest of all else.
type crowd struct{ interfaces, busy, deliveries, rest int }

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

// place is a screen or a list of both organizations.
type place struct {
	name         string
	large, small string
}

// compare measures each screen and list of a large organization beside those of a small one.
func compare(t *testing.T, large, small *operator, many, few crowd) {
	t.Helper()
	for of, o := range map[crowd]*operator{many: large, few: small} {
		if listed := o.list(o.at("/deliveries?limit=200&status=stopped")); len(listed) != of.allStopped() {
			t.Errorf("%s: %d deliveries are stopped, want %d", o.organization, len(listed), of.allStopped())
		}
		if listed := o.list(o.at("/deliveries?limit=200&interface=" + busyName(3))); len(listed) != of.each() {
			t.Errorf("%s: %d deliveries of one interface, want %d", o.organization, len(listed), of.each())
		}
	}
	browsers := [2]*browser{large.signedIn(), small.signedIn()}
	t.Logf("%-44s %6s %18s %18s %16s", "", "rows", "bytes", "gzip", "ttfb (median of 9)")
	for _, p := range screens(large, small) {
		measure(t, p, browsers)
	}
}

// screens are all screens of the console, then all lists of the API.
func screens(large, small *operator) []place {
	console := func(o *operator) string { return o.stage.ConsoleURL + "/" + o.organization }
	api := func(o *operator) string { return o.stage.ApiURL + o.at("") }
	stopped := [2]string{large.oneStopped(), small.oneStopped()}
	ran := [2]string{large.oneExecution(), small.oneExecution()}
	var list []place
	add := func(name, path string, of func(*operator) string, one [2]string) {
		list = append(list, place{name, of(large) + path + one[0], of(small) + path + one[1]})
	}
	none, is := [2]string{}, "/interfaces/"+busyName(1)
	add("sign-in (reads nothing)", "/sign-in", func(o *operator) string { return o.stage.ConsoleURL }, none)
	for _, s := range [][2]string{
		{"overview", ""},
		{"overview, last page", "last:"},
		{"interface General", is},
		{"Schedules", is + "/schedules"},
		{"Executions", is + "/executions"},
		{"deliveries stopped", "/deliveries?status=stopped"},
		{"deliveries stopped, last page", "last:/deliveries?status=stopped"},
		{"deliveries by interface", "/deliveries?interface=" + busyName(1)},
		{"deliveries by record", "/deliveries?record=L1"},
		{"deliveries by interface, stopped", "/deliveries?status=stopped&interface=" + busyName(1)},
		{"deliveries by record, stopped", "/deliveries?status=stopped&record=L1"},
		{"triggers", "/triggers"},
		{"triggers failed", "/triggers?status=failed"},
		{"set aside", "/setaside"},
		{"rules", "/rules"},
		{"secrets", "/secrets"},
		{"audit", "/audit"},
	} {
		path, last := strings.CutPrefix(s[1], "last:")
		if last {
			list = append(list, place{s[0], "last:" + console(large) + path, "last:" + console(small) + path})
			continue
		}
		add(s[0], path, console, none)
	}
	add("a delivery", "/deliveries/", console, stopped)
	add("an execution", is+"/executions/", console, ran)
	for _, path := range []string{
		"/interfaces", is, is + "/executions", "/deliveries?status=stopped", "/deliveries?interface=" + busyName(1), "/deliveries?record=L1", "/triggers",
		"/triggers?status=failed", "/setaside", "/rules", "/audit",
	} {
		add("GET "+path, path, api, none)
	}
	add("GET /deliveries?interface, 10 of them", "/deliveries?limit=10&interface="+busyName(1), api, none)
	add("GET /interfaces, 10 of them", "/interfaces?limit=10", api, none)
	add("GET a delivery", "/deliveries/", api, stopped)
	return list
}

func (o *operator) oneStopped() string {
	o.Helper()
	id, _ := o.into(http.StatusOK, http.MethodGet, o.at("/deliveries?status=stopped&limit=1"), "")["items"].([]any)[0].(map[string]any)["id"].(string)
	return id
}

func (o *operator) oneExecution() string {
	o.Helper()
	id, _ := o.into(http.StatusOK, http.MethodGet, o.at("/interfaces/"+busyName(1)+"/executions?limit=1"), "")["items"].([]any)[0].(map[string]any)["id"].(string)
	return id
}

// browser asks with a session and with a token, whichever a place looks at.
type browser struct {
	*operator
	cookie string
}

// signedIn is a browser with a session of the operator's key.
func (o *operator) signedIn() *browser {
	o.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.PostForm(o.stage.ConsoleURL+"/sign-in", url.Values{"key": {o.token}})
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	cookie, _, _ := strings.Cut(response.Header.Get("Set-Cookie"), ";")
	if response.StatusCode != http.StatusSeeOther || cookie == "" {
		o.Fatalf("sign in: got %s, cookie %q", response.Status, cookie)
	}
	return &browser{o, cookie}
}

// get asks for an address and says how long the first byte of the answer took.
func (b *browser) get(address, encoding string) ([]byte, time.Duration) {
	b.Helper()
	var took time.Duration
	begun := time.Now()
	trace := &httptrace.ClientTrace{GotFirstResponseByte: func() { took = time.Since(begun) }}
	request, err := http.NewRequestWithContext(httptrace.WithClientTrace(b.Context(), trace), http.MethodGet, address, nil)
	if err != nil {
		b.Fatal(err)
	}
	request.Header.Set("Accept-Encoding", encoding)
	request.Header.Set("Cookie", b.cookie)
	if strings.HasPrefix(address, b.stage.ApiURL+"/organizations/") {
		request.Header.Set("Authorization", "Bearer "+b.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var body bytes.Buffer
	if _, err := body.ReadFrom(response.Body); err != nil {
		b.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		b.Fatalf("%s: got %s %.300s", address, response.Status, body.Bytes())
	}
	return body.Bytes(), took
}

var nextPage = regexp.MustCompile(`href="(\?[^"]*)" rel="next"`)

// last goes through a list to its last page.
func (b *browser) last(address string) string {
	b.Helper()
	base, _, _ := strings.Cut(address, "?")
	for {
		page, _ := b.get(address, "identity")
		next := nextPage.FindSubmatch(page)
		if next == nil {
			return address
		}
		address = base + html.UnescapeString(string(next[1]))
	}
}

func measure(t *testing.T, p place, browsers [2]*browser) {
	t.Helper()
	var rows, plain, packed, took [2]string
	var times [2][]time.Duration
	addresses := [2]string{p.large, p.small}
	for i, b := range browsers {
		if first, ok := strings.CutPrefix(addresses[i], "last:"); ok {
			addresses[i] = b.last(first)
		}
		body, _ := b.get(addresses[i], "identity")
		zipped, _ := b.get(addresses[i], "gzip")
		var listed struct{ Items []any }
		if json.Unmarshal(body, &listed) == nil {
			rows[i] = strconv.Itoa(len(listed.Items))
		} else {
			rows[i] = strconv.Itoa(max(0, bytes.Count(body, []byte("<tr"))-1, bytes.Count(body, []byte("<article"))))
		}
		plain[i], packed[i] = strconv.Itoa(len(body)), strconv.Itoa(len(zipped))
	}
	for range 9 {
		for i, b := range browsers {
			_, first := b.get(addresses[i], "gzip")
			times[i] = append(times[i], first)
		}
	}
	for i := range took {
		slices.Sort(times[i])
		took[i] = times[i][len(times[i])/2].Round(100 * time.Microsecond).String()
	}
	both := func(of [2]string) string { return of[0] + " / " + of[1] }
	t.Logf("%-44s %9s %18s %16s %18s", p.name, both(rows), both(plain), both(packed), both(took))
}

// uploaded sends a file of the first contacts and logs what became of them.
func (o *operator) uploaded(contacts, bucket int) {
	o.Helper()
	name, path := fmt.Sprintf("file-%d", contacts), fmt.Sprintf("/in-%d", contacts)
	o.save(name, "contact-webhook-v2", path, fmt.Sprintf(`"details":["GENERAL"],"schedules":[{"name":"by hand","launch":"manual","batchSize":1000,"bucketSize":%d}]`, bucket))
	var file strings.Builder
	for i := range contacts {
		fmt.Fprintf(&file, "F%d\n", i)
	}
	runs := o.at("/interfaces/" + name + "/executions")
	before := memories(o.stage)
	begun := time.Now()
	id, _ := o.into(http.StatusAccepted, http.MethodPost, runs, file.String(), "Content-Type", "application/octet-stream")["id"].(string)
	answered := since(begun)
	after := memories(o.stage)
	done := o.finished(runs+"/"+id, begun)
	requests := receiver.At(o.receiver.Requests(), path)
	times := receiver.Times(requests)
	twice := 0
	for _, n := range times {
		if n > 1 {
			twice++
		}
	}
	if len(times) != contacts || counts(done, "numbers", "taken", "delivered") != fmt.Sprint(contacts, contacts, contacts) {
		o.Errorf("%d contacts of a file of %d arrived; the execution is %v", len(times), contacts, done)
	}
	first, last := requests[0].At, requests[0].At
	for _, r := range requests {
		if r.At.Before(first) {
			first = r.At
		}
		if r.At.After(last) {
			last = r.At
		}
	}
	dispatched, steps := o.dispatchRuns(begun)
	o.Logf("a file of %d (%d bytes), buckets of %d: 202 after %s; manage's peak %s before, %s after; first request after %s, last after %s, in %d requests; done after %s; %d came twice; %d dispatch runs made %d steps",
		contacts, file.Len(), bucket, answered, before, after, first.Sub(begun).Round(time.Millisecond), last.Sub(begun).Round(time.Millisecond),
		len(requests), since(begun), twice, dispatched, steps)
	o.receiver.Forget()
}

// finished waits until an execution is over, and logs how it comes along.
func (o *operator) finished(path string, begun time.Time) map[string]any {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), 20*time.Minute)
	defer cancel()
	var is map[string]any
	shown := time.Now()
	err := stage.Wait(ctx, "the execution's end", func() (bool, error) {
		time.Sleep(time.Second)
		is = o.into(http.StatusOK, http.MethodGet, path, "")
		if time.Since(shown) > 20*time.Second {
			shown = time.Now()
			o.Logf("after %s: taken, delivered, failed %s", since(begun), counts(is, "taken", "delivered", "failed"))
		}
		return is["status"] == "done", nil
	})
	if err != nil {
		o.Errorf("%v; it is %v", err, is)
	}
	return is
}

// memories are the peaks of the resident memory of the function manage's processes on this machine.
func memories(s *stage.Stage) string {
	var peaks []string
	processes, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, at := range processes {
		variables, err := os.ReadFile(at)
		if err != nil || !bytes.Contains(variables, []byte("AWS_LAMBDA_FUNCTION_NAME=crmhook-"+s.Outputs.Stage+"-manage\x00")) || !bytes.Contains(variables, []byte(s.Endpoint)) {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(at), "status"))
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			peak, _, _ := strings.Cut(rest, "\n")
			peaks = append(peaks, strings.TrimSpace(peak))
		}
	}
	return "[" + strings.Join(peaks, ", ") + "]"
}

// dispatchRuns are the runs of dispatch that did something of jobs since a time, by its log, and how many steps they took.
func (o *operator) dispatchRuns(begun time.Time) (runs, steps int) {
	o.Helper()
	asked, _ := json.Marshal(map[string]any{"logGroupName": "/aws/lambda/crmhook-" + o.stage.Outputs.Stage + "-dispatch", "startTime": begun.UnixMilli(), "filterPattern": "dispatched"})
	request, err := http.NewRequestWithContext(o.Context(), http.MethodPost, o.stage.Endpoint, bytes.NewReader(asked))
	if err != nil {
		o.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Logs_20140328.FilterLogEvents")
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	sum := sha256.Sum256(asked)
	if err := v4.NewSigner().SignHTTP(o.Context(), aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, request, hex.EncodeToString(sum[:]), "logs", "us-east-1", time.Now()); err != nil {
		o.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var found struct{ Events []struct{ Message string } }
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		o.Logf("the log of dispatch cannot be read: %v", err)
	}
	for _, e := range found.Events {
		var line struct {
			Msg   string `json:"msg"`
			Steps int    `json:"job_steps"`
		}
		if json.Unmarshal([]byte(e.Message), &line) == nil && line.Msg == "dispatched" && line.Steps > 0 {
			runs, steps = runs+1, steps+line.Steps
		}
	}
	return runs, steps
}
