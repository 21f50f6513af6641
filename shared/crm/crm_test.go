package crm_test

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/directory"
	"crmhook/shared/reach"
	"crmhook/shared/record"
	"crmhook/shared/tabletest"
)

var start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

// world is a CRM on fakes.
type world struct {
	*crm.CRM
	kill      *tabletest.Kill
	records   *tabletest.Records
	directory *tabletest.Directory
}

func newWorld() *world {
	kill := new(tabletest.Kill)
	records, dir := tabletest.NewRecords(kill), tabletest.NewDirectory(kill)
	return &world{
		CRM: &crm.CRM{
			Records: records, Contacts: tabletest.NewContacts(kill, records, dir), Directory: dir,
			Now: func() time.Time { return start }, Pause: func(context.Context, int) error { return nil },
		},
		kill: kill, records: records, directory: dir,
	}
}

func contactKey(id string) change.Key {
	return change.Key{Organization: "demo", Entity: change.Contact, ID: id}
}

// set is a change to some data, whatever there was.
func set(key change.Key, data map[string]any) crm.Change {
	return crm.Change{Key: key, Origin: "api", Apply: func(record.Record) (map[string]any, error) { return data, nil }}
}

// one makes one change.
func (w *world) one(t *testing.T, c crm.Change) crm.Result {
	t.Helper()
	results, err := w.Change(t.Context(), []crm.Change{c})
	if err != nil {
		t.Fatal(err)
	}
	return results[0]
}

func TestChangeOutcomes(t *testing.T) {
	t.Parallel()
	w := newWorld()
	key := contactKey("C1")
	for _, step := range []struct {
		name    string
		data    map[string]any
		want    crm.Outcome
		version int64
	}{
		{"nothing is there to delete", nil, crm.Unchanged, 0},
		{"made", map[string]any{"n": json.Number("1")}, crm.Created, start.UnixMilli()},
		{"the same", map[string]any{"n": json.Number("1.0")}, crm.Unchanged, start.UnixMilli()},
		{"changed", map[string]any{"n": json.Number("2")}, crm.Changed, start.UnixMilli() + 1},
		{"deleted", nil, crm.Deleted, start.UnixMilli() + 2},
		{"deleted again", nil, crm.Unchanged, start.UnixMilli() + 2},
		{"made again", map[string]any{"n": json.Number("2")}, crm.Created, start.UnixMilli() + 3},
	} {
		result := w.one(t, set(key, step.data))
		if result.Err != nil || result.Outcome != step.want || result.Record.Version != step.version {
			t.Errorf("%s: got outcome %d, version %d, error %v; want %d, %d", step.name, result.Outcome, result.Record.Version, result.Err, step.want, step.version)
		}
	}
}

func TestAnOlderStateChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld()
	key := change.Key{Organization: "demo", Entity: "order", ID: "Shopify-1-7"}
	state := func(at, door int, source, value string) crm.Change {
		c := set(key, map[string]any{"v": value})
		if value == "" {
			c = set(key, nil)
		}
		c.Source = source
		c.State = record.State{At: start.Add(time.Duration(at) * time.Second), Door: start.Add(time.Duration(door) * time.Second)}
		return c
	}
	for _, step := range []struct {
		name string
		c    crm.Change
		want crm.Outcome
		v    any
	}{
		{"deleted before it was made", state(10, 0, "Shopify-1", ""), crm.Unchanged, nil},
		{"the older making", state(5, 1, "Shopify-1", "a"), crm.Older, nil},
		{"a newer making", state(20, 2, "Shopify-1", "b"), crm.Created, "b"},
		{"an older state", state(15, 3, "Shopify-1", "c"), crm.Older, "b"},
		{"of equal times the later at the door", state(20, 4, "Shopify-1", "d"), crm.Changed, "d"},
		{"of equal times the earlier at the door", state(20, 3, "Shopify-1", "e"), crm.Older, "d"},
		{"another source has its own clock", state(1, 5, "Shopify-2", "f"), crm.Changed, "f"},
		{"a newer state that says the same", state(30, 6, "Shopify-1", "f"), crm.Unchanged, "f"},
		{"is newer all the same", state(25, 7, "Shopify-1", "g"), crm.Older, "f"},
		{"a delete", state(40, 8, "Shopify-1", ""), crm.Deleted, nil},
		{"an update from before the delete", state(35, 9, "Shopify-1", "h"), crm.Older, nil},
	} {
		result := w.one(t, step.c)
		var got any
		if result.Record.Exists() {
			got = result.Record.Data["v"]
		}
		if result.Outcome != step.want || got != step.v {
			t.Errorf("%s: got outcome %d, value %v; want %d, %v", step.name, result.Outcome, got, step.want, step.v)
		}
	}
}

