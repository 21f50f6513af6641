package records_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/records"
	"crmhook/shared/refusal"
	"crmhook/shared/tabletest"
)

var start = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)

// world is a handler on fakes of its tables.
type world struct {
	*testing.T
	*records.Handler
	kill    *tabletest.Kill
	records *tabletest.Records
	once    *tabletest.Once
	now     time.Time
}

func open(t *testing.T) *world {
	t.Helper()
	kill := new(tabletest.Kill)
	kept, entries := tabletest.NewRecords(kill), tabletest.NewDirectory(kill)
	w := &world{T: t, kill: kill, records: kept, once: tabletest.NewOnce(kill), now: start}
	now := func() time.Time { return w.now }
	var random bytes.Buffer
	for i := range 200 {
		random.Write(bytes.Repeat([]byte{byte(i)}, 13))
	}
	w.Handler = &records.Handler{
		CRM: &crm.CRM{
			Records: kept, Contacts: tabletest.NewContacts(kill, kept, entries), Directory: entries, Now: now,
			Pause: func(ctx context.Context, _ int) error { return ctx.Err() },
		},
		Pages: kept, Claims: w.once, Random: &random, Now: now,
	}
	return w
}

func key(entity, id string) change.Key {
	return change.Key{Organization: "demo", Entity: entity, ID: id}
}

// put writes a record that must be accepted.
func (w *world) put(entity, id, body string) records.Answer {
	w.Helper()
	is, err := w.Put(w.Context(), records.Request{Key: key(entity, id), Origin: "api", Body: []byte(body)})
	if err != nil {
		w.Fatal(err)
	}
	return is
}

func (w *world) save(idempotencyKey, body string) (records.Saved, error) {
	s := records.Save{Organization: "demo", Origin: "api", Body: []byte(body)}
	if idempotencyKey != "" {
		s.IdempotencyKey = []string{idempotencyKey}
	}
	return w.Save(w.Context(), s)
}

// refusedWith checks that an error is a refusal of this status with faults at these places, separated by blanks.
func (w *world) refusedWith(err error, status int, places string) {
	w.Helper()
	r := refusal.Of(err)
	if r == nil || r.Status != status {
		w.Errorf("got the error %v, want a refusal %d", err, status)
		return
	}
	var found []string
	for _, f := range r.Faults {
		found = append(found, f.Location)
	}
	if got := strings.Join(found, " "); got != places {
		w.Errorf("got faults at %q, want %q", got, places)
	}
}

// contacts counts those that are there.
func (w *world) contacts() int {
	n := 0
	for k, is := range w.records.All() {
		if k.Entity == change.Contact && is.Exists() {
			n++
		}
	}
	return n
}

var errBroken = errors.New("broken")

func field(n int) string { return fmt.Sprintf(`{"a":"%s"}`, strings.Repeat("x", n)) }
