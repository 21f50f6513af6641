package tabletest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
	"crmhook/shared/setaside"
)

// LedgerAPI is what the fake and table.Ledger both are.
type LedgerAPI interface {
	Open(ctx context.Context, deliveries []delivery.Delivery) ([]bool, error)
	Update(ctx context.Context, updates []delivery.Update) ([]bool, error)
	Deliveries(ctx context.Context, refs []delivery.Ref) (map[delivery.Ref]delivery.Delivery, error)
	KeepAttempts(ctx context.Context, attempts map[delivery.Ref]delivery.Attempt, expires time.Time) error
	KeepForever(ctx context.Context, ref delivery.Ref, attempts int) error
	Attempt(ctx context.Context, ref delivery.Ref, n int) (*delivery.Attempt, error)
	KeepBodies(ctx context.Context, messages []delivery.Message) error
	KeepTest(ctx context.Context, m delivery.Message, expires time.Time) error
	ForgetBodies(ctx context.Context, messages []delivery.Message) error
	Body(ctx context.Context, ref delivery.Ref) (string, error)
	Begin(ctx context.Context, e backlog.Execution, expires time.Time) error
	Executions(ctx context.Context, ids map[backlog.Lane][]string) ([]backlog.Execution, error)
	Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error
	Close(ctx context.Context, lane backlog.Lane, id string) error
	SetAside(ctx context.Context, items []setaside.Item) error
	ClaimHour(ctx context.Context, n notice.Notice, now time.Time) (claimed bool, over time.Time, err error)
	Gather(ctx context.Context, n notice.Notice) error
	Gathered(ctx context.Context, n notice.Notice) ([]notice.Notice, error)
	Forget(ctx context.Context, notices []notice.Notice) error
}

// LedgerContent shows what the ledger holds that its API has no reader for.
type LedgerContent interface {
	// Expiry is when an attempt after the first is forgotten; zero: never.
	Expiry(t *testing.T, ref delivery.Ref, attempt int) time.Time
	// Beside is what lies beside a delivery, by its sort key, and when it is forgotten; zero: never.
	Beside(t *testing.T, ref delivery.Ref) map[string]time.Time
	// SetAsideOf are the things set aside of an organization.
	SetAsideOf(t *testing.T, organization string) []setaside.Item
}

// RunLedger checks what emit, dispatch, send and stop rely on; each check has an organization of its own.
func RunLedger(t *testing.T, api LedgerAPI, content LedgerContent) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, LedgerAPI){
		"a delivery is opened once": openedOnce, "what is opened as ended expires": openedEnded, "one of two senders opens": oneOpens,
		"an update names what it was": updateConditions, "one of two updates takes effect": oneUpdateWins, "what an update leaves out stays": leftOutStays,
		"only what ended well expires": expiries, "many deliveries": manyDeliveries, "ids may hold anything": oddDeliveries,
		"events": eventsOpened, "bodies of events": bodiesKept,
		"progress adds up": progressAddsUp, "progress at once is all counted": progressAtOnce, "streaks": streaks, "executions of generations": generations, "a forgotten execution stays so": forgottenExecution,
		"one mail an hour": oneMailAnHour, "one of two claims the hour": oneClaims, "notices gather once": noticesGather,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
	t.Run("attempts beside a delivery", func(t *testing.T) {
		t.Parallel()
		attemptsKept(t, api, content)
	})
	t.Run("things set aside", func(t *testing.T) {
		t.Parallel()
		asideOnce(t, api, content)
	})
}

// deliveryOf is a delivery as a sender opens it.
func deliveryOf(organization, id string, records ...string) delivery.Delivery {
	changes := make([]int64, len(records))
	for i := range changes {
		changes[i] = int64(i) + 1
	}
	return delivery.Delivery{
		Message: delivery.Message{
			ID: id, Organization: organization, Interface: "crm", Generation: "g1", Execution: "e1", Records: records, Changes: changes,
		},
		Status: delivery.Pending, CreatedAt: kept(suiteTime), Attempts: 1, Claim: kept(suiteTime.Add(time.Minute)), Lease: kept(suiteTime.Add(backlog.Lease)),
	}
}

func open(t *testing.T, api LedgerAPI, deliveries ...delivery.Delivery) {
	t.Helper()
	done, err := api.Open(t.Context(), deliveries)
	answers(t, done, err, slices.Repeat([]bool{true}, len(deliveries))...)
}

func update(t *testing.T, api LedgerAPI, was, now delivery.Delivery, want bool) {
	t.Helper()
	done, err := api.Update(t.Context(), []delivery.Update{{Was: was, Now: now}})
	answers(t, done, err, want)
}

