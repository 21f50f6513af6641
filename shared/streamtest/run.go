package streamtest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/shard"
	"crmhook/shared/stream"
)

// Subject is a stream with one open shard and the table behind it, which must be empty when Run starts.
type Subject struct {
	API stream.API
	ARN string
	// Put and Remove write to the table.
	Put    func(item map[string]any)
	Remove func(pk, sk string)
}

// Run checks what a reader relies on.
func Run(t *testing.T, subject Subject) {
	t.Helper()
	s := stream.Stream{Client: subject.API, ARN: subject.ARN}
	only := oneShard(t, s)

	t.Run("an empty shard gives empty pages that go on", func(t *testing.T) {
		page := read(t, s, iterator(t, s, only, ""))
		if len(page.Events) != 0 || page.Next == "" {
			t.Errorf("got %d events and next %q, want none and an iterator", len(page.Events), page.Next)
		}
	})
	t.Run("events hold key and both images", func(t *testing.T) {
		subject.Put(item("a", "1"))
		subject.Put(item("a", "2"))
		subject.Remove("acme#contact", "a")
		got := read(t, s, iterator(t, s, only, "")).Events
		want := []change.Event{{New: item("a", "1")}, {Old: item("a", "1"), New: item("a", "2")}, {Old: item("a", "2")}}
		checkEvents(t, got, want)
	})
	t.Run("reading goes on after a position", func(t *testing.T) {
		events := read(t, s, iterator(t, s, only, "")).Events
		subject.Put(item("b", "1"))
		page := read(t, s, iterator(t, s, only, events[1].Sequence))
		if len(page.Events) != 2 || page.Events[0].Sequence != events[2].Sequence {
			t.Fatalf("got %v, want the third event and the new one", page.Events)
		}
		subject.Put(item("c", "1"))
		if more := read(t, s, page.Next); len(more.Events) != 1 || more.Events[0].Keys["sk"] != "c" {
			t.Errorf("got %v from the next iterator, want the event written since", more.Events)
		}
	})
	t.Run("a page holds at most a thousand", func(t *testing.T) {
		last := lastSequence(t, s, only)
		for n := range 1005 {
			subject.Put(item(fmt.Sprintf("n%d", n), "1"))
		}
		page := read(t, s, iterator(t, s, only, last))
		rest := read(t, s, page.Next)
		if len(page.Events) != stream.PageSize || len(rest.Events) != 5 {
			t.Errorf("got pages of %d and %d, want 1000 and 5", len(page.Events), len(rest.Events))
		}
		all := slices.Concat(page.Events, rest.Events)
		if !slices.IsSortedFunc(all, bySequence) {
			t.Error("sequence numbers do not rise")
		}
	})
	t.Run("a position that the stream does not hold is trimmed", func(t *testing.T) {
		if _, err := s.Iterator(t.Context(), only, "000000000000000000000"); !errors.Is(err, shard.ErrTrimmed) {
			t.Errorf("got %v, want %v", err, shard.ErrTrimmed)
		}
	})
	t.Run("a shard that does not exist is an error", func(t *testing.T) {
		if _, err := s.Iterator(t.Context(), "shardId-00000000000000000000-99999999", ""); err == nil {
			t.Error("got no error")
		}
	})
}

func item(id, name string) map[string]any {
	return map[string]any{"pk": "acme#contact", "sk": id, "data": map[string]any{"name": name}}
}

func oneShard(t *testing.T, s stream.Stream) string {
	t.Helper()
	shards, err := s.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(shards) != 1 || shards[0].Parent != "" {
		t.Fatalf("got shards %v, want one without a parent", shards)
	}
	return shards[0].ID
}

func iterator(t *testing.T, s stream.Stream, id, after string) string {
	t.Helper()
	it, err := s.Iterator(t.Context(), id, after)
	if err != nil {
		t.Fatal(err)
	}
	return it
}

func read(t *testing.T, s stream.Stream, iterator string) shard.Page {
	t.Helper()
	page, err := s.Read(t.Context(), iterator)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func lastSequence(t *testing.T, s stream.Stream, id string) string {
	t.Helper()
	events := read(t, s, iterator(t, s, id, "")).Events
	return events[len(events)-1].Sequence
}

func checkEvents(t *testing.T, got, want []change.Event) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("got %d events, want %d", len(got), len(want))
	}
	for i, e := range got {
		if e.Sequence == "" || e.At.IsZero() || e.At.Location() != time.UTC {
			t.Errorf("event %d: sequence %q at %v", i, e.Sequence, e.At)
		}
		want[i].Keys = map[string]any{"pk": "acme#contact", "sk": "a"}
		want[i].Sequence, want[i].At = e.Sequence, e.At
		if diff := cmp.Diff(want[i], e); diff != "" {
			t.Errorf("event %d differs (-want +got):\n%s", i, diff)
		}
	}
}

// bySequence compares sequence numbers, decimal texts whose lengths may differ.
func bySequence(a, b change.Event) int {
	if d := len(a.Sequence) - len(b.Sequence); d != 0 {
		return d
	}
	return strings.Compare(a.Sequence, b.Sequence)
}
