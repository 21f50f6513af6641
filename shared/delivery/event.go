package delivery

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Event is what a delivery that tells one event carries, where one of a bucket has only the names of its records. Its
// body never changes, so the same event is the same request however often it is tried.
type Event struct {
	// Type is the event's, such as contact.created.
	Type string
	// Body is the envelope's JSON text. The ledger's deliveries come without it, as it is kept beside them.
	Body string
	// Order sorts the events of its record as text, where they are delivered one after another: it has a place in the
	// record's line then. Empty: it goes by itself, as a replayed one does. Only the message carries it.
	Order string
}

// OrderOf is an event's Order by its record's sequence number: digits, so many that they sort as numbers do.
func OrderOf(sequence string) string {
	return strings.Repeat("0", max(0, longestSequence-len(sequence))) + sequence
}

// longestSequence is the most digits that a stream's sequence number has.
const longestSequence = 40

// Ordered reports whether the delivery tells an event that has a place in its record's line.
func (m Message) Ordered() bool { return m.Event != nil && m.Event.Order != "" }

// LargestMessage is the most bytes of an event's message: below the mebibyte that SQS takes, with room for what else a
// batch needs. LargestBody is the most of its body, as of any request.
const (
	LargestMessage = 900_000
	LargestBody    = 5_000_000
)

// plainBody is how long a body is sent as it is: escaped as JSON text it takes at most six times as much.
const plainBody = 64 << 10

// eventJSON is the event as it travels: with its body, or with a body that was deflated because it is long.
type eventJSON struct {
	Type     string `json:"type"`
	Order    string `json:"order,omitempty"`
	Body     string `json:"body,omitempty"`
	Deflated []byte `json:"deflated,omitempty"`
}

// MarshalJSON compresses a long body, so that it takes less of a message and no escaping can make it grow.
func (e Event) MarshalJSON() ([]byte, error) {
	if len(e.Body) <= plainBody {
		return json.Marshal(eventJSON{Type: e.Type, Order: e.Order, Body: e.Body})
	}
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.DefaultCompression)
	if err == nil {
		_, err = io.WriteString(w, e.Body)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress body: %w", err)
	}
	return json.Marshal(eventJSON{Type: e.Type, Order: e.Order, Deflated: packed.Bytes()})
}

// UnmarshalJSON reads what MarshalJSON wrote. A body that would grow beyond LargestBody is refused.
func (e *Event) UnmarshalJSON(text []byte) error {
	var v eventJSON
	if err := json.Unmarshal(text, &v); err != nil {
		return err
	}
	*e = Event{Type: v.Type, Body: v.Body, Order: v.Order}
	if v.Deflated == nil {
		return nil
	}
	body, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(v.Deflated)), LargestBody+1))
	if err != nil {
		return fmt.Errorf("decompress body: %w", err)
	}
	if len(body) > LargestBody {
		return fmt.Errorf("decompress body: more than %d bytes", LargestBody)
	}
	e.Body = string(body)
	return nil
}

// EventID is the id of the delivery that tells an interface of one event: 32 letters and digits that derive from its
// parts alone, so that who makes the same event twice makes one delivery. It holds no full stop and no hyphen.
func EventID(organization, name, generation, record, eventType, source string) string {
	h := sha256.New()
	for _, part := range []string{organization, name, generation, record, eventType, source} {
		// Lengths keep the parts apart, whatever they hold.
		_ = binary.Write(h, binary.BigEndian, uint64(len(part)))
		_, _ = io.WriteString(h, part)
	}
	return encoding.EncodeToString(h.Sum(nil)[:20])
}

// validEvent reports whether the message of an event names its one record and has what to send.
func (m Message) validEvent() bool {
	return len(m.Records) == 1 && len(m.Changes) == 0 && m.Event.Type != "" && strings.HasPrefix(m.Event.Body, "{")
}

// LargestPiece is the most bytes of a body that one item of the ledger keeps, below DynamoDB's 400 KB.
const LargestPiece = 350_000

// Pieces are the body as the ledger keeps it, cut between characters: the same body always in the same pieces.
func (e Event) Pieces() []string {
	var pieces []string
	for rest := e.Body; rest != ""; {
		piece := Cut(rest, LargestPiece)
		pieces, rest = append(pieces, piece), rest[len(piece):]
	}
	return pieces
}