func TestConcurrentChangesAreNotLost(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.one(t, set(contactKey("C1"), map[string]any{"n": json.Number("0")}))
	var wait sync.WaitGroup
	for range 10 {
		wait.Go(func() {
			for range 5 {
				w.increment(t)
			}
		})
	}
	wait.Wait()
	if got := w.records.All()[contactKey("C1")].Data["n"]; got != json.Number("50") {
		t.Errorf("got %v after 50 increments", got)
	}
}

// increment adds one, and again where others were faster all the time.
func (w *world) increment(t *testing.T) {
	for {
		results, err := w.Change(t.Context(), []crm.Change{{Key: contactKey("C1"), Origin: "api", Apply: func(now record.Record) (map[string]any, error) {
			n, err := strconv.Atoi(string(now.Data["n"].(json.Number)))
			now.Data["n"] = json.Number(strconv.Itoa(n + 1))
			return now.Data, err
		}}})
		if err != nil {
			t.Error(err)
			return
		}
		if !errors.Is(results[0].Err, crm.ErrBusy) {
			return
		}
	}
}

func TestChangesOfOneRecordInOneCall(t *testing.T) {
	t.Parallel()
	w := newWorld()
	add := func(word string) crm.Change {
		return crm.Change{Key: contactKey("C1"), Origin: "api", Apply: func(now record.Record) (map[string]any, error) {
			text, _ := now.Data["words"].(string)
			return map[string]any{"words": text + word}, nil
		}}
	}
	results, err := w.Change(t.Context(), []crm.Change{add("a"), set(contactKey("C2"), map[string]any{}), add("b"), add("c")})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.records.All()[contactKey("C1")].Data["words"]; got != "abc" {
		t.Errorf("got %v, want the three changes in order", got)
	}
	if results[3].Record.Data["words"] != "abc" || results[0].Record.Data["words"] != "a" {
		t.Errorf("results: got %v and %v", results[0].Record.Data, results[3].Record.Data)
	}
}

func TestChangeThatFailsAlone(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.records.CRM().Spoil(t, contactKey("spoilt"))
	refused := errors.New("refused")
	results, err := w.Change(t.Context(), []crm.Change{
		{Key: contactKey("C1"), Apply: func(record.Record) (map[string]any, error) { return nil, refused }},
		set(contactKey("C2"), map[string]any{"text": strings.Repeat("x", record.MostBytes)}),
		set(contactKey("C3"), map[string]any{"odd": struct{}{}}),
		set(contactKey("C4"), map[string]any{"fine": true}),
		set(contactKey("spoilt"), map[string]any{}),
	})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(results[0].Err, refused) || !errors.As(results[1].Err, new(record.TooLargeError)) || results[2].Err == nil || results[3].Err != nil {
		t.Errorf("errors: %v, %v, %v, %v", results[0].Err, results[1].Err, results[2].Err, results[3].Err)
	}
	if !errors.Is(results[4].Err, crm.ErrUnreadable) {
		t.Errorf("a record that cannot be read: %v", results[4].Err)
	}
	if all := w.records.All(); len(all) != 2 || !all[contactKey("C4")].Exists() {
		t.Errorf("records: %v, want C4 beside the spoilt one", all)
	}
}

// slower is a table in which somebody else is always faster.
type slower struct{ there crm.Records }

func (s slower) Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error) {
	return s.there.Records(ctx, keys)
}

func (slower) Write(_ context.Context, writes []record.Write) ([]bool, error) {
	return make([]bool, len(writes)), nil
}

func TestChangeGivesUpWhereOthersAreAlwaysFaster(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Records = slower{w.records}
	if result := w.one(t, set(contactKey("C1"), map[string]any{})); !errors.Is(result.Err, crm.ErrBusy) {
		t.Errorf("got %v, want %v", result.Err, crm.ErrBusy)
	}
}

// A contact that can be seen can be found, wherever the writer dies.
func TestKillAtEachWrite(t *testing.T) {
	t.Parallel()
	data := map[string]any{"email": "Jane@Example.com", "identifiers": []any{map[string]any{"sourceId": json.Number("3"), "identifier": "77"}}}
	want := reach.Of("demo", data)
	for _, how := range []struct {
		name string
		do   func(w *world, ctx context.Context) error
	}{
		{"change", func(w *world, ctx context.Context) error {
			_, err := w.Change(ctx, []crm.Change{set(contactKey("C1"), data)})
			return err
		}},
		{"create", func(w *world, ctx context.Context) error {
			_, _, err := w.Create(ctx, crm.NewContact{Organization: "demo", Number: "C1", Data: data, Origin: "api"})
			return err
		}},
	} {
		for n := 1; ; n++ {
			w := newWorld()
			w.kill.At(n)
			err := how.do(w, t.Context())
			if err == nil {
				if n < 3 {
					t.Errorf("%s: ended after %d writes, want a write of the directory and one of the record", how.name, n-1)
				}
				break
			}
			w.kill.At(0)
			if w.records.All()[contactKey("C1")].Exists() {
				w.finds(t, how.name, want, "C1")
			}
			if err := how.do(w, t.Context()); err != nil {
				t.Fatal(err)
			}
			w.finds(t, how.name, want, "C1")
		}
	}
}

