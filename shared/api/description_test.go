package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/api"
)

var update = flag.Bool("update", false, "write the golden file")

const golden = "testdata/openapi.json"

func TestTheAPIDescribesItself(t *testing.T) {
	t.Parallel()
	w := open(t)
	got := w.do("GET", "/openapi.json", "", "Authorization: none").is(http.StatusOK)
	if got.header.Get("Content-Type") != "application/openapi+json" {
		t.Errorf("got %s", got.header.Get("Content-Type"))
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, got.body, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if *update {
		if err := os.WriteFile(golden, indented.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), indented.String()); diff != "" {
		t.Errorf("the description changed (-want +got); -update writes it:\n%s", diff)
	}
}

// TestEveryOperationIsDescribed asks each operation without a token: the description must know the answer.
func TestEveryOperationIsDescribed(t *testing.T) {
	t.Parallel()
	w := open(t)
	described := w.do("GET", "/openapi.json", "").object()
	count := 0
	for path, item := range described["paths"].(map[string]any) {
		for method, operation := range item.(map[string]any) {
			count++
			method, fields := strings.ToUpper(method), operation.(map[string]any)
			got := w.do(method, strings.NewReplacer("{", "a", "}", "").Replace(path), "", "Authorization: none")
			responses := fields["responses"].(map[string]any)
			if got.status != http.StatusUnauthorized || responses["401"] == nil || responses["503"] == nil {
				t.Errorf("%s %s: got %d without a token, described are %v", method, path, got.status, responses)
			}
			if fields["summary"] == nil || fields["operationId"] == nil || fields["security"] == nil {
				t.Errorf("%s %s lacks a summary, an id or its security", method, path)
			}
			if (method == "PUT" || method == "PATCH" || method == "POST") && fields["requestBody"] == nil {
				t.Errorf("%s %s describes no body", method, path)
			}
		}
	}
	if count != 10 {
		t.Errorf("%d operations are described, want 10", count)
	}
	for _, reference := range references(described) {
		var found any = described
		for step := range strings.SplitSeq(strings.TrimPrefix(reference, "#/"), "/") {
			found = found.(map[string]any)[step]
		}
		if found == nil {
			t.Errorf("%s is not in the description", reference)
		}
	}
}

// references are all that $ref names.
func references(value any) []string {
	var list []string
	switch v := value.(type) {
	case []any:
		for _, item := range v {
			list = append(list, references(item)...)
		}
	case map[string]any:
		for name, item := range v {
			if text, ok := item.(string); ok && name == "$ref" {
				list = append(list, text)
			}
			list = append(list, references(item)...)
		}
	}
	return list
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		api.New(api.Config{})
	}
}
