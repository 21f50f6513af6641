package delivery_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
)

// event is a message that tells an event with a body.
func event(body string) delivery.Message {
	return delivery.Message{
		ID: "e1", Organization: "demo", Interface: "crm", Generation: "g1", Records: []string{"order/1"},
		Event: &delivery.Event{Type: "order.created", Body: body},
	}
}

func TestEventMessageJSON(t *testing.T) {
	t.Parallel()
	const want = `{"delivery":"e1","organization":"demo","interface":"crm","generation":"g1","records":["order/1"],"event":{"type":"order.created","body":"{\"a\":\"é\"}"}}`
	text, err := json.Marshal(event(`{"a":"é"}`))
	if err != nil || string(text) != want {
		t.Errorf("message %s (%v), want %s", text, err, want)
	}
}

// TestOrders sort as the sequence numbers they are made of, and travel with short and long bodies.
func TestOrders(t *testing.T) {
	t.Parallel()
	sequences := []string{"0", "9", "10", "99", "100", "111100000000000000001", "4421584500000000017450439091", strings.Repeat("9", 40)}
	for i, sequence := range sequences[1:] {
		if before, after := delivery.OrderOf(sequences[i]), delivery.OrderOf(sequence); before >= after || len(after) != 40 {
			t.Errorf("%s sorts not before %s, as %s and %s", sequences[i], sequence, before, after)
		}
	}
	for _, body := range []string{"{}", "{" + strings.Repeat("a", 100_000)} {
		m := event(body)
		if m.Ordered() || (delivery.Message{}).Ordered() {
			t.Error("ordered without an order")
		}
		m.Event.Order = delivery.OrderOf("12")
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var got delivery.Message
		if err := json.Unmarshal(text, &got); err != nil || !got.Ordered() || !got.Valid() {
			t.Errorf("read %+v (%v), want it ordered", got, err)
		}
		if diff := cmp.Diff(m, got); diff != "" {
			t.Errorf("message differs (-want +got):\n%.500s", diff)
		}
	}
}

// TestEventBodiesArriveWhole: whatever a body holds and however long it is.
func TestEventBodiesArriveWhole(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(' ' + random.IntN(90))
	}
	for name, body := range map[string]string{
		"short": `{"a":1}`, "at the bound": "{" + strings.Repeat("<", 64<<10-2) + "}", "beyond it": "{" + strings.Repeat("<", 64<<10) + "}",
		"control characters": "{" + strings.Repeat("\u2028\uFFFF\x01", 100_000) + "}", "noise": "{" + string(noise) + "}",
		"the longest": "{" + strings.Repeat("é", delivery.LargestBody/2-1) + "}",
	} {
		text, err := json.Marshal(event(body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(text) > delivery.LargestMessage {
			t.Errorf("%s: %d bytes take %d in a message", name, len(body), len(text))
		}
		var got delivery.Message
		if err := json.Unmarshal(text, &got); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(event(body), got); diff != "" || !got.Valid() {
			t.Errorf("%s: valid %v, message differs (-want +got):\n%.500s", name, got.Valid(), diff)
		}
	}
}

func TestEventBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	bomb, err := json.Marshal(event("{" + strings.Repeat("a", delivery.LargestBody) + "}"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"no object": `{"event":1}`, "not deflated": `{"event":{"type":"a.b","deflated":"AAAA"}}`, "no base64": `{"event":{"deflated":"é"}}`,
		"too long": string(bomb),
	} {
		var m delivery.Message
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s: read as %.200v", name, m)
		}
	}
}

func TestValidEvents(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*delivery.Message){
		"":           func(*delivery.Message) {},
		"no body":    func(m *delivery.Message) { m.Event.Body = "" },
		"other body": func(m *delivery.Message) { m.Event.Body = "[]" },
		"no type":    func(m *delivery.Message) { m.Event.Type = "" },
		"no record":  func(m *delivery.Message) { m.Records = nil },
		"two":        func(m *delivery.Message) { m.Records = []string{"order/1", "order/2"} },
		"counts":     func(m *delivery.Message) { m.Changes = []int64{1} },
		"no id":      func(m *delivery.Message) { m.ID = "" },
	} {
		m := event("{}")
		spoil(&m)
		if m.Valid() != (name == "") {
			t.Errorf("%q: valid is %v", name, m.Valid())
		}
	}
}

func TestEventIDs(t *testing.T) {
	t.Parallel()
	id := delivery.EventID("demo", "crm", "g1", "order/1", "order.created", "4711")
	if len(id) != 32 || strings.Trim(id, "0123456789abcdefghjkmnpqrstvwxyz") != "" {
		t.Errorf("id %q, want 32 letters and digits", id)
	}
	if again := delivery.EventID("demo", "crm", "g1", "order/1", "order.created", "4711"); again != id {
		t.Errorf("the same event has the ids %s and %s", id, again)
	}
	ids := map[string]string{id: "the first"}
	for _, parts := range [][6]string{
		{"demo2", "crm", "g1", "order/1", "order.created", "4711"},
		{"demo", "crm2", "g1", "order/1", "order.created", "4711"},
		{"demo", "crm", "g2", "order/1", "order.created", "4711"},
		{"demo", "crm", "g1", "order/2", "order.created", "4711"},
		{"demo", "crm", "g1", "order/1", "order.updated", "4711"},
		{"demo", "crm", "g1", "order/1", "order.created", "4712"},
		{"democ", "rm", "g1", "order/1", "order.created", "4711"},
		{"demo", "crm", "g1", "order/1", "order.created4711", ""},
	} {
		other := delivery.EventID(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5])
		if ids[other] != "" {
			t.Errorf("%v has the id of %s", parts, ids[other])
		}
		ids[other] = fmt.Sprint(parts)
	}
}

func TestPieces(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"", "{}", strings.Repeat("a", delivery.LargestPiece), strings.Repeat("a", delivery.LargestPiece+1), "x" + strings.Repeat("👩", 300_000)} {
		pieces := delivery.Event{Body: body}.Pieces()
		if strings.Join(pieces, "") != body || len(pieces) != (len(body)+delivery.LargestPiece-1)/delivery.LargestPiece {
			t.Errorf("%d bytes are in %d pieces, or not whole", len(body), len(pieces))
		}
		for _, piece := range pieces {
			if len(piece) > delivery.LargestPiece || strings.ToValidUTF8(piece, "") != piece {
				t.Errorf("a piece of %d bytes, or within a character", len(piece))
			}
		}
	}
}
