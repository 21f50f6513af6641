package apply_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"crmhook/shared/access"
	"crmhook/shared/apply"
)

// What ten triggers of one batch cost, in calls to AWS. The ledger's are shared; each trigger reads and writes its own
// records.
func TestCallsOfABatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		action, body string
		most         int
	}{
		// A read and a write of the record.
		{"Shopify/Product/Update", `{"id":%d,"updated_at":"2026-12-01T10:00:00Z"}`, 2},
		// A look into the directory, and the new contact with its claim; its entries of the directory.
		{"Shopify/Customer/Insert", `{"id":%d,"updated_at":"2026-12-01T10:00:00Z","email":"c%[1]d@example.com"}`, 3},
		// A look by e-mail besides, and the event's message.
		{"Adictiz/User/Participate", `{"email":"c%d@example.com","campaign":"game"}`, 3},
	} {
		w := open(t)
		w.out.sources["Shopify"] = access.Source{Organization: organization, Name: "Shopify"}
		var messages []apply.Message
		for i := range 10 {
			messages = append(messages, w.message(w.trigger(test.action, fmt.Sprintf(test.body, i+1)), 1))
		}
		failed, err := w.handler.Handle(t.Context(), messages)
		if err != nil || len(failed) > 0 {
			t.Fatalf("%s: failed %v, error %v", test.action, failed, err)
		}
		own := sum(w.records.Calls) + sum(w.directory.Calls) + sum(w.creates.Calls)
		shared := sum(w.triggers.Calls)
		t.Logf("%s: %.1f calls a trigger for records and directory %v %v %v, %d a batch for the ledger",
			test.action, float64(own)/10, w.records.Calls, w.directory.Calls, w.creates.Calls, shared)
		if own > 10*test.most || shared > 2 {
			t.Errorf("%s: %d calls for ten, %d for the ledger; at most %d and 2", test.action, own, shared, 10*test.most)
		}
	}
}

func sum(calls map[string]int) int {
	n := 0
	for _, name := range slices.Collect(maps.Keys(calls)) {
		n += calls[name]
	}
	return n
}
