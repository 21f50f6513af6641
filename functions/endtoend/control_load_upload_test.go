package endtoend_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// uploaded sends a file of the first contacts and logs what became of them.
func (o *operator) uploaded(contacts, bucket int) {
	o.Helper()
	name, path := fmt.Sprintf("file-%d", contacts), fmt.Sprintf("/in-%d", contacts)
	o.save(name, "contact-webhook-v2", path, fmt.Sprintf(`"details":["GENERAL"],"schedules":[{"name":"by hand","launch":"manual","batchSize":1000,"bucketSize":%d}]`, bucket))
	var file strings.Builder
	for i := range contacts {
		fmt.Fprintf(&file, "F%d\n", i)
	}
	runs := o.at("/interfaces/" + name + "/executions")
	before := memories(o.stage)
	begun := time.Now()
	id, _ := o.into(http.StatusAccepted, http.MethodPost, runs, file.String(), "Content-Type", "application/octet-stream")["id"].(string)
	answered := since(begun)
	after := memories(o.stage)
	done := o.finished(runs+"/"+id, begun)
	requests := receiver.At(o.receiver.Requests(), path)
	times := receiver.Times(requests)
	twice := 0
	for _, n := range times {
		if n > 1 {
			twice++
		}
	}
	if len(times) != contacts || counts(done, "numbers", "taken", "delivered") != fmt.Sprint(contacts, contacts, contacts) {
		o.Errorf("%d contacts of a file of %d arrived; the execution is %v", len(times), contacts, done)
	}
	first, last := requests[0].At, requests[0].At
	for _, r := range requests {
		if r.At.Before(first) {
			first = r.At
		}
		if r.At.After(last) {
			last = r.At
		}
	}
	dispatched, steps := o.dispatchRuns(begun)
	o.Logf("a file of %d (%d bytes), buckets of %d: 202 after %s; manage's peak %s before, %s after; first request after %s, last after %s, in %d requests; done after %s; %d came twice; %d dispatch runs made %d steps",
		contacts, file.Len(), bucket, answered, before, after, first.Sub(begun).Round(time.Millisecond), last.Sub(begun).Round(time.Millisecond),
		len(requests), since(begun), twice, dispatched, steps)
	o.receiver.Forget()
}

// finished waits until an execution is over, and logs how it comes along.
func (o *operator) finished(path string, begun time.Time) map[string]any {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), 20*time.Minute)
	defer cancel()
	var is map[string]any
	shown := time.Now()
	err := stage.Wait(ctx, "the execution's end", func() (bool, error) {
		time.Sleep(time.Second)
		is = o.into(http.StatusOK, http.MethodGet, path, "")
		if time.Since(shown) > 20*time.Second {
			shown = time.Now()
			o.Logf("after %s: taken, delivered, failed %s", since(begun), counts(is, "taken", "delivered", "failed"))
		}
		return is["status"] == "done", nil
	})
	if err != nil {
		o.Errorf("%v; it is %v", err, is)
	}
	return is
}

// memories are the peaks of the resident memory of the function manage's processes on this machine.
func memories(s *stage.Stage) string {
	var peaks []string
	processes, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, at := range processes {
		variables, err := os.ReadFile(at)
		if err != nil || !bytes.Contains(variables, []byte("AWS_LAMBDA_FUNCTION_NAME=crmhook-"+s.Outputs.Stage+"-manage\x00")) || !bytes.Contains(variables, []byte(s.Endpoint)) {
			continue
		}
		status, _ := os.ReadFile(filepath.Join(filepath.Dir(at), "status"))
		if _, rest, ok := strings.Cut(string(status), "VmHWM:"); ok {
			peak, _, _ := strings.Cut(rest, "\n")
			peaks = append(peaks, strings.TrimSpace(peak))
		}
	}
	return "[" + strings.Join(peaks, ", ") + "]"
}

// dispatchRuns are the runs of dispatch that did something of jobs since a time, by its log, and how many steps they took.
func (o *operator) dispatchRuns(begun time.Time) (runs, steps int) {
	o.Helper()
	asked, _ := json.Marshal(map[string]any{"logGroupName": "/aws/lambda/crmhook-" + o.stage.Outputs.Stage + "-dispatch", "startTime": begun.UnixMilli(), "filterPattern": "dispatched"})
	request, err := http.NewRequestWithContext(o.Context(), http.MethodPost, o.stage.Endpoint, bytes.NewReader(asked))
	if err != nil {
		o.Fatal(err)
	}
	request.Header.Set("X-Amz-Target", "Logs_20140328.FilterLogEvents")
	request.Header.Set("Content-Type", "application/x-amz-json-1.1")
	sum := sha256.Sum256(asked)
	if err := v4.NewSigner().SignHTTP(o.Context(), aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, request, hex.EncodeToString(sum[:]), "logs", "us-east-1", time.Now()); err != nil {
		o.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		o.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var found struct{ Events []struct{ Message string } }
	if err := json.NewDecoder(response.Body).Decode(&found); err != nil {
		o.Logf("the log of dispatch cannot be read: %v", err)
	}
	for _, e := range found.Events {
		var line struct {
			Msg   string `json:"msg"`
			Steps int    `json:"job_steps"`
		}
		if json.Unmarshal([]byte(e.Message), &line) == nil && line.Msg == "dispatched" && line.Steps > 0 {
			runs, steps = runs+1, steps+line.Steps
		}
	}
	return runs, steps
}
