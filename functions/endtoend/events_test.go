package endtoend_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/configure"
	"crmhook/shared/delivery"
	"crmhook/shared/notice"
	"crmhook/shared/stream"
)

func sample(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile("../../events/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// bodies are the messages of a sample of SQS, read strictly.
func bodies(t *testing.T, name string) []string {
	t.Helper()
	var event events.SQSEvent
	if err := json.Unmarshal(sample(t, name), &event); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	var list []string
	for _, r := range event.Records {
		if r.MessageId == "" || r.ReceiptHandle == "" || r.Attributes["ApproximateReceiveCount"] == "" || r.EventSourceARN == "" {
			t.Errorf("%s: message %+v lacks what the functions read", name, r)
		}
		list = append(list, r.Body)
	}
	return list
}

func TestSamplesOfMessagesAreWhatCrmhookWrites(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"send.json", "stop.json"} {
		for _, body := range bodies(t, name) {
			var m delivery.Message
			var n notice.Notice
			var written any = &m
			if strings.Contains(body, `"notice"`) {
				written = &n
			}
			if err := json.Unmarshal([]byte(body), written); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if written == any(&m) && !m.Valid() {
				t.Errorf("%s: %s is no delivery", name, body)
			}
			again, err := json.Marshal(written)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(again), body); diff != "" {
				t.Errorf("%s: a body is not as crmhook writes it (-want +got):\n%s", name, diff)
			}
		}
	}
}

func TestSamplesForConfigure(t *testing.T) {
	t.Parallel()
	if got := configure.ParseEvent(sample(t, "minute.json")); got != (configure.Event{}) {
		t.Errorf("the minute's event is read as %+v, want a sweep", got)
	}
	want := configure.Event{Name: "/crmhook/local/organizations/sample/interfaces/crm", Operation: "Update"}
	if got := configure.ParseEvent(sample(t, "parameter-change.json")); got != want {
		t.Errorf("the parameter's event is read as %+v, want %+v", got, want)
	}
}

// TestTheSampleOfTheStreamIsAChange reads the record as scan does, from a stream that answers with it.
func TestTheSampleOfTheStreamIsAChange(t *testing.T) {
	t.Parallel()
	record := sample(t, "stream-record.json")
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, _ *http.Request) {
		answer.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = answer.Write([]byte(`{"Records":[` + string(record) + `]}`)) // A lost answer fails the read.
	}))
	t.Cleanup(server.Close)
	client := dynamodbstreams.New(dynamodbstreams.Options{
		Region: "us-east-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		RetryMaxAttempts: 1, Retryer: aws.NopRetryer{},
	})
	page, err := stream.Stream{Client: client, ARN: "arn:aws:dynamodb:us-east-1:000000000000:table/records/stream/1"}.Read(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Events) != 1 {
		t.Fatalf("%d events, want 1", len(page.Events))
	}
	got, changed, err := change.Decode(page.Events[0])
	if err != nil || !changed {
		t.Fatalf("changed %v, error %v; want a change", changed, err)
	}
	address := func(zip, town string) []any {
		return []any{map[string]any{"main": true, "zipCode": zip, "town": town}}
	}
	base := func(addresses []any) map[string]any {
		return map[string]any{
			"contactNumber": "4711", "contactId": json.Number("9007199254740993"), "role": "MEMBER", "addresses": addresses,
		}
	}
	want := change.Change{
		Key: change.Key{Organization: "sample", Entity: "contact", ID: "4711"}, Kind: change.Edit, Origin: "agent-console",
		Sequence: "400000000000000499659", At: time.Date(2026, 12, 1, 10, 0, 0, 250e6, time.UTC),
		Old: base(address("13001", "Marseille")), New: base(address("75011", "Paris")),
	}
	want.New["contactQualities"], want.New["endValidityDate"] = []any{"PRESS", "VIP"}, nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("change differs (-want +got):\n%s", diff)
	}
}

// TestDeployedFunctionsTakeTheSamples hands each sample to its function. Nobody is the sample's organization, so send and
// stop end its deliveries as cancelled, and report no message as failed. scan and dispatch are left to their schedule, which the
// other tests' times are measured by.
func TestDeployedFunctionsTakeTheSamples(t *testing.T) {
	w := open(t)
	for _, test := range []struct {
		function, sample string
		messages         bool
	}{
		{"send", "send.json", true},
		{"stop", "stop.json", true},
		{"configure", "minute.json", false},
	} {
		answer, err := w.stage.Invoke(t.Context(), test.function, sample(t, test.sample))
		if err != nil {
			t.Errorf("%s with %s: %v", test.function, test.sample, err)
			continue
		}
		var failures struct{ BatchItemFailures []any }
		if err := json.Unmarshal(answer, &failures); err != nil {
			t.Errorf("%s with %s answered %s: %v", test.function, test.sample, answer, err)
		}
		// An empty list is asked for: null would fail the whole batch.
		if listed := failures.BatchItemFailures != nil; listed != test.messages || len(failures.BatchItemFailures) != 0 {
			t.Errorf("%s with %s answered %s, want no failed message", test.function, test.sample, answer)
		}
	}
	for _, id := range []string{"06dc1t2k9m7x4vq8z3f5r1w0ab-00000", "06dc1t2k9m7x4vq8z3f5r1w0ab-00001"} {
		found, _, err := w.stage.Delivery(t.Context(), "sample", id)
		if err != nil {
			t.Fatal(err)
		}
		if found["status"] != "cancelled" {
			t.Errorf("delivery %s is %v, want cancelled: its interface does not exist", id, found["status"])
		}
	}
}
