package table

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// walkThrough is a walk of keys that were read, by list and newest first.
func walkThrough(lists ...[]int) *walk {
	w := &walk{}
	for _, list := range lists {
		var keys []Item
		for _, n := range list {
			keys = append(keys, Item{createdAttribute: text(fmt.Sprintf("%04d", n))})
		}
		w.lists, w.read = append(w.lists, &downward{done: true}), append(w.read, keys)
	}
	return w
}

func TestListsAreMergedNewestFirst(t *testing.T) {
	t.Parallel()
	w := walkThrough([]int{9, 4, 3}, nil, []int{8, 7, 7, 6, 1}, []int{5})
	for n, step := range []struct {
		n    int
		want []string
		more bool
	}{
		{0, nil, true},
		{2, []string{"0009", "0008"}, true},
		{2, []string{"0007", "0006"}, true},
		{4, []string{"0005", "0004", "0003", "0001"}, false},
		{1, nil, false},
	} {
		keys, more, err := w.take(t.Context(), step.n)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, item := range keys {
			got = append(got, textOf(item, createdAttribute))
		}
		if diff := cmp.Diff(step.want, got); diff != "" || more != step.more {
			t.Errorf("step %d: more %v, want %v, keys differ (-want +got):\n%s", n, more, step.more, diff)
		}
	}
}

// TestPagesLeaveOutWhatDoesNotMatch: what an index shows may be gone, or something else by now.
func TestPagesLeaveOutWhatDoesNotMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                string
		keys, limit, atOnce int
		matches             func(n int) bool
		want                []string
		next                string
		reads               int
	}{
		{"all match", 5, 3, 0, func(int) bool { return true }, []string{"0005", "0004", "0003"}, "0003", 3},
		{"a page is all", 3, 3, 0, func(int) bool { return true }, []string{"0003", "0002", "0001"}, "", 3},
		{"half are gone", 9, 3, 0, func(n int) bool { return n%2 == 0 }, []string{"0008", "0006", "0004"}, "0004", 6},
		{"all are gone", 9, 3, 0, func(int) bool { return false }, nil, "", 9},
		{"more are gone than are looked at", 100, 3, 0, func(n int) bool { return n < 10 }, nil, "0071", 30},
		{"few match and many are looked at", 250, 3, 100, func(n int) bool { return n%50 == 0 }, []string{"0250", "0200", "0150"}, "0150", 200},
		{"the last that matches", 250, 2, 100, func(n int) bool { return n < 3 }, []string{"0002", "0001"}, "", 250},
		{"nothing is listed", 0, 3, 100, func(int) bool { return true }, nil, "", 0},
	} {
		var numbers []int
		for n := tt.keys; n > 0; n-- {
			numbers = append(numbers, n)
		}
		reads := 0
		list, next, err := gather(t.Context(), walkThrough(numbers), tt.limit, tt.atOnce, func(keys []Item) ([]*string, error) {
			reads += len(keys)
			found := make([]*string, len(keys))
			for i, item := range keys {
				created := textOf(item, createdAttribute)
				if n, err := strconv.Atoi(created); err != nil || tt.matches(n) {
					found[i] = &created
				}
			}
			return found, nil
		})
		if diff := cmp.Diff(tt.want, list); err != nil || diff != "" || next != tt.next || reads != tt.reads {
			t.Errorf("%s: next %q, want %q, %d looked at, want %d, error %v, page differs (-want +got):\n%s", tt.name, next, tt.next, reads, tt.reads, err, diff)
		}
	}
}
