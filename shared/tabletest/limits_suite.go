package tabletest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/rule"
)

// LimitsAPI is what the fake and table.Limits both are.
type LimitsAPI interface {
	Counters(ctx context.Context, keys []rule.CounterKey) (map[rule.CounterKey]rule.Counter, error)
	SaveCounters(ctx context.Context, counters []rule.Counter) ([]bool, error)
}

// RunLimits checks counts of which there are none yet.
func RunLimits(t *testing.T, api LimitsAPI) {
	t.Run("kept as they are", func(t *testing.T) { countersKept(t, api) })
	t.Run("written by one of two who read the same", func(t *testing.T) { countersMeet(t, api) })
	t.Run("many at once", func(t *testing.T) { manyCounters(t, api) })
	t.Run("the largest", func(t *testing.T) { largestCounter(t, api) })
	t.Run("twenty side by side", func(t *testing.T) { countersRace(t, api) })
}

func counterKey(id, contact string) rule.CounterKey {
	return rule.CounterKey{Key: rule.Key{Organization: "demo", ID: id}, Generation: "g1", Contact: contact}
}

// counter reads one.
func counter(t *testing.T, api LimitsAPI, key rule.CounterKey) rule.Counter {
	t.Helper()
	found, err := api.Counters(t.Context(), []rule.CounterKey{key})
	if err != nil {
		t.Fatal(err)
	}
	return found[key]
}

func firing(source string, at time.Time) rule.Firing {
	return rule.Firing{Source: source, At: at, Counted: at.Add(time.Second), Held: strings.HasSuffix(source, "1")}
}

func countersKept(t *testing.T, api LimitsAPI) {
	key := counterKey("kept", "4711")
	if diff := cmp.Diff(rule.Counter{CounterKey: key}, counter(t, api, key)); diff != "" {
		t.Errorf("before anything was counted (-want +got):\n%s", diff)
	}
	want := rule.Counter{CounterKey: key, Firings: 7, Fired: []rule.Firing{firing("101", configurationTime), firing("message/a b#2 102", configurationTime)}}
	done, err := api.SaveCounters(t.Context(), []rule.Counter{want})
	tookEffect(t, done, err, true)
	want.Revision = 1
	if diff := cmp.Diff(want, counter(t, api, key)); diff != "" {
		t.Errorf("counter (-want +got):\n%s", diff)
	}
	for _, other := range []rule.CounterKey{counterKey("kept", "4712"), counterKey("kept2", "4711"), {Key: key.Key, Generation: "g2", Contact: "4711"}} {
		if got := counter(t, api, other); got.Firings != 0 {
			t.Errorf("%v counts %d", other, got.Firings)
		}
	}
	want.Firings, want.Fired = 8, nil
	done, err = api.SaveCounters(t.Context(), []rule.Counter{want})
	tookEffect(t, done, err, true)
	if got := counter(t, api, key); got.Revision != 2 || got.Firings != 8 || len(got.Fired) != 0 {
		t.Errorf("written again: %+v", got)
	}
}

func countersMeet(t *testing.T, api LimitsAPI) {
	key := counterKey("meet", "1")
	one := rule.Counter{CounterKey: key, Firings: 1}
	done, err := api.SaveCounters(t.Context(), []rule.Counter{one})
	tookEffect(t, done, err, true)
	other := rule.Counter{CounterKey: counterKey("meet", "2"), Firings: 1}
	done, err = api.SaveCounters(t.Context(), []rule.Counter{one, other})
	tookEffect(t, done, err, false, true)
	next := counter(t, api, key)
	next.Firings++
	done, err = api.SaveCounters(t.Context(), []rule.Counter{next})
	tookEffect(t, done, err, true)
	done, err = api.SaveCounters(t.Context(), []rule.Counter{next})
	tookEffect(t, done, err, false)
	if got := counter(t, api, key); got.Firings != 2 {
		t.Errorf("%d firings, want 2", got.Firings)
	}
}

func manyCounters(t *testing.T, api LimitsAPI) {
	var keys []rule.CounterKey
	var counters []rule.Counter
	for i := range 130 {
		key := counterKey("many", fmt.Sprint(i))
		keys, counters = append(keys, key), append(counters, rule.Counter{CounterKey: key, Firings: int64(i)})
	}
	done, err := api.SaveCounters(t.Context(), counters)
	if err != nil || len(done) != 130 {
		t.Fatalf("%d answers, error %v", len(done), err)
	}
	got, err := api.Counters(t.Context(), keys)
	if err != nil || len(got) != 130 {
		t.Fatalf("%d counters, error %v", len(got), err)
	}
	for i, key := range keys {
		if got[key].Firings != int64(i) || !done[i] {
			t.Errorf("counter %d: %d firings, saved %v", i, got[key].Firings, done[i])
		}
	}
}

func largestCounter(t *testing.T, api LimitsAPI) {
	key := counterKey("largest", "1")
	c := rule.Counter{CounterKey: key}
	for i := range rule.MostRemembered {
		c.Fired = append(c.Fired, firing(fmt.Sprintf("%040d", i), configurationTime))
	}
	done, err := api.SaveCounters(t.Context(), []rule.Counter{c})
	tookEffect(t, done, err, true)
	if got := len(counter(t, api, key).Fired); got != rule.MostRemembered {
		t.Errorf("%d firings are known, want %d", got, rule.MostRemembered)
	}
}

// countersRace: of twenty who ask for a firing at once, as many have one as the limit allows.
func countersRace(t *testing.T, api LimitsAPI) {
	key, limits := counterKey("race", "1"), rule.Limits{MaxPerContact: 7}
	var wait sync.WaitGroup
	allowed := make([]bool, 20)
	for i := range allowed {
		wait.Go(func() {
			for {
				found, err := api.Counters(t.Context(), []rule.CounterKey{key})
				if err != nil {
					t.Error(err)
					return
				}
				after, _, ok := found[key].Fire(firing(fmt.Sprint(i), configurationTime), limits)
				if !ok {
					return
				}
				done, err := api.SaveCounters(t.Context(), []rule.Counter{after})
				if err != nil {
					t.Error(err)
					return
				}
				if done[0] {
					allowed[i] = true
					return
				}
			}
		})
	}
	wait.Wait()
	n := 0
	for _, yes := range allowed {
		if yes {
			n++
		}
	}
	if got := counter(t, api, key); n != 7 || got.Firings != 7 {
		t.Errorf("%d of 20 are allowed, %d counted; want 7", n, got.Firings)
	}
}
