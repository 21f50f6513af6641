package scan_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/stream"
	"crmhook/shared/streamtest"
	"crmhook/shared/tabletest"
)

func TestIdleRunWritesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.contact("1", "x")
		h := w.handler()
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		calls, reads := maps.Clone(w.checkpoints.Calls), w.stream.Calls()
		w.kill.At(0)
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if steps := w.kill.Steps(); steps != 0 {
			t.Errorf("an idle run wrote %d times", steps/2)
		}
		if got := w.checkpoints.Calls["Checkpoints"] - calls["Checkpoints"]; got != 1 {
			t.Errorf("%d reads of checkpoints, want 1", got)
		}
		want := map[string]int{"DescribeStream": 1, "GetShardIterator": 0, "GetRecords": 3}
		for operation, n := range want {
			if got := w.stream.Calls()[operation] - reads[operation]; got != n {
				t.Errorf("%d calls of %s, want %d", got, operation, n)
			}
		}
		if line := w.line(t); line["msg"] != "scanned" || line["records"] != 0.0 || line["shards"] != 1.0 || line["set_aside"] != 0.0 {
			t.Errorf("log line %v", line)
		}
	})
}

func TestTenThousandRecords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		const n = 10_000
		for i := range n {
			w.contact(fmt.Sprint(i), "x")
		}
		w.scan(t)
		if got := len(w.backlog.All()); got != n {
			t.Errorf("%d rows, want %d", got, n)
		}
		want := map[string]int{"Checkpoints": 1, "Acquire": 1, "Save": n / stream.PageSize, "Release": 1}
		if diff := cmp.Diff(want, w.checkpoints.Calls); diff != "" {
			t.Errorf("calls for checkpoints differ (-want +got):\n%s", diff)
		}
		if got := w.backlog.Calls["Add"]; got != n/25 {
			t.Errorf("%d calls to add, want %d", got, n/25)
		}
		if got := w.agenda.Calls["Put"]; got != n/stream.PageSize {
			t.Errorf("%d calls for the agenda, want %d", got, n/stream.PageSize)
		}
		if line := w.line(t); line["records"] != float64(n) || line["added"] != float64(n) || line["pages"] != 10.0 {
			t.Errorf("log line %v", line)
		}
	})
}

// TestManyInterfacesCutAPage: a page that many interfaces want moves the checkpoint in between.
func TestManyInterfacesCutAPage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		const interfaces, records = 60, 400
		for n := range interfaces {
			w.save(t, "acme", fmt.Sprint("i", n), "")
		}
		for i := range records {
			w.contact(fmt.Sprint(i), "x")
		}
		w.scan(t)
		if got := len(w.backlog.All()); got != interfaces*records {
			t.Errorf("%d rows, want %d", got, interfaces*records)
		}
		if got := w.checkpoints.Calls["Save"]; got != 3 {
			t.Errorf("the checkpoint moved %d times for 24,000 rows, want 3", got)
		}
	})
}

// order records in which order the backlog sees records.
type order struct {
	*tabletest.Backlog
	seen []string
}

func (o *order) Add(ctx context.Context, additions []backlog.Addition) error {
	for _, a := range additions {
		o.seen = append(o.seen, strings.TrimPrefix(a.Record, "contact/"))
	}
	return o.Backlog.Add(ctx, additions)
}