func (w *world) finds(t *testing.T, what string, refs []directory.Ref, number string) {
	t.Helper()
	matches, err := w.Find(t.Context(), refs)
	if err != nil {
		t.Fatal(err)
	}
	for _, ref := range refs {
		if m := matches[ref]; len(m.Contacts) != 1 || m.Contacts[0].ID != number {
			t.Errorf("%s: %s found %v, want %s", what, ref.Kind, m.Contacts, number)
		}
	}
}

func TestCreateOnce(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ref := directory.Ref{Organization: "demo", Kind: directory.Email, Value: "jane@example.com"}
	data := map[string]any{"email": "jane@example.com"}
	made := make([]bool, 20)
	var wait sync.WaitGroup
	for i := range made {
		wait.Go(func() {
			number := "N" + strconv.Itoa(i)
			claims := []directory.Claim{{Entry: directory.Entry{Ref: ref, Contact: number}}}
			_, ok, err := w.Create(t.Context(), crm.NewContact{Organization: "demo", Number: number, Data: data, Origin: "api", Claims: claims})
			if err != nil {
				t.Error(err)
			}
			made[i] = ok
		})
	}
	wait.Wait()
	if n := strings.Count(strings.Join(boolTexts(made), ""), "true"); n != 1 || len(w.records.All()) != 1 {
		t.Errorf("%d of 20 made the contact, %d contacts are there; want one", n, len(w.records.All()))
	}
}

func boolTexts(list []bool) []string {
	var texts []string
	for _, b := range list {
		texts = append(texts, strconv.FormatBool(b))
	}
	return texts
}

func TestFindChecksEachHit(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ref := directory.Ref{Organization: "demo", Kind: directory.Email, Value: "jane@example.com"}
	with := map[string]any{"email": "JANE@example.com"}
	put := func(id string, data map[string]any) {
		if r := w.one(t, set(contactKey(id), data)); r.Err != nil {
			t.Fatal(r.Err)
		}
	}
	put("has", with)
	put("had", with)
	put("had", map[string]any{"email": "other@example.com"})
	put("gone", with)
	put("gone", nil)
	put("merged", map[string]any{"email": "jane@example.com", "mergedInto": "survivor"})
	put("survivor", map[string]any{"email": "survivor@example.com"})
	found := func() []string {
		matches, err := w.Find(t.Context(), []directory.Ref{ref})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, c := range matches[ref].Contacts {
			ids = append(ids, c.ID)
		}
		return ids
	}
	if diff := cmp.Diff([]string{"has", "survivor"}, found()); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	put("merged", map[string]any{"email": "jane@example.com", "mergedInto": "has"})
	if diff := cmp.Diff([]string{"has"}, found()); diff != "" {
		t.Errorf("one that was merged into another that is found (-want +got):\n%s", diff)
	}
	put("merged", map[string]any{"email": "jane@example.com", "mergedInto": "merged"})
	if got := found(); len(got) != 2 {
		t.Errorf("a contact that is merged into itself: found %v, want it and the other", got)
	}
}

func TestAStaleClaimIsTakenOver(t *testing.T) {
	t.Parallel()
	w := newWorld()
	ref := directory.Ref{Organization: "demo", Kind: directory.Email, Value: "jane@example.com"}
	create := func(number, over string) bool {
		claims := []directory.Claim{{Entry: directory.Entry{Ref: ref, Contact: number}, Over: over}}
		_, ok, err := w.Create(t.Context(), crm.NewContact{Organization: "demo", Number: number, Data: map[string]any{"email": ref.Value}, Origin: "api", Claims: claims})
		if err != nil {
			t.Fatal(err)
		}
		return ok
	}
	if !create("C1", "") {
		t.Fatal("the first contact was not made")
	}
	if create("C2", "") {
		t.Error("a second contact was made for one address")
	}
	w.one(t, set(contactKey("C1"), nil))
	matches, err := w.Find(t.Context(), []directory.Ref{ref})
	if err != nil {
		t.Fatal(err)
	}
	if m := matches[ref]; len(m.Contacts) != 0 || m.Stale != "C1" {
		t.Fatalf("got %v, stale %q; want nobody, and C1 as the stale holder", m.Contacts, m.Stale)
	}
	if !create("C3", "C1") {
		t.Error("the claim of a contact that is gone was not taken over")
	}
}

func TestNumberFrom(t *testing.T) {
	t.Parallel()
	a, b := crm.NumberFrom("demo", "t1"), crm.NumberFrom("demo", "t2")
	if a == b || a != crm.NumberFrom("demo", "t1") || len(a) != change.MaxContactNumber {
		t.Errorf("got %s and %s", a, b)
	}
	if crm.NumberFrom("a", "bc") == crm.NumberFrom("ab", "c") {
		t.Error("parts that are cut elsewhere give the same number")
	}
}
