package endtoend_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// patience bounds each wait: a change takes up to two minutes and the frequency, and the machine may be busy.
const patience = 6 * time.Minute

// atOnce is how many tests run side by side: they wait for the minute, not for a processor.
const atOnce = "64"

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		if err := parallel.Value.Set(atOnce); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}

// world is one organization on the stage, and its receiver.
type world struct {
	*testing.T
	stage        *stage.Stage
	receiver     *receiver.Receiver
	organization string
}

// open makes a world of the test's own; the test runs beside the others.
func open(t *testing.T) *world {
	t.Helper()
	outputs := os.Getenv("CRMHOOK_OUTPUTS")
	if outputs == "" {
		t.Skip("needs the local stack: scripts/test brings it up and sets CRMHOOK_OUTPUTS")
	}
	t.Parallel()
	s, err := stage.Load(outputs)
	if err != nil {
		t.Fatal(err)
	}
	r, err := receiver.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	return &world{T: t, stage: s, receiver: r, organization: "e2e-" + hex.EncodeToString(random)}
}

// schedule is an interface's schedules: one run a minute.
func schedule(batch, bucket int) string {
	return fmt.Sprintf(`"schedules":[{"name":"each minute","frequencyMinutes":1,"batchSize":%d,"bucketSize":%d}]`, batch, bucket)
}

// put writes an interface with the receiver's URL and path, tells configure of it as Parameter Store would, and waits until
// it has the state. Its parameter goes when the test ends.
func (w *world) put(name, kind, path, rest, state string) {
	w.Helper()
	text := fmt.Sprintf(`{"type":"contact-webhook-%s","url":"%s%s",%s}`, kind, w.receiver.URL(), path, rest)
	w.write(name, text)
	w.tell(name, "Update")
	w.until("interface "+name+" to be "+state, func() (bool, error) {
		got, _, err := w.stage.State(w.Context(), w.organization, name)
		return got == state, err
	})
}

// tell hands configure the event that Parameter Store sends of an interface's parameter. The emulator sends none.
func (w *world) tell(name, operation string) {
	w.Helper()
	event, err := os.ReadFile("../../events/parameter-change.json")
	if err != nil {
		w.Fatal(err)
	}
	input := strings.ReplaceAll(string(event), "/crmhook/local/organizations/sample/interfaces/crm", w.stage.Parameter(w.organization, "interfaces", name))
	w.invoke("configure", strings.Replace(input, "Update", operation, 1))
}

func (w *world) invoke(function, input string) {
	w.Helper()
	if _, err := w.stage.Invoke(w.Context(), function, []byte(input)); err != nil {
		w.Fatal(err)
	}
}

func (w *world) write(name, text string) {
	w.Helper()
	if err := w.stage.PutInterface(w.Context(), w.organization, name, text); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_ = w.stage.DeleteParameter(context.WithoutCancel(w.Context()), w.stage.Parameter(w.organization, "interfaces", name))
	})
}

// contact writes a contact with fields given as JSON.
func (w *world) contact(id, fields string) {
	w.Helper()
	if err := w.stage.PutContacts(w.Context(), w.organization, []stage.Contact{{ID: id, Data: data(w.T, fields)}}); err != nil {
		w.Fatal(err)
	}
}

func data(t *testing.T, fields string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(fields))
	decoder.UseNumber()
	var found map[string]any
	if err := decoder.Decode(&found); err != nil {
		t.Fatalf("fields %s: %v", fields, err)
	}
	return found
}

func (w *world) until(what string, done func() (bool, error)) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), patience)
	defer cancel()
	if err := stage.Wait(ctx, what, done); err != nil {
		w.Fatal(err)
	}
}

// arrive waits for n requests under a path and returns them.
func (w *world) arrive(path string, n int) []receiver.Request {
	w.Helper()
	w.until(fmt.Sprintf("%d requests at %s", n, path), func() (bool, error) {
		return len(receiver.At(w.receiver.Requests(), path)) >= n, nil
	})
	return receiver.At(w.receiver.Requests(), path)
}

// delivery waits until a request's delivery has a status and returns it with its later attempts.
func (w *world) delivery(r receiver.Request, status string) (map[string]any, []map[string]any) {
	w.Helper()
	var found map[string]any
	var later []map[string]any
	w.until("delivery "+r.Headers.Get("Webhook-Id")+" to be "+status, func() (bool, error) {
		var err error
		found, later, err = w.stage.Delivery(w.Context(), w.organization, stage.DeliveryOf(r.Headers.Get("Webhook-Id")))
		return found["status"] == status, err
	})
	return found, later
}

// rows counts what waits or is in flight for an interface.
func (w *world) rows(name string) (int, error) {
	lane, err := w.stage.Lane(w.Context(), w.organization, name)
	if err != nil {
		return 0, err
	}
	rows, err := w.stage.Rows(w.Context(), lane)
	return len(rows), err
}

// waits waits until n records wait for an interface.
func (w *world) waits(name string, n int) {
	w.Helper()
	w.until(fmt.Sprintf("%d records to wait for %s", n, name), func() (bool, error) {
		got, err := w.rows(name)
		return got == n, err
	})
}

// quiet waits until nothing waits and nothing is in flight for an interface.
func (w *world) quiet(name string) {
	w.Helper()
	w.until("the rows of "+name+" to go", func() (bool, error) {
		n, err := w.rows(name)
		return n == 0, err
	})
}