func TestParentsBeforeChildren(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.stream.PageSize, w.stream.DescribePage = 2, 1
		for n := range 5 {
			w.contact(fmt.Sprint("p", n), "x")
		}
		w.stream.Empty(streamtest.First, 7) // more than the patience with an open shard
		w.stream.Split(streamtest.First, "left", "right")
		w.stream.Put("left", record("acme#contact", "l1", "x"))
		w.stream.Split("left", "grandchild", "empty")
		w.stream.Put("grandchild", record("acme#contact", "g1", "x"))
		w.stream.Split("empty", "last")
		seen := &order{Backlog: w.backlog}
		h := w.handler()
		h.Backlog = seen
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"p0", "p1", "p2", "p3", "p4", "l1", "g1"}, seen.seen); diff != "" {
			t.Errorf("order differs (-want +got):\n%s", diff)
		}
		for id, finished := range map[string]bool{streamtest.First: true, "left": true, "empty": true, "grandchild": false, "last": false} {
			if c := w.checkpoint(id); c.Finished != finished || c.Owner != "" {
				t.Errorf("%s: got %+v, want finished %v and no lease", id, c, finished)
			}
		}
		// The oldest leave the stream: the rest goes on from where it was.
		w.stream.Forget(streamtest.First)
		w.stream.Forget("left")
		w.stream.Put("grandchild", record("acme#contact", "g2", "x"))
		w.stream.Put("last", record("acme#contact", "z1", "x"))
		if err := w.run(t, h); err != nil {
			t.Fatal(err)
		}
		if got := len(w.waiting()); got != 9 {
			t.Errorf("%d rows, want 9", got)
		}
	})
}

// TestChildrenThatAppearDuringARun: the list of shards is read again when a parent ends.
func TestChildrenThatAppearDuringARun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.contact("1", "x")
		split := false
		w.stream.Fail = func(operation string) error {
			if operation == "GetRecords" && !split {
				split = true
				w.stream.Split(streamtest.First, "child")
				w.stream.Put("child", record("acme#contact", "2", "x"))
			}
			return nil
		}
		w.scan(t)
		if diff := cmp.Diff(map[string]int64{"a contact/1": 1, "a contact/2": 1}, w.waiting()); diff != "" {
			t.Errorf("rows differ (-want +got):\n%s", diff)
		}
	})
}

