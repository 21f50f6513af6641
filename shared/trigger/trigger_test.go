package trigger_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/trigger"
)

func TestTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{time.UnixMilli(0), time.Date(2026, 11, 2, 23, 59, 59, 999e6, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 1e6, time.UTC)} {
		for _, random := range []byte{0x00, 0xFF} {
			id, err := trigger.NewID(at, bytes.NewReader(bytes.Repeat([]byte{random}, 10)))
			if err != nil {
				t.Fatal(err)
			}
			if got, ok := trigger.Time(id); !ok || !got.Equal(at) {
				t.Errorf("the time of %s is %v, %v; want %v", id, got, ok, at)
			}
		}
	}
	for _, id := range []string{"", "0", "0123456789abcdefghjkmnpqr", "0123456789abcdefghjkmnpqru", "0123456789ABCDEFGHJKMNPQRS", "0123456789abcdefghjkmnpqrst"} {
		if at, ok := trigger.Time(id); ok {
			t.Errorf("%q is taken as an id of %v", id, at)
		}
	}
}

func sample(body []byte) trigger.Trigger {
	zone := int64(7)
	at := time.Date(2026, 12, 1, 10, 0, 0, 1e6, time.UTC)
	return trigger.Trigger{
		ID: "01", Organization: "demo", Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 3, ZoneID: &zone,
		At: at, Due: at, SignedAt: at, Event: "e", Method: "POST", URI: "/x?a=b", Headers: map[string]string{"a": "b"},
		Query: map[string][]string{"a": {"b", "c"}}, Body: body,
	}
}

// Any body that the door takes fits into SQS's 1 MiB and comes out as it went in.
func TestEncode(t *testing.T) {
	t.Parallel()
	const most = 700 << 10
	for name, body := range map[string][]byte{
		"none": nil, "text": []byte(`{"a":"é\u2028"}`), "not UTF-8": {0xFF, 0xFE, 0x00}, "quotes": bytes.Repeat([]byte(`"`), most),
		"controls": bytes.Repeat([]byte{1}, most), "bytes": bytes.Repeat([]byte{0xFF}, most), "letters": bytes.Repeat([]byte("x"), most),
	} {
		want := sample(body)
		text, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if len(text) > 1<<20 {
			t.Errorf("%s: the message has %d bytes", name, len(text))
		}
		got, err := trigger.Decode(text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !bytes.Equal(want.Body, got.Body) {
			t.Errorf("%s: the body is another", name)
		}
		want.Body, got.Body = nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDecodeSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "JSON", "[]": "JSON", "{}": "not a trigger", `{"trigger":"1","organization":"o","platform":"p"}`: "at and due",
		`{"trigger":1}`: "JSON",
	} {
		if _, err := trigger.Decode([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want an error that says %q", text, err, want)
		}
	}
}

func TestEndedNamesTheFirstRecords(t *testing.T) {
	t.Parallel()
	entry := sample(nil).Ended(trigger.Applied, "", 1, make([]string, 150), time.Time{}, time.Time{})
	if len(entry.Records) != trigger.MostRecords {
		t.Errorf("%d records, want %d", len(entry.Records), trigger.MostRecords)
	}
}

func FuzzDecode(f *testing.F) {
	text, err := sample([]byte(`{"id":1}`)).Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"trigger":"x","organization":"o","platform":"p","at":"2026-12-01T00:00:00Z","due":"2026-12-01T00:00:00Z","bodyBase64":"/w=="}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := trigger.Decode(text)
		if err != nil {
			return
		}
		again, err := first.Encode()
		if err != nil {
			t.Fatalf("encode what was decoded: %v", err)
		}
		second, err := trigger.Decode(again)
		if err != nil || second.ID != first.ID || !bytes.Equal(second.Body, first.Body) {
			t.Errorf("decoded again: %v, %v", second, err)
		}
	})
}
