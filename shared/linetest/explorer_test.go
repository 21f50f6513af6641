package linetest_test

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/linetest"
	"crmhook/shared/queuetest"
	"crmhook/shared/tabletest"
)

// explorer does random things to a line. What happens depends on the seed alone: of messages that are worked on together
// only the order in which their results are written does not.
type explorer struct {
	*linetest.World
	seed   uint64
	random *rand.Rand
	trace  []string
	// depth counts the requests under way, patience is how long the outermost may still last.
	depth    int
	patience time.Duration
	batch    bool
	crashed  bool
	quiet    bool
	paused   bool
	lost     []string
	asked    map[string]int
}

const exploreTimeout = 20 * time.Second

// seeds are those of the n histories that a test runs, from the first up to but without the last; CRMHOOK_HISTORIES=100000
// has it run more, and CRMHOOK_HISTORY=seed only that one.
func seeds(t *testing.T, n uint64) (first, end uint64) {
	t.Helper()
	number := func(name string, otherwise uint64) (uint64, bool) {
		text := os.Getenv(name)
		if text == "" {
			return otherwise, false
		}
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil || given == 0 {
			t.Fatalf("%s is %q, want a whole number from 1", name, text)
		}
		return given, true
	}
	if seed, alone := number("CRMHOOK_HISTORY", 0); alone {
		return seed, seed + 1
	}
	n, _ = number("CRMHOOK_HISTORIES", n)
	return 1, 1 + n
}

func newExplorer(t *testing.T, seed uint64) *explorer {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	stop := []int{0, 1, 2, 12}[r.IntN(4)]
	configuration := linetest.V2(linetest.Schedule([]int{1, 2, 15}[r.IntN(3)], []int{2, 100}[r.IntN(2)], 1+r.IntN(4)) +
		fmt.Sprintf(`,"timeoutSeconds":%d,"retriesBeforeStop":%d,"retriesBeforeWarning":%d`, int(exploreTimeout.Seconds()), stop, r.IntN(stop+1)))
	e := &explorer{World: linetest.NewWorld(t, configuration), seed: seed, random: r, asked: map[string]int{}}
	e.Receiver.Answer = e.answer
	e.note("%s", configuration)
	return e
}

func (e *explorer) note(format string, args ...any) {
	at := e.Clock.Now().Sub(linetest.Start)
	e.trace = append(e.trace, fmt.Sprintf("%s%8s  ", strings.Repeat("    ", e.depth), at)+fmt.Sprintf(format, args...))
}

// answer is what the receiver does: take it, refuse it, hang, or let other things happen first.
func (e *explorer) answer(r linetest.Request) delivery.Attempt {
	if e.quiet {
		return linetest.Status(200)
	}
	if e.batch {
		return e.drawn(r)
	}
	e.note("request of %s: %v", r.Delivery, r.Contacts())
	if e.depth == 0 {
		e.patience = exploreTimeout
	}
	e.depth++
	defer func() { e.depth-- }()
	for e.depth < 3 && e.random.IntN(3) == 0 {
		e.act(context.Background())
	}
	switch n := e.random.IntN(10); {
	case n < 6:
		return linetest.Status(200)
	case n < 8:
		return linetest.Status(500)
	default:
		if e.depth == 1 {
			e.Clock.Advance(e.patience)
		}
		return delivery.Attempt{Error: delivery.Timeout, Duration: exploreTimeout}
	}
}

// drawn answers requests that are made side by side, in whatever order they come.
func (e *explorer) drawn(r linetest.Request) delivery.Attempt {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %s", e.seed, r.Delivery, r.At)
	return linetest.Status([]int{200, 200, 500}[h.Sum64()%3])
}

// act does one thing, and perhaps has the process die at it.
func (e *explorer) act(ctx context.Context) {
	things := []func(context.Context) error{
		e.write, e.write, e.rescan, e.dispatch, e.dispatch, e.dispatch, e.deliver, e.deliver, e.deliver, e.deliverMany, e.again,
		e.end, e.end, e.wait, e.next, e.next, e.next, e.lose, e.late, e.pause, e.refuse, e.test,
	}
	do := things[e.random.IntN(len(things))]
	if e.random.IntN(5) == 0 {
		n := 1 + e.random.IntN(14)
		e.note("dies at step %d of this:", n)
		e.Kill.At(n)
	}
	err := do(ctx)
	died := e.Kill.Dead()
	e.Kill.At(0)
	if died {
		e.crashed = true
		e.note("died")
	}
	if err != nil && !errors.Is(err, tabletest.ErrKilled) && !errors.Is(err, queuetest.ErrRefused) {
		e.note("error: %v", err)
	}
}

func (e *explorer) contact() string { return "C" + strconv.Itoa(1+e.random.IntN(5)) }

