package control_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/api"
	"crmhook/shared/control"
	"crmhook/shared/manage"
)

var update = flag.Bool("update", false, "write the golden file")

const golden = "testdata/openapi.json"

// described is the description of all that is answered at one address.
func described(t *testing.T) []byte {
	t.Helper()
	handler := api.New(api.Config{Log: slog.New(slog.DiscardHandler), Now: time.Now, Describers: []func(*huma.OpenAPI){control.Describe}})
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	if recorder.Code != http.StatusOK {
		t.Fatalf("got %d %s", recorder.Code, recorder.Body)
	}
	return recorder.Body.Bytes()
}

func TestTheWholeAPIIsDescribed(t *testing.T) {
	t.Parallel()
	var indented bytes.Buffer
	if err := json.Indent(&indented, described(t), "", "  "); err != nil {
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

// ours are the operations of the description that are answered here.
func ours(t *testing.T, text []byte) map[string]map[string]map[string]any {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]map[string]any
	}
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	for path := range doc.Paths {
		if !strings.HasPrefix(path, "/organizations/") || strings.Contains(path, "/records/") {
			delete(doc.Paths, path)
		}
	}
	return doc.Paths
}

// TestEveryOperationIsAnswered asks each operation without a token: the description must know the answer.
func TestEveryOperationIsAnswered(t *testing.T) {
	t.Parallel()
	w := open(t, &manage.Handler{})
	text, count := described(t), 0
	for path, item := range ours(t, text) {
		for method, operation := range item {
			count++
			method = strings.ToUpper(method)
			got := w.do(method, strings.NewReplacer("{", "a", "}", "").Replace(path), "", "Authorization: none")
			responses := operation["responses"].(map[string]any)
			for _, status := range []string{"400", "401", "403", "405", "422", "429", "500", "503"} {
				if responses[status] == nil {
					t.Errorf("%s %s does not describe %s", method, path, status)
				}
			}
			if got.status != http.StatusUnauthorized || got.header.Get("WWW-Authenticate") == "" {
				t.Errorf("%s %s: got %d without a token", method, path, got.status)
			}
			if operation["summary"] == nil || operation["operationId"] == nil || operation["security"] == nil || operation["description"] == nil {
				t.Errorf("%s %s lacks a summary, a description, an id or its security", method, path)
			}
			if (operation["requestBody"] != nil) != (responses["413"] != nil) {
				t.Errorf("%s %s has a body or 413, but not both", method, path)
			}
		}
	}
	if count != 29 {
		t.Errorf("%d operations are described, want 29", count)
	}
	for _, reference := range strings.Split(string(text), `"$ref":"#/components/schemas/`)[1:] {
		if name, _, _ := strings.Cut(reference, `"`); !strings.Contains(string(text), `"`+name+`":{`) {
			t.Errorf("the schema %s is not described", name)
		}
	}
}

// TestEverythingIsSaidInWords looks at each answer and each field of the description, also of what is answered beside this.
func TestEverythingIsSaidInWords(t *testing.T) {
	t.Parallel()
	var doc any
	if err := json.Unmarshal(described(t), &doc); err != nil {
		t.Fatal(err)
	}
	answers, fields := 0, 0
	everywhere(doc, "", func(path string, object map[string]any) {
		responses, _ := object["responses"].(map[string]any)
		for status, response := range responses {
			answers++
			code, _ := strconv.Atoi(status)
			is, _ := response.(map[string]any)["description"].(string)
			if is == "" || is == http.StatusText(code) {
				t.Errorf("%s: %s says %q, no more than the status", path, status, is)
			}
			headers, _ := response.(map[string]any)["headers"].(map[string]any)
			if later := code == http.StatusTooManyRequests || code == http.StatusServiceUnavailable || strings.Contains(is, "Retry-After"); later != (headers["Retry-After"] != nil) {
				t.Errorf("%s: %s has Retry-After: %t", path, status, !later)
			}
			if code == http.StatusNotModified && headers["ETag"] == nil {
				t.Errorf("%s: %s lacks its ETag", path, status)
			}
		}
		properties, _ := object["properties"].(map[string]any)
		for name, schema := range properties {
			fields++
			is, ok := schema.(map[string]any)
			if ok && is["description"] == nil && is["$ref"] == nil {
				t.Errorf("%s: nothing is said of %s", path, name)
			}
		}
	})
	if answers < 300 || fields < 150 {
		t.Errorf("looked at %d answers and %d fields", answers, fields)
	}
}

// everywhere looks at all objects of a JSON value.
func everywhere(value any, path string, look func(path string, object map[string]any)) {
	switch is := value.(type) {
	case map[string]any:
		look(path, is)
		for name, member := range is {
			everywhere(member, path+"/"+name, look)
		}
	case []any:
		for i, item := range is {
			everywhere(item, fmt.Sprint(path, "/", i), look)
		}
	}
}

// TestTheDescriptionIsMadeWhenItIsAskedFor has a start cost nothing more.
func TestTheDescriptionIsMadeWhenItIsAskedFor(t *testing.T) {
	t.Parallel()
	calls := 0
	handler := api.New(api.Config{
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Describers: []func(*huma.OpenAPI){func(doc *huma.OpenAPI) { calls++; control.Describe(doc) }},
	})
	if calls != 0 {
		t.Fatal("the description was made at the start")
	}
	for range 2 {
		handler.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/openapi.json", nil))
	}
	if calls != 1 {
		t.Errorf("the description was made %d times, want once", calls)
	}
}

func BenchmarkNew(b *testing.B) {
	for b.Loop() {
		control.New(control.Config{})
	}
}
