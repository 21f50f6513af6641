package platform_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"crmhook/shared/platform"
	"crmhook/shared/trigger"
)

// BenchmarkPlan checks a customer of Shopify at the door, or plans what becomes of it; the reference only decodes the same
// body into a map.
func BenchmarkPlan(b *testing.B) {
	body, err := os.ReadFile("../../events/shopify-customer-update.json")
	if err != nil {
		b.Fatal(err)
	}
	action, _ := platform.Find("shopify", "customer", "update")
	t := trigger.Trigger{Organization: "demo", Platform: "Shopify", Entity: "Customer", Action: "Update", SourceID: 3, At: time.Now(), Body: body}
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			if _, faults := action.Plan(t); len(faults) > 0 {
				b.Fatal(faults)
			}
		}
	})
	b.Run("reference", func(b *testing.B) {
		for b.Loop() {
			var value map[string]any
			if err := json.Unmarshal(body, &value); err != nil {
				b.Fatal(err)
			}
		}
	})
}
