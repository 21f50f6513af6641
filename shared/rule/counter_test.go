package rule_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/rule"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// fires puts changes at minutes after noon to a counter, each counted a second later, and says which are allowed.
func fires(c *rule.Counter, limits rule.Limits, minutes ...int) []bool {
	var allowed []bool
	for _, minute := range minutes {
		at := noon.Add(time.Duration(minute) * time.Minute)
		after, _, ok := c.Fire(rule.Firing{Source: fmt.Sprint(minute), At: at, Counted: at.Add(time.Second)}, limits)
		*c, allowed = after, append(allowed, ok)
	}
	return allowed
}

func TestFire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		limits  rule.Limits
		minutes []int
		want    []bool
	}{
		"most":                   {rule.Limits{MaxPerContact: 2}, []int{0, 1, 2, 99_999}, []bool{true, true, false, false}},
		"most, read again":       {rule.Limits{MaxPerContact: 2}, []int{0, 1, 2, 0, 1, 2, 3}, []bool{true, true, false, true, true, false, false}},
		"interval":               {rule.Limits{MinInterval: 10 * time.Minute}, []int{0, 9, 10, 19, 25}, []bool{true, false, true, false, true}},
		"interval, read again":   {rule.Limits{MinInterval: 10 * time.Minute}, []int{0, 5, 12, 5, 0, 12}, []bool{true, false, true, false, true, true}},
		"interval, late":         {rule.Limits{MinInterval: 10 * time.Minute}, []int{20, 5, 15, 11, 30}, []bool{true, true, false, false, true}},
		"interval of days":       {rule.Limits{MinInterval: 48 * time.Hour}, []int{0, 1440, 2879, 2880}, []bool{true, false, false, true}},
		"a year":                 {rule.Limits{MinInterval: 365 * 24 * time.Hour}, []int{0, 525_599, 525_600}, []bool{true, false, true}},
		"both":                   {rule.Limits{MinInterval: 10 * time.Minute, MaxPerContact: 2}, []int{0, 5, 10, 20}, []bool{true, false, true, false}},
		"without limits, all":    {rule.Limits{}, []int{0, 0, 1}, []bool{true, true, true}},
		"a day later, not again": {rule.Limits{MaxPerContact: 3}, []int{0, 1440, 1499, 0}, []bool{true, true, true, true}},
	} {
		c := rule.Counter{}
		if diff := cmp.Diff(test.want, fires(&c, test.limits, test.minutes...)); diff != "" {
			t.Errorf("%s: allowed (-want +got):\n%s", name, diff)
		}
	}
}

// TestCountedFiringIsTheOneItWas: what is asked again may say something else; it is answered as it was counted.
func TestCountedFiringIsTheOneItWas(t *testing.T) {
	t.Parallel()
	first := rule.Firing{Source: "a", At: noon, Counted: noon, Held: true}
	c, _, _ := rule.Counter{Revision: 3}.Fire(first, rule.Limits{MaxPerContact: 1})
	after, counted, ok := c.Fire(rule.Firing{Source: "a", At: noon, Counted: noon.Add(time.Hour)}, rule.Limits{MaxPerContact: 1})
	if !ok || counted != first || after.Firings != 1 || after.Revision != 3 {
		t.Errorf("asked again: %+v, counter %+v", counted, after)
	}
	if got, known := c.Known("a"); !known || got != first {
		t.Errorf("known: %+v", got)
	}
	if _, known := c.Known("b"); known {
		t.Error("b is known")
	}
}

// TestWhatIsRemembered is bounded, by time and by number.
func TestWhatIsRemembered(t *testing.T) {
	t.Parallel()
	c := rule.Counter{}
	limits := rule.Limits{MaxPerContact: 1_000_000}
	for i := range 3 * rule.MostRemembered {
		fires(&c, limits, -i) // all are told of late
	}
	if len(c.Fired) != rule.MostRemembered || c.Firings != 3*rule.MostRemembered {
		t.Errorf("%d are known of %d", len(c.Fired), c.Firings)
	}
	odd := rule.Counter{}
	for i := range 3 { // whose clock is years behind
		odd, _, _ = odd.Fire(rule.Firing{Source: fmt.Sprint(i), At: noon.AddDate(-9, 0, i), Counted: noon.Add(time.Duration(i) * time.Hour)}, limits)
	}
	if len(odd.Fired) != 3 {
		t.Errorf("%d are known of 3 that were counted within a day", len(odd.Fired))
	}
	for name, test := range map[string]struct {
		limits rule.Limits
		after  int
		want   int
	}{
		"within a day":          {rule.Limits{MaxPerContact: 9}, 1_440, 2},
		"after it":              {rule.Limits{MaxPerContact: 9}, 1_501, 1},
		"by as much as matters": {rule.Limits{MaxPerContact: 9, MinInterval: 24 * time.Hour}, 2_900, 2},
		"and no more":           {rule.Limits{MaxPerContact: 9, MinInterval: 24 * time.Hour}, 2_941, 1},
	} {
		c := rule.Counter{}
		fires(&c, test.limits, 0, test.after)
		if len(c.Fired) != test.want || c.Firings != 2 {
			t.Errorf("%s: %d are known of %d, want %d of 2", name, len(c.Fired), c.Firings, test.want)
		}
	}
}

// TestReplaysInAnyOrder: whatever is read again of the last day, and whenever, nothing counts twice, what was allowed is
// allowed, and two firings are never nearer than the limit says.
func TestReplaysInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(3, 4))
	for range 200 {
		limits := rule.Limits{MaxPerContact: int64(random.IntN(30)), MinInterval: time.Duration(random.IntN(400)) * time.Minute}
		if random.IntN(3) == 0 {
			limits.MinInterval = 0
		}
		c, answers := rule.Counter{}, map[int]bool{}
		minute := 0
		for range 300 {
			ask := minute
			if random.IntN(3) == 0 {
				ask = max(0, minute-random.IntN(1440)) // the stream forgets after a day
			} else {
				minute += random.IntN(40)
				ask = minute
			}
			at := noon.Add(time.Duration(ask) * time.Minute)
			after, _, ok := c.Fire(rule.Firing{Source: fmt.Sprint(ask), At: at, Counted: noon.Add(time.Duration(minute) * time.Minute)}, limits)
			if was, before := answers[ask]; before && was != ok {
				t.Fatalf("limits %+v: minute %d was allowed: %v, then: %v", limits, ask, was, ok)
			}
			c, answers[ask] = after, ok
		}
		fired := []int{}
		for minute, ok := range answers {
			if ok {
				fired = append(fired, minute)
			}
		}
		if int64(len(fired)) != c.Firings || limits.MaxPerContact > 0 && c.Firings > limits.MaxPerContact {
			t.Errorf("limits %+v: %d fired, %d counted", limits, len(fired), c.Firings)
		}
		for i, a := range fired {
			for _, b := range fired[:i] {
				if apart := time.Duration(a-b) * time.Minute; apart.Abs() < limits.MinInterval {
					t.Fatalf("limits %+v: minutes %d and %d both fired", limits, a, b)
				}
			}
		}
	}
}
