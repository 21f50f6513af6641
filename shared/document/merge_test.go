package document_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/document"
)

// TestMerge holds the examples of RFC 7396, appendix A, each as a member: what it says of whole documents holds of those.
func TestMerge(t *testing.T) {
	t.Parallel()
	tests := []struct{ target, patch, want string }{
		{`{"a":"b"}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"b"}`, `{"b":"c"}`, `{"a":"b","b":"c"}`},
		{`{"a":"b"}`, `{"a":null}`, `{}`},
		{`{"a":"b","b":"c"}`, `{"a":null}`, `{"b":"c"}`},
		{`{"a":["b"]}`, `{"a":"c"}`, `{"a":"c"}`},
		{`{"a":"c"}`, `{"a":["b"]}`, `{"a":["b"]}`},
		{`{"a":{"b":"c"}}`, `{"a":{"b":"d","c":null}}`, `{"a":{"b":"d"}}`},
		{`{"a":[{"b":"c"}]}`, `{"a":[1]}`, `{"a":[1]}`},
		{`["a","b"]`, `["c","d"]`, `["c","d"]`},
		{`{"a":"b"}`, `["c"]`, `["c"]`},
		{`{"a":"foo"}`, `"bar"`, `"bar"`},
		{`{"e":null}`, `{"a":1}`, `{"e":null,"a":1}`},
		{`[1,2]`, `{"a":"b","c":null}`, `{"a":"b"}`},
		{`{}`, `{"a":{"bb":{"ccc":null}}}`, `{"a":{"bb":{}}}`},
		{`{"a":1}`, `{}`, `{"a":1}`},
		{`{"a":1}`, `[null,{"b":null}]`, `[null,{"b":null}]`},
	}
	for _, test := range tests {
		target := map[string]any{"x": parsed(t, test.target), "kept": true}
		patch := map[string]any{"x": parsed(t, test.patch)}
		before := document.Clone([]any{target, patch})
		got := document.Merge(target, patch)
		if diff := cmp.Diff(map[string]any{"x": parsed(t, test.want), "kept": true}, got); diff != "" {
			t.Errorf("%s with %s (-want +got):\n%s", test.target, test.patch, diff)
		}
		if diff := cmp.Diff(before, any([]any{target, patch})); diff != "" {
			t.Errorf("%s with %s changed its arguments:\n%s", test.target, test.patch, diff)
		}
	}
}

func TestMergeIntoNothing(t *testing.T) {
	t.Parallel()
	got := document.Merge(nil, map[string]any{"a": nil, "b": "c"})
	if diff := cmp.Diff(map[string]any{"b": "c"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := document.Merge(nil, nil); got == nil || len(got) != 0 {
		t.Errorf("nothing with nothing is %v, want an empty object", got)
	}
}

func TestCloneSharesNothing(t *testing.T) {
	t.Parallel()
	original := map[string]any{"list": []any{map[string]any{"a": "b"}}, "binary": []byte{1}, "none": nil}
	kept := map[string]any{"list": []any{map[string]any{"a": "b"}}, "binary": []byte{1}, "none": nil}
	cloned, _ := document.Clone(original).(map[string]any)
	if diff := cmp.Diff(original, cloned); diff != "" {
		t.Fatalf("clone differs (-want +got):\n%s", diff)
	}
	original["list"].([]any)[0].(map[string]any)["a"] = "changed"
	original["binary"].([]byte)[0] = 2
	original["none"] = 1
	if diff := cmp.Diff(kept, cloned); diff != "" {
		t.Errorf("changed with the original (-want +got):\n%s", diff)
	}
}
