package upload_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"crmhook/shared/change"
	"crmhook/shared/upload"
)

// FuzzParse: whatever the file, numbers are valid and distinct, and what is refused has a line of the file and a reason.
func FuzzParse(f *testing.F) {
	for _, file := range []string{
		"", "1\n2\n2\n", "contactNumber;n\r\n1;\"a\"\"\r\nb\"\r\n\"2\"x;y\r\n", "\ufeffcontactNumber\t\n1", "\xff\xfe1\x00\n\x00=\xd8", "\xfe\xff\x001", "a,b\n",
		"x,contactNumber\n\"", "R\xe9n\n", "\"\n1", "\r\r\n", "PK\x03\x04",
	} {
		f.Add([]byte(file))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		got, faults := upload.Parse(file)
		if faults != nil && (got.Numbers != nil || got.Refused != 0) {
			t.Fatalf("faults %v and contents", faults)
		}
		seen := map[string]bool{}
		for _, number := range got.Numbers {
			if seen[number] || change.CheckID(change.Contact, number) != nil || !utf8.ValidString(number) || strings.TrimSpace(number) != number {
				t.Errorf("%q is taken as a number", number)
			}
			seen[number] = true
		}
		// A line of the file takes a byte at least, and the last one none.
		lines := len(file) + 1
		if len(got.Numbers)+got.Refused > lines || len(got.Refusals) != min(got.Refused, upload.MostRefusals) {
			t.Errorf("%d numbers, %d refused, %d kept of %d lines", len(got.Numbers), got.Refused, len(got.Refusals), lines)
		}
		last := 0
		for _, r := range got.Refusals {
			if r.Line < 1 || r.Line > lines || r.Line < last || r.Reason == "" || len(r.Value) > 80 || !utf8.ValidString(r.Value) {
				t.Errorf("refusal %+v after line %d", r, last)
			}
			last = r.Line
		}
	})
}

// wide is a CSV of 100,000 lines.
func wide() []byte {
	file := []byte("name;contactNumber;mail\r\n")
	for i := range 100_000 {
		file = fmt.Appendf(file, "\"Ann; Bo\";C%07d;a@b.example\r\n", i)
	}
	return file
}

func BenchmarkParse(b *testing.B) {
	for name, file := range map[string][]byte{"list": list(100_000), "CSV": wide()} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if got, faults := upload.Parse(file); faults != nil || len(got.Numbers) != 100_000 {
					b.Fatal(faults, len(got.Numbers))
				}
			}
		})
	}
}

// BenchmarkReference is what reading the same CSV with encoding/csv costs, without a check of what it holds.
func BenchmarkReference(b *testing.B) {
	file := wide()
	b.ReportAllocs()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		r := csv.NewReader(bytes.NewReader(file))
		r.Comma, r.ReuseRecord = ';', true
		seen, numbers := map[string]bool{}, []string(nil)
		for {
			record, err := r.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if number := strings.Clone(record[1]); !seen[number] {
				seen[number] = true
				numbers = append(numbers, number)
			}
		}
		if len(numbers) != 100_001 {
			b.Fatal(len(numbers))
		}
	}
}