func checkDeliveries(t *testing.T, api LedgerAPI, want ...delivery.Delivery) {
	t.Helper()
	refs, kept := make([]delivery.Ref, len(want)), map[delivery.Ref]delivery.Delivery{}
	for i, d := range want {
		refs[i], kept[d.Ref()] = d.Ref(), d
	}
	got, err := api.Deliveries(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(kept, got); diff != "" {
		t.Errorf("deliveries differ (-want +got):\n%s", diff)
	}
}

func openedOnce(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	first, fresh := deliveryOf(organization, "e1-00000", "contact/1", "contact/2"), deliveryOf(organization, "e1-00001", "contact/3")
	open(t, api, first)
	again := first
	again.Attempts, again.Claim, again.Execution = 2, suiteTime.Add(time.Hour), "e2"
	done, err := api.Open(t.Context(), []delivery.Delivery{again, fresh})
	answers(t, done, err, false, true)
	checkDeliveries(t, api, first, fresh)
	got, err := api.Deliveries(t.Context(), []delivery.Ref{first.Ref(), {Organization: organization, ID: "none"}, {Organization: organizationOfItsOwn(), ID: first.ID}})
	if err != nil || len(got) != 1 {
		t.Errorf("read %v, error %v; want only the delivery that is there", got, err)
	}
}

func openedEnded(t *testing.T, api LedgerAPI) {
	d := delivery.Delivery{Message: deliveryOf(organizationOfItsOwn(), "e1-00000", "contact/1").Message, CreatedAt: kept(suiteTime)}
	d = d.End(delivery.Cancelled, "no sender came", kept(suiteTime))
	open(t, api, d)
	d.Expires = d.Expires.Truncate(time.Second)
	checkDeliveries(t, api, d)
}

func oneOpens(t *testing.T, api LedgerAPI) {
	d := deliveryOf(organizationOfItsOwn(), "e1-00000", "contact/1")
	won := atOnce(t, 6, func(n int) (bool, error) {
		mine := d
		mine.Attempts = n
		done, err := api.Open(t.Context(), []delivery.Delivery{mine})
		return err == nil && done[0], err
	})
	d.Attempts = won
	checkDeliveries(t, api, d)
}

// atOnce runs n tries side by side and answers which one took effect; it must be exactly one.
func atOnce(t *testing.T, n int, try func(n int) (bool, error)) (winner int) {
	t.Helper()
	won := make([]bool, n)
	var wait sync.WaitGroup
	for i := range won {
		wait.Go(func() {
			var err error
			if won[i], err = try(i); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	winners := 0
	for i := range won {
		if won[i] {
			winner, winners = i, winners+1
		}
	}
	if winners != 1 {
		t.Fatalf("%d of %d tries took effect, want one", winners, n)
	}
	return winner
}

func oneUpdateWins(t *testing.T, api LedgerAPI) {
	d := deliveryOf(organizationOfItsOwn(), "e1-00000", "contact/1")
	open(t, api, d)
	want := d
	want.Attempts = 10 + atOnce(t, 6, func(n int) (bool, error) {
		now := d
		now.Attempts = 10 + n
		done, err := api.Update(t.Context(), []delivery.Update{{Was: d, Now: now}})
		return err == nil && done[0], err
	})
	checkDeliveries(t, api, want)
}

func updateConditions(t *testing.T, api LedgerAPI) {
	d := deliveryOf(organizationOfItsOwn(), "e1-00000", "contact/1")
	open(t, api, d)
	next := d
	next.Attempts, next.Claim = 2, time.Time{}
	for name, spoil := range map[string]func(*delivery.Delivery){
		"status":          func(d *delivery.Delivery) { d.Status = delivery.Stopped },
		"attempts":        func(d *delivery.Delivery) { d.Attempts = 0 },
		"claim":           func(d *delivery.Delivery) { d.Claim = d.Claim.Add(time.Millisecond) },
		"no claim":        func(d *delivery.Delivery) { d.Claim = time.Time{} },
		"lease":           func(d *delivery.Delivery) { d.Lease = d.Lease.Add(-time.Millisecond) },
		"id":              func(d *delivery.Delivery) { d.ID = "none" },
		"no organization": func(d *delivery.Delivery) { d.Organization = organizationOfItsOwn() },
	} {
		was := d
		spoil(&was)
		done, err := api.Update(t.Context(), []delivery.Update{{Was: was, Now: next}})
		if err != nil || done[0] {
			t.Errorf("another %s than was thought: took effect %v, error %v", name, done, err)
		}
	}
	checkDeliveries(t, api, d)
	was := d
	was.Claim, was.Reason, was.Seen = was.Claim.Add(999*time.Microsecond), "not compared", []int64{9}
	update(t, api, was, next, true)
	update(t, api, was, next, false)
	checkDeliveries(t, api, next)
}

// leftOutStays follows a delivery that fails, is warned about, and succeeds in the end.
func leftOutStays(t *testing.T, api LedgerAPI) {
	d := deliveryOf(organizationOfItsOwn(), "e1-00000", "contact/1", "contact/2")
	open(t, api, d)
	failed := d
	failed.Claim, failed.Lease, failed.Seen, failed.Warned = time.Time{}, kept(suiteTime.Add(time.Hour)), []int64{3, 4}, true
	failed.LastStatus, failed.LastError = 503, delivery.BadStatus
	failed.First = &delivery.Attempt{
		Number: 1, At: suiteTime, Duration: 1500 * time.Millisecond, Status: 503, Error: delivery.BadStatus, Detail: "no", Answer: "👩‍👩‍👧 <b>\u0000\n",
		Headers: map[string]string{"content-type": "application/json"}, Records: []string{"contact/2"},
	}
	sent := failed
	whole := *failed.First
	whole.RetryAfter, whole.Duration = time.Minute, whole.Duration+time.Microsecond // Neither is kept.
	sent.First = &whole
	update(t, api, d, sent, true)
	checkDeliveries(t, api, failed)

	again := failed
	again.Attempts, again.Claim = 2, kept(suiteTime.Add(2*time.Hour))
	bare := again
	bare.First, bare.Seen, bare.Warned, bare.Records, bare.Interface, bare.CreatedAt = nil, nil, false, nil, "", time.Time{}
	update(t, api, failed, bare, true)
	checkDeliveries(t, api, again)

	ended := again.End(delivery.Delivered, "", kept(suiteTime.Add(3*time.Hour)))
	ended.LastStatus, ended.LastError = 200, ""
	bare = ended
	bare.First, bare.Seen = nil, nil
	update(t, api, again, bare, true)
	ended.Expires = ended.Expires.Truncate(time.Second)
	checkDeliveries(t, api, ended)
}

func expiries(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	var want []delivery.Delivery
	for _, status := range []delivery.Status{delivery.Delivered, delivery.Stopped, delivery.Skipped, delivery.Cancelled} {
		d := deliveryOf(organization, string(status), "contact/1")
		open(t, api, d)
		ended := d.End(status, "because", kept(suiteTime))
		update(t, api, d, ended, true)
		ended.Expires = ended.Expires.Truncate(time.Second)
		if status == delivery.Stopped && !ended.Expires.IsZero() {
			t.Error("a stopped delivery expires")
		}
		want = append(want, ended)
	}
	checkDeliveries(t, api, append(want, deliveryOpen(t, api, organization))...)
}

func deliveryOpen(t *testing.T, api LedgerAPI, organization string) delivery.Delivery {
	t.Helper()
	d := deliveryOf(organization, "pending", "contact/1")
	open(t, api, d)
	return d
}

func manyDeliveries(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	var all []delivery.Delivery
	var updates []delivery.Update
	for i := range 130 {
		d := deliveryOf(organization, fmt.Sprintf("e1-%05d", i), "contact/1")
		all = append(all, d)
		next := d
		next.Attempts = 2
		updates = append(updates, delivery.Update{Was: d, Now: next})
	}
	all[0] = deliveryOf(organization, "e1-00000", numbered(1000)...)
	updates[0].Was, updates[0].Now = all[0], all[0]
	updates[0].Now.Attempts, updates[0].Now.Seen = 2, slices.Repeat([]int64{1 << 40}, 1000)
	open(t, api, all...)
	checkDeliveries(t, api, all...)
	updates[77].Was.Attempts = 9
	done, err := api.Update(t.Context(), updates)
	want := slices.Repeat([]bool{true}, len(all))
	want[77] = false
	answers(t, done, err, want...)
	for i, u := range updates {
		if i != 77 {
			all[i] = u.Now
		}
	}
	checkDeliveries(t, api, all...)
}

func oddDeliveries(t *testing.T, api LedgerAPI) {
	organization := organizationOfItsOwn()
	var all []delivery.Delivery
	for i, name := range oddNames() {
		d := deliveryOf(organization, name, "contact/"+name)
		d.Reason = name
		open(t, api, d)
		next := d
		next.Attempts, next.LastError, next.Reason = i+2, delivery.Cause(name), name+name
		update(t, api, d, next, true)
		all = append(all, next)
	}
	checkDeliveries(t, api, all...)
}
