package parallel_test

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"crmhook/shared/parallel"
)

// TestEachIsDoneWithinTheBound: with a bound of three, three meet, and never four.
func TestEachIsDoneWithinTheBound(t *testing.T) {
	t.Parallel()
	const n, most = 9, 3
	var done [n]atomic.Int32
	var now, highest atomic.Int32
	var meet sync.WaitGroup
	meet.Add(most)
	err := parallel.Each(n, most, func(i int) error {
		defer now.Add(-1)
		if is := now.Add(1); is > highest.Load() {
			highest.Store(is)
		}
		if done[i].Add(1); i < most {
			meet.Done()
			meet.Wait() // Would never end if fewer ran at once.
		}
		if i%4 == 1 {
			return fmt.Errorf("no %d", i)
		}
		return nil
	})
	if err == nil || err.Error() != "no 1\nno 5" {
		t.Errorf("got error %v, want those of 1 and 5, in this order", err)
	}
	for i := range done {
		if got := done[i].Load(); got != 1 {
			t.Errorf("%d was done %d times, want once", i, got)
		}
	}
	if got := highest.Load(); got > most {
		t.Errorf("%d at once, want at most %d", got, most)
	}
}

func TestNothingToDo(t *testing.T) {
	t.Parallel()
	if err := parallel.Each(0, 1, func(int) error { return errors.New("called") }); err != nil {
		t.Error(err)
	}
}
