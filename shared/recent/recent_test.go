package recent_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"crmhook/shared/recent"
)

// source counts what it is asked.
type source struct {
	reads atomic.Int64
	err   error
}

func (s *source) read(key int) func(context.Context) (int, error) {
	return func(context.Context) (int, error) {
		s.reads.Add(1)
		return key * 2, s.err
	}
}

func (s *source) want(t *testing.T, cache *recent.Cache[int, int], key int, reads int64) {
	t.Helper()
	got, err := cache.Get(t.Context(), key, s.read(key))
	if err != nil || got != key*2 || s.reads.Load() != reads {
		t.Errorf("%d = %d after %d reads, error %v; want %d after %d", key, got, s.reads.Load(), err, key*2, reads)
	}
}

func TestAnswersAreKeptForTheirTime(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	cache, s := recent.New[int, int](10, time.Minute, func() time.Time { return now }), &source{}
	s.want(t, cache, 0, 1) // "none" is an answer like others
	s.want(t, cache, 0, 1)
	now = now.Add(time.Minute - 1)
	s.want(t, cache, 0, 1)
	now = now.Add(1)
	s.want(t, cache, 0, 2)
	s.want(t, cache, 0, 2)
}

// TestTimeCountsFromTheQuestion: what changed while it was read may be missing in the answer.
func TestTimeCountsFromTheQuestion(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	cache, s := recent.New[int, int](10, time.Minute, func() time.Time { return now }), &source{}
	_, err := cache.Get(t.Context(), 1, func(context.Context) (int, error) {
		now = now.Add(time.Minute)
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	s.want(t, cache, 1, 1)
}

func TestFloodTakesNoMoreMemoryAndLeavesWhatIsUsed(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)
	cache, s := recent.New[int, int](100, time.Minute, func() time.Time { return now }), &source{}
	s.want(t, cache, 1, 1)
	for i := range 5000 {
		s.want(t, cache, 1000+i, int64(2+i))
		if i%50 == 0 {
			s.want(t, cache, 1, int64(2+i))
		}
	}
	if n := cache.Len(); n != 100 {
		t.Errorf("%d answers are kept, want 100", n)
	}
	s.want(t, cache, 1000, 5002) // long gone
}

func TestErrorsAreNotKept(t *testing.T) {
	t.Parallel()
	cache, s := recent.New[int, int](10, time.Minute, time.Now), &source{err: errors.New("throttled")}
	if _, err := cache.Get(t.Context(), 1, s.read(1)); !errors.Is(err, s.err) {
		t.Errorf("error %v, want %v", err, s.err)
	}
	if cache.Len() != 0 {
		t.Error("an error is kept")
	}
	s.err = nil
	s.want(t, cache, 1, 2)
}

func TestOneReadForAllWhoAskAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache, s := recent.New[int, int](10, time.Minute, time.Now), &source{}
		slow := func(ctx context.Context) (int, error) {
			time.Sleep(time.Second)
			return s.read(1)(ctx)
		}
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				if got, err := cache.Get(t.Context(), 1, slow); got != 2 || err != nil {
					t.Errorf("got %d, error %v; want 2", got, err)
				}
			})
		}
		wait.Wait()
		if n := s.reads.Load(); n != 1 {
			t.Errorf("%d reads, want 1", n)
		}
	})
}

func TestOneWhoGivesUpLeavesTheOthersTheirAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cache := recent.New[int, int](10, time.Minute, time.Now)
		var reads atomic.Int64
		slow := func(ctx context.Context) (int, error) {
			reads.Add(1)
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(time.Second):
				return 7, nil
			}
		}
		hasty, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := cache.Get(hasty, 1, slow); !errors.Is(err, context.Canceled) {
				t.Errorf("who gave up: error %v, want %v", err, context.Canceled)
			}
		})
		synctest.Wait()
		for range 3 {
			wait.Go(func() {
				if got, err := cache.Get(t.Context(), 1, slow); got != 7 || err != nil {
					t.Errorf("who waited: %d, error %v; want 7", got, err)
				}
			})
		}
		late, stop := context.WithTimeout(t.Context(), time.Millisecond)
		defer stop()
		wait.Go(func() {
			if _, err := cache.Get(late, 1, slow); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("who waited too long: error %v, want %v", err, context.DeadlineExceeded)
			}
		})
		time.Sleep(2 * time.Millisecond)
		cancel()
		wait.Wait()
		if n := reads.Load(); n != 2 {
			t.Errorf("%d reads, want 2", n)
		}
	})
}
