package contact_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"crmhook/shared/contact"
)

// typical is a contact with five addresses and forty fields, about 2.5 KB of JSON.
func typical() map[string]any {
	data := full()
	var addresses []any
	for range 5 {
		addresses = append(addresses, map[string]any{
			"contactAddressId": json.Number("900719925474099312"), "name": "home", "main": true, "billingAddress": false,
			"street1": "12, rue de l'Hôpital", "zipCode": "13001", "town": "Marseille", "countryCode": "FR",
			"normalizationState": "NORMALIZED", "normalizationRating": json.Number("98"),
		})
	}
	data["addresses"] = addresses
	for i := range 12 {
		data["custom"+strings.Repeat("x", i)] = "a value of some length, as people write them"
	}
	return data
}

func BenchmarkSelect(b *testing.B) {
	data := typical()
	b.ReportAllocs()
	for b.Loop() {
		contact.Select("4711", data, contact.General|contact.Addresses)
	}
}

// BenchmarkAppendJSON compares the writer with encoding/json on the same contact.
func BenchmarkAppendJSON(b *testing.B) {
	data := contact.Select("4711", typical(), contact.All)
	b.Run("crmhook", func(b *testing.B) {
		var buffer []byte
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if buffer, err = contact.AppendJSON(buffer[:0], data); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(len(buffer)))
	})
	b.Run("encoding-json", func(b *testing.B) {
		var buffer bytes.Buffer
		encoder := json.NewEncoder(&buffer)
		encoder.SetEscapeHTML(false)
		b.ReportAllocs()
		for b.Loop() {
			buffer.Reset()
			if err := encoder.Encode(data); err != nil {
				b.Fatal(err)
			}
		}
		b.SetBytes(int64(buffer.Len()))
	})
}
