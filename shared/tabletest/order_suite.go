package tabletest

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
)

// OrderAPI is what the fake and table.Backlog both are.
type OrderAPI interface {
	Enter(ctx context.Context, places []backlog.Place) error
	First(ctx context.Context, lines []backlog.Ref) (map[backlog.Ref]backlog.Place, error)
	Leave(ctx context.Context, places []backlog.Place) error
}

// RunOrder checks what those who make, send and stop ordered events rely on.
func RunOrder(t *testing.T, api OrderAPI) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, OrderAPI){
		"the first of a line": firstOfLine, "many lines at once": manyLines, "a long line": longLine,
		"names may hold anything": oddLines, "whoever looks after an end finds the next": looksAfterEnd,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api)
		})
	}
}

func placed(lane backlog.Lane, record string, n int) backlog.Place {
	return backlog.Place{
		Ref: backlog.Ref{Lane: lane, Record: record}, Order: fmt.Sprintf("%040d", n), Delivery: fmt.Sprint("d", n), Event: "order.updated",
		Since: time.Date(2026, 11, 2, 3, 4, 5, int(6*time.Millisecond), time.UTC),
	}
}

func enter(t *testing.T, api OrderAPI, places ...backlog.Place) {
	t.Helper()
	if err := api.Enter(t.Context(), places); err != nil {
		t.Fatal(err)
	}
}

func leave(t *testing.T, api OrderAPI, places ...backlog.Place) {
	t.Helper()
	if err := api.Leave(t.Context(), places); err != nil {
		t.Fatal(err)
	}
}

// checkFirst: the places given are the first ones of their lines, and the lines named besides are empty.
func checkFirst(t *testing.T, api OrderAPI, empty []backlog.Ref, first ...backlog.Place) {
	t.Helper()
	want, lines := map[backlog.Ref]backlog.Place{}, empty
	for _, p := range first {
		want[p.Ref], lines = p, append(lines, p.Ref)
	}
	got, err := api.First(t.Context(), lines)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the first ones differ (-want +got):\n%s", diff)
	}
}

func firstOfLine(t *testing.T, api OrderAPI) {
	lane, later := laneOfItsOwn(), laneOfItsOwn()
	later.Organization, later.Generation = lane.Organization, "g2"
	one, two, ten := placed(lane, "order/1", 1), placed(lane, "order/1", 2), placed(lane, "order/1", 10)
	other, elsewhere := placed(lane, "order/1#1", 0), placed(later, "order/1", 0)
	nobody := backlog.Ref{Lane: lane, Record: "order/2"}
	checkFirst(t, api, []backlog.Ref{one.Ref, nobody})
	enter(t, api, two, ten, other, elsewhere)
	checkFirst(t, api, []backlog.Ref{nobody}, two, other, elsewhere)
	enter(t, api, one, two)
	checkFirst(t, api, nil, one, other)
	leave(t, api, one, ten)
	leave(t, api, one)
	checkFirst(t, api, nil, two, other)
	two.Since = two.Since.Add(time.Hour)
	enter(t, api, two)
	checkFirst(t, api, nil, two)
	leave(t, api, two, other)
	checkFirst(t, api, []backlog.Ref{one.Ref, other.Ref}, elsewhere)
	enter(t, api)
	leave(t, api)
	checkFirst(t, api, nil)
	same := two
	same.Delivery = "a"
	enter(t, api, two, same)
	checkFirst(t, api, nil, same)
}

func manyLines(t *testing.T, api OrderAPI) {
	lane := laneOfItsOwn()
	var first, second []backlog.Place
	for _, record := range numbered(30) {
		first, second = append(first, placed(lane, record, 1)), append(second, placed(lane, record, 2))
	}
	enter(t, api, append(append([]backlog.Place{}, first...), second...)...)
	checkFirst(t, api, nil, first...)
	leave(t, api, first...)
	checkFirst(t, api, nil, second...)
}

func longLine(t *testing.T, api OrderAPI) {
	lane := laneOfItsOwn()
	var line []backlog.Place
	for n := range 60 {
		line = append(line, placed(lane, "order/1", n))
	}
	enter(t, api, line...)
	for _, p := range line {
		checkFirst(t, api, nil, p)
		leave(t, api, p)
	}
	checkFirst(t, api, []backlog.Ref{line[0].Ref})
}

func oddLines(t *testing.T, api OrderAPI) {
	lane := laneOfItsOwn()
	var first []backlog.Place
	for n, name := range oddNames() {
		first = append(first, placed(lane, "order/"+name, n))
	}
	enter(t, api, first...)
	checkFirst(t, api, nil, first...)
}

// looksAfterEnd: one enters and looks, another leaves and looks; one of them at least finds who is to go.
func looksAfterEnd(t *testing.T, api OrderAPI) {
	lane := laneOfItsOwn()
	for n := range 20 {
		before, after := placed(lane, "order/1", 2*n), placed(lane, "order/1", 2*n+1)
		enter(t, api, before)
		var found [2]map[backlog.Ref]backlog.Place
		var errs [4]error
		var wait sync.WaitGroup
		wait.Go(func() {
			errs[0] = api.Enter(t.Context(), []backlog.Place{after})
			found[0], errs[1] = api.First(t.Context(), []backlog.Ref{after.Ref})
		})
		wait.Go(func() {
			errs[2] = api.Leave(t.Context(), []backlog.Place{before})
			found[1], errs[3] = api.First(t.Context(), []backlog.Ref{after.Ref})
		})
		wait.Wait()
		if errs != [4]error{} {
			t.Fatal(errs)
		}
		if found[0][after.Ref].Delivery != after.Delivery && found[1][after.Ref].Delivery != after.Delivery {
			t.Errorf("time %d: neither found the next: %v", n, found)
		}
		leave(t, api, after)
	}
}
