package main

import "testing"

// TestLimits holds the template, not the constants, to what one delivery needs. The numbers here are what is promised: an
// interface's timeout is up to 120 s, a claim outlives its request by 15 s, a body has up to 5 MiB, a batch ten messages.
func TestLimits(t *testing.T) {
	found := resources(t, synthesize(t, nil))
	number := func(id, property string) float64 {
		t.Helper()
		value, ok := found[id].Properties[property].(float64)
		if !ok {
			t.Fatalf("%s.%s is %v, want a number", id, property, found[id].Properties[property])
		}
		return value
	}
	const (
		request, claim = 120, 120 + 15
		day            = 24 * 60 * 60
		longest        = 12 * 42_000 // 13 attempts at the longest retry delay
	)
	bodies := 10 * 5 * (1 + 8) * 2.0
	for _, test := range []struct {
		what             string
		got, least, most float64
	}{
		{"send's timeout: a request, its claim and 15 s of work", number("Send", "Timeout"), claim + 15, 900},
		{"deliveries' visibility: send's timeout and a margin, minutes at most", number("Deliveries", "VisibilityTimeout"), number("Send", "Timeout") + 15, 300},
		{"deliveries' visibility: the claim of a sender that died is over", number("Deliveries", "VisibilityTimeout"), claim + 1, 300},
		{"slow's visibility is the same", number("Slow", "VisibilityTimeout"), number("Deliveries", "VisibilityTimeout"), number("Deliveries", "VisibilityTimeout")},
		{"send's memory: ten bodies with their records, garbage, the batch, the program", number("Send", "MemorySize"), bodies + 2*6 + 64, 2048},
		{"batch of deliveries", number("SendDeliveries", "BatchSize"), 10, 10},
		{"batch of slow", number("SendSlow", "BatchSize"), 10, 10},
		{"stopped's visibility: six times stop's timeout", number("Stopped", "VisibilityTimeout"), 6 * number("Stop", "Timeout"), 900},
		{"scan may linger 58 s and has 5 s to end", number("Scan", "Timeout"), 58 + 5, 70},
		{"dispatch may linger 58 s and has 5 s to end", number("Dispatch", "Timeout"), 58 + 5, 70},
		{"configure may linger 58 s and has 5 s to end", number("Configure", "Timeout"), 58 + 5, 70},
		{"deliveries are kept longer than the longest one takes", number("Deliveries", "MessageRetentionPeriod"), longest + 3*day, 10 * day},
		{"stopped ones are kept longer, as they keep the time they were first sent", number("Stopped", "MessageRetentionPeriod"), number("Deliveries", "MessageRetentionPeriod") + 4*day, 14 * day},
		{"inbound ends before the API stops waiting", number("Inbound", "Timeout"), 20, number("ApiInbound", "TimeoutInMillis")/1000 - 1},
		{"the API waits as long as it can", number("ApiInbound", "TimeoutInMillis"), 29_000, 30_000},
		{"inbound's memory: a request of 6 MiB, as much of DynamoDB as one call answers, garbage, the program", number("Inbound", "MemorySize"), 2*6 + (6+16)*(1+8)*2 + 64, 1024},
		{"apply's timeout: hundreds of contacts, 20 ms each", number("Apply", "Timeout"), 1000 * 0.02, 120},
		{"triggers' visibility: apply's timeout and a margin, minutes at most", number("Triggers", "VisibilityTimeout"), number("Apply", "Timeout") + 30, 300},
		{"bulk triggers' visibility is the same", number("BulkTriggers", "VisibilityTimeout"), number("Triggers", "VisibilityTimeout"), number("Triggers", "VisibilityTimeout")},
		{"apply's memory: ten messages with a record each, garbage, the batch, the program", number("Apply", "MemorySize"), 10*(1+0.4)*(1+8)*2 + 2*6 + 64, 1024},
		{"manage ends before the API stops waiting", number("Manage", "Timeout"), 20, number("ApiManage", "TimeoutInMillis")/1000 - 1},
		{"manage's memory: a file, or a page of deliveries, garbage, the program", number("Manage", "MemorySize"), 2*6 + (4*3+200*0.4)*2 + 64, 1024},
		{"batch of triggers", number("ApplyTriggers", "BatchSize"), 10, 10},
		{"batch of bulk triggers", number("ApplyBulkTriggers", "BatchSize"), 10, 10},
		{"dead triggers are kept longer", number("TriggersDeadLetters", "MessageRetentionPeriod"), number("Triggers", "MessageRetentionPeriod") + 4*day, 14 * day},
	} {
		if test.got < test.least || test.got > test.most {
			t.Errorf("%s: %v, want %v to %v", test.what, test.got, test.least, test.most)
		}
	}
	if number("Send", "Timeout") <= request {
		t.Error("send ends before its longest request")
	}
}

func TestRedrive(t *testing.T) {
	found := resources(t, synthesize(t, nil))
	for _, test := range []struct {
		queue, to string
		receives  float64
	}{
		{"Deliveries", "Stopped", 13},
		{"Slow", "Stopped", 13},
		{"Stopped", "StopDeadLetters", 23},
		{"Triggers", "TriggersDeadLetters", 5},
		{"BulkTriggers", "BulkTriggersDeadLetters", 5},
	} {
		policy, _ := found[test.queue].Properties["RedrivePolicy"].(map[string]any)
		if got := render(policy["deadLetterTargetArn"]); got != test.to || policy["maxReceiveCount"] != test.receives {
			t.Errorf("%s: redrive to %s after %v, want %s after %v", test.queue, got, policy["maxReceiveCount"], test.to, test.receives)
		}
	}
}
