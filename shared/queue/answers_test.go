package queue_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/queue"
)

type entry struct {
	ID                string `json:"Id"`
	ReceiptHandle     string
	VisibilityTimeout int
	MessageBody       string
	MessageGroupID    string `json:"MessageGroupId"`
}

// answering is a queue on a server that refuses entries as refuse says (the code and whether it is the sender's fault; ""
// takes the entry) and notes all of them. No emulator refuses part of a batch.
func answering(t *testing.T, refuse func(entry) (code string, fault bool)) (queue.Queue, *[]entry) {
	t.Helper()
	var all []entry
	var mu sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var request struct{ Entries []entry }
		if err := json.NewDecoder(r.Body).Decode(&request); err != nil {
			t.Error(err)
		}
		mu.Lock()
		defer mu.Unlock()
		successful, failed := []map[string]any{}, []map[string]any{}
		for _, e := range request.Entries {
			if all = append(all, e); e.ID == "" {
				t.Error("an entry has no id")
			}
			if code, fault := refuse(e); code != "" {
				failed = append(failed, map[string]any{"Id": e.ID, "Code": code, "Message": "the reason of " + code, "SenderFault": fault})
				continue
			}
			successful = append(successful, map[string]any{"Id": e.ID, "MessageId": "m" + e.ID})
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		if err := json.NewEncoder(w).Encode(map[string]any{"Successful": successful, "Failed": failed}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	client := sqs.New(sqs.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1", DisableMessageChecksumValidation: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return queue.New(client, server.URL+"/000000000000/queue"), &all
}

func TestRefusedEntries(t *testing.T) {
	t.Parallel()
	q, all := answering(t, func(e entry) (string, bool) {
		if strings.HasPrefix(e.MessageBody, "bad") {
			return "InternalError", false
		}
		return "", false
	})
	bodies, want := make([]string, 12), make([]bool, 12)
	for i := range bodies {
		bodies[i], want[i] = "good", true
	}
	bodies[3], bodies[11], want[3], want[11] = "bad", "bad too", false, false
	sent, err := q.SendText(t.Context(), "demo#crm", bodies)
	if err == nil || strings.Count(err.Error(), "the reason of InternalError") != 2 {
		t.Errorf("error is %v, want the reason of each batch", err)
	}
	if diff := cmp.Diff(want, sent); diff != "" || len(*all) != len(bodies) {
		t.Errorf("%d entries were sent, answers differ (-want +got):\n%s", len(*all), diff)
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	q, all := answering(t, func(entry) (string, bool) { return "", false })
	if _, err := q.SendEach(t.Context(), []string{"demo/a", "", "demo/b"}, []any{1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	if _, err := q.Send(t.Context(), "demo/c", []any{4, 5}); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range *all {
		got[e.MessageBody] = e.MessageGroupID
	}
	if diff := cmp.Diff(map[string]string{"1": "demo/a", "2": "", "3": "demo/b", "4": "demo/c", "5": "demo/c"}, got); diff != "" {
		t.Errorf("groups differ (-want +got):\n%s", diff)
	}
}

func TestHideKeepsWithinSQSBounds(t *testing.T) {
	t.Parallel()
	q, all := answering(t, func(entry) (string, bool) { return "", false })
	err := q.Hide(t.Context(), map[string]time.Duration{
		"at once": 0, "negative": -time.Hour, "rounded": 1600 * time.Millisecond, "hour": time.Hour, "longest": 12 * time.Hour, "longer": 300 * time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range *all {
		got[e.ReceiptHandle] = e.VisibilityTimeout
	}
	const longest = 12*3600 - 15*60 // SQS counts twelve hours from the receive.
	want := map[string]int{"at once": 0, "negative": 0, "rounded": 2, "hour": 3600, "longest": longest, "longer": longest}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("seconds differ (-want +got):\n%s", diff)
	}
}

func TestHidePassesOverWhatIsGone(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		code  string
		fault bool
		want  bool
	}{{"ReceiptHandleIsInvalid", true, false}, {"MessageNotInflight", true, false}, {"InternalError", false, true}} {
		t.Run(tt.code, func(t *testing.T) {
			t.Parallel()
			q, _ := answering(t, func(e entry) (string, bool) {
				if e.ReceiptHandle == "other" {
					return "", false
				}
				return tt.code, tt.fault
			})
			err := q.Hide(t.Context(), map[string]time.Duration{"this": time.Second, "other": time.Second})
			if (err != nil) != tt.want || err != nil && !strings.Contains(err.Error(), tt.code) {
				t.Errorf("error is %v, want one: %v", err, tt.want)
			}
		})
	}
}
