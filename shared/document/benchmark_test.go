package document_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"

	"crmhook/shared/document"
)

// BenchmarkParse reads an order strictly; the reference reads it with encoding/json, which takes doubled names, numbers and
// depths that cannot be kept.
func BenchmarkParse(b *testing.B) {
	text, err := os.ReadFile("../../events/shopify-order-insert.json")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("strict", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, faults, err := document.Parse(text); err != nil || len(faults) > 0 {
				b.Fatal(faults, err)
			}
		}
	})
	b.Run("reference", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			var value any
			decoder := json.NewDecoder(bytes.NewReader(text))
			decoder.UseNumber()
			if err := decoder.Decode(&value); err != nil {
				b.Fatal(err)
			}
		}
	})
}