func (e *explorer) write(ctx context.Context) error {
	id := e.contact()
	e.note("write %s", id)
	return e.scanned(ctx, id, e.Write(ctx, id))
}

func (e *explorer) rescan(ctx context.Context) error {
	id := e.contact()
	e.note("scan %s again", id)
	if e.Newest()[id] == 0 {
		return nil
	}
	return e.scanned(ctx, id, e.Scan(ctx, e.Lane, id))
}

// scanned has scan's next process read a change again whose reader died before it moved its checkpoint.
func (e *explorer) scanned(ctx context.Context, id string, err error) error {
	if !e.Kill.Dead() {
		return err
	}
	e.note("died, and scan reads it again")
	e.Kill.At(0)
	e.crashed = true
	return e.Scan(ctx, e.Lane, id)
}

func (e *explorer) dispatch(ctx context.Context) error {
	e.note("dispatch")
	return e.Dispatch().Run(ctx)
}

func (e *explorer) queue() *queuetest.Queue {
	if e.Slow.Len() > 0 && e.random.IntN(2) == 0 {
		return e.Slow
	}
	return e.Fast
}

func (e *explorer) deliver(ctx context.Context) error {
	q := e.queue()
	received := q.Receive(1)
	e.note("deliver %v", bodies(received))
	return e.Work(ctx, q, received)
}

func bodies(received []queuetest.Received) []string {
	var list []string
	for _, m := range received {
		list = append(list, fmt.Sprintf("%s (receive %d) %s", m.ID, m.Receives, m.Body))
	}
	return list
}

func (e *explorer) deliverMany(ctx context.Context) error {
	if e.depth > 0 || e.batch {
		return nil
	}
	e.Kill.At(0) // The order of results within an invocation is not the seed's.
	e.batch = true
	defer func() { e.batch = false }()
	received := e.Fast.Receive(1 + e.random.IntN(10))
	e.note("deliver together %v", bodies(received))
	return e.Work(ctx, e.Fast, received)
}

func (e *explorer) again(ctx context.Context) error {
	if e.random.IntN(3) == 0 {
		received := e.Stopped.Duplicate()
		e.note("a stop again %v", bodies(received))
		return e.WorkStopped(ctx, received)
	}
	q := e.queue()
	received := q.Duplicate()
	e.note("deliver again %v", bodies(received))
	return e.Work(ctx, q, received)
}

func (e *explorer) end(ctx context.Context) error {
	received := e.Stopped.Receive(1 + e.random.IntN(2))
	e.note("stop %v", bodies(received))
	return e.WorkStopped(ctx, received)
}

// wait lets time pass: up to forty minutes, but while a request is under way no longer than that may last.
func (e *explorer) wait(context.Context) error {
	d := time.Duration(1+e.random.IntN(90)) * time.Second
	if e.random.IntN(4) == 0 {
		d = time.Duration(1+e.random.IntN(40)) * time.Minute
	}
	if e.depth > 0 {
		d = min(d, e.patience)
		e.patience -= d
	}
	e.note("wait %s", d)
	e.Clock.Advance(d)
	return nil
}

// next lets time pass until something is due or is seen again.
func (e *explorer) next(context.Context) error {
	if e.depth == 0 {
		e.Jump()
		e.note("the next thing is due")
	}
	return nil
}

func (e *explorer) lose(context.Context) error {
	if e.random.IntN(3) != 0 {
		return nil
	}
	for _, m := range e.Fast.Receive(1) {
		if strings.Contains(m.Body, `"test":true`) {
			continue // Nothing but its message sends a test.
		}
		e.note("lose %s", m.Body)
		e.Fast.Delete(m.Receipt)
		e.lost = append(e.lost, m.Body)
	}
	return nil
}

func (e *explorer) late(ctx context.Context) error {
	if len(e.lost) == 0 {
		return nil
	}
	body := e.lost[e.random.IntN(len(e.lost))]
	e.note("late %s", body)
	_, err := e.Fast.SendText(ctx, "", []string{body})
	return err
}

func (e *explorer) pause(ctx context.Context) error {
	if e.paused {
		e.note("resume")
		e.paused = false
		err := e.Resume(ctx)
		if e.Kill.Dead() {
			e.Kill.At(0)
			return e.Resume(ctx) // configure's next process does it again.
		}
		return err
	}
	if e.random.IntN(3) == 0 {
		e.note("pause")
		e.paused = true
		e.Pause()
	}
	return nil
}

// test asks for a test of a contact that nobody else sends.
func (e *explorer) test(ctx context.Context) error {
	id := "T" + strconv.Itoa(len(e.trace))
	e.note("test %s", id)
	return e.TestContact(ctx, id)
}

func (e *explorer) refuse(context.Context) error {
	if e.random.IntN(3) == 0 {
		e.note("the queue refuses")
		e.Fast.Refuse(1 + e.random.IntN(2))
	}
	return nil
}