func TestStreamTroubles(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		// spoil comes between two runs of a warm process, the first of which has read one of the changes.
		spoil func(w *world)
		want  map[string]int64
		log   string
	}{
		{"expired iterator", func(w *world) {
			w.contact("2", "x")
			w.stream.Expire()
		}, map[string]int64{"a contact/1": 1, "a contact/2": 1}, ""},
		{"empty pages before events", func(w *world) {
			w.contact("2", "x")
			w.stream.Empty(streamtest.First, 2)
		}, map[string]int64{"a contact/1": 1, "a contact/2": 1}, ""},
		{"iterator whose position was trimmed", func(w *world) {
			w.contact("2", "x")
			w.contact("3", "x")
			w.stream.Trim(streamtest.First, 2)
		}, map[string]int64{"a contact/1": 1, "a contact/3": 1}, `"trimmed":1`},
		{"expired iterator and trimmed position", func(w *world) {
			w.contact("2", "x")
			w.contact("3", "x")
			w.stream.Trim(streamtest.First, 2)
			w.stream.Expire()
		}, map[string]int64{"a contact/1": 1, "a contact/3": 1}, `"level":"ERROR"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.save(t, "acme", "a", "")
				w.contact("1", "x")
				h := w.handler()
				if err := w.run(t, h); err != nil {
					t.Fatal(err)
				}
				tt.spoil(w)
				w.log.Reset()
				if err := w.run(t, h); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.want, w.waiting()); diff != "" {
					t.Errorf("rows differ (-want +got):\n%s", diff)
				}
				if !strings.Contains(w.log.String(), tt.log) {
					t.Errorf("log %s does not hold %s", w.log, tt.log)
				}
			})
		})
	}
}

// TestEmptyPagesAreLeftBehind: a run that gave up among empty pages is followed by one that goes on behind them.
func TestEmptyPagesAreLeftBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.contact("1", "x")
		w.stream.Empty(streamtest.First, 7)
		h := w.handler()
		for range 3 {
			if len(w.waiting()) != 0 {
				t.Fatal("read behind the empty pages too early for this test")
			}
			if err := w.run(t, h); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.waiting()["a contact/1"]; got != 1 {
			t.Errorf("%d changes after three runs, want 1", got)
		}
	})
}

func TestOneFailingShardDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.stream.Add("second")
		w.contact("1", "x")
		w.stream.Put("second", record("acme#contact", "2", "x"))
		h := w.handler()
		h.Pages = failing{h.Pages.(stream.Stream), streamtest.First}
		err := w.run(t, h)
		if err == nil || !strings.Contains(err.Error(), "shard "+streamtest.First+": no such luck") {
			t.Errorf("got error %v, want one that names the shard", err)
		}
		if diff := cmp.Diff(map[string]int64{"a contact/2": 1}, w.waiting()); diff != "" {
			t.Errorf("rows differ (-want +got):\n%s", diff)
		}
	})
}

type failing struct {
	stream.Stream
	id string
}

func (f failing) Iterator(ctx context.Context, id, after string) (string, error) {
	if id == f.id {
		return "", errors.New("no such luck")
	}
	return f.Stream.Iterator(ctx, id, after)
}

func TestStopsBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.stream.PageSize = 1
		for n := range 30 {
			w.contact(fmt.Sprint(n), "x")
		}
		w.stream.Fail = func(operation string) error {
			if operation == "GetRecords" {
				time.Sleep(4 * time.Second)
			}
			return nil
		}
		start := time.Now()
		w.scan(t)
		if took := time.Since(start); took > timeout-time.Second || took < 50*time.Second {
			t.Errorf("the run took %v of %v", took, timeout)
		}
		if c := w.checkpoint(streamtest.First); c.Owner != "" || c.Position == "" {
			t.Errorf("got checkpoint %+v, want a position and no lease", c)
		}
		if got := len(w.waiting()); got < 13 || got > 14 {
			t.Errorf("%d rows in 53 s at 4 s each", got)
		}
		w.scan(t)
		w.scan(t)
		if got := w.waiting(); len(got) != 30 || total(got) != 30 {
			t.Errorf("%d rows with %d changes after three runs, want 30 of each", len(got), total(got))
		}
	})
}

func TestLinger(t *testing.T) {
	t.Parallel()
	tests := []struct {
		setting string
		took    time.Duration
	}{{"", 0}, {"0", 0}, {"10", 9 * time.Second}, {"58", 52 * time.Second}}
	for _, tt := range tests {
		t.Run(tt.setting, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld()
				w.save(t, "acme", "a", "")
				w.setting(t, "lingerSeconds", tt.setting)
				start, found := time.Now(), time.Duration(0)
				h := w.handler()
				h.Agenda = told{w.agenda, func() { found = time.Since(start) }}
				go func() {
					time.Sleep(5500 * time.Millisecond)
					w.contact("1", "x")
				}()
				if err := w.run(t, h); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took != tt.took {
					t.Errorf("the run took %v, want %v", took, tt.took)
				}
				if tt.took > 0 && found != 6*time.Second {
					t.Errorf("a change of 5.5 s was found at %v, want 6 s", found)
				}
				if c := w.checkpoint(streamtest.First); c.Owner != "" {
					t.Errorf("lease left: %+v", c)
				}
				time.Sleep(10 * time.Second)
			})
		})
	}
}

type told struct {
	*tabletest.Agenda
	tell func()
}

func (a told) Put(ctx context.Context, entries []backlog.Entry) error {
	a.tell()
	return a.Agenda.Put(ctx, entries)
}

func TestLingerSettingThatIsNoNumber(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld()
		w.save(t, "acme", "a", "")
		w.setting(t, "lingerSeconds", "soon")
		w.contact("1", "x")
		if err := w.run(t, w.handler()); err == nil || !strings.Contains(err.Error(), "lingerSeconds must be a number of seconds") {
			t.Errorf("got error %v", err)
		}
		if got := len(w.waiting()); got != 1 {
			t.Errorf("%d rows, want 1: a wrong setting stops nothing", got)
		}
	})
}

func total(waiting map[string]int64) int64 {
	var n int64
	for _, changes := range waiting {
		n += changes
	}
	return n
}
