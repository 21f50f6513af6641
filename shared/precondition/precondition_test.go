package precondition_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/fault"
	"crmhook/shared/precondition"
)

// header is the values of a header that was sent, nil for "".
func header(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	const tag = `"7-a"`
	for _, c := range []struct {
		match, noneMatch string
		exists           bool
		want             precondition.Failure
	}{
		{"", "", true, precondition.None},
		{"*", "", true, precondition.None},
		{"*", "", false, precondition.Match},
		{tag, "", true, precondition.None},
		{tag, "", false, precondition.Match},
		{`"other",` + tag, "", true, precondition.None},
		{"W/" + tag, "", true, precondition.Match},
		{`"other"`, "", true, precondition.Match},
		{"", "*", true, precondition.NoneMatch},
		{"", "*", false, precondition.None},
		{"", tag, true, precondition.NoneMatch},
		{"", "W/" + tag, true, precondition.NoneMatch},
		{"", `"other"`, true, precondition.None},
		{"", `"other"`, false, precondition.None},
		{tag, `"other"`, true, precondition.None},
		{tag, tag, true, precondition.NoneMatch},
		{`"other"`, tag, true, precondition.Match},
	} {
		var faults fault.List
		conditions := precondition.Read(header(c.match), header(c.noneMatch), &faults)
		if got := conditions.Check(c.exists, tag); got != c.want || len(faults) > 0 {
			t.Errorf("If-Match %q, If-None-Match %q, there %t: %v, faults %v; want %v", c.match, c.noneMatch, c.exists, got, faults, c.want)
		}
		if got, want := conditions.Given(), c.match+c.noneMatch != ""; got != want {
			t.Errorf("If-Match %q, If-None-Match %q: given %t, want %t", c.match, c.noneMatch, got, want)
		}
	}
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{`"a"`: true, `W/"a"`: true, `*`: true, `"b"`: false, ``: false} {
		if got := precondition.Read(nil, header(text), nil).Known(`"a"`); got != want {
			t.Errorf("If-None-Match %s: known %t, want %t", text, got, want)
		}
	}
}

func TestMatchOnly(t *testing.T) {
	t.Parallel()
	conditions := precondition.Read(header(`"a"`), header("*"), nil).MatchOnly()
	if got := conditions.Check(true, `"a"`); got != precondition.None {
		t.Errorf("the matching state: %v, want none", got)
	}
	if got := conditions.Check(true, `"b"`); got != precondition.Match {
		t.Errorf("another state: %v, want Match", got)
	}
}

func TestFaultsOfBothHeaders(t *testing.T) {
	t.Parallel()
	var faults fault.List
	precondition.Read([]string{strings.Repeat("é", 50)}, []string{"a", "\xff"}, &faults)
	const rule = "must be * or a list of entity tags in double quotes, as ETag gave them"
	want := fault.List{
		{Location: "header.If-Match", Message: rule, Value: strings.Repeat("é", 40) + "…"},
		{Location: "header.If-None-Match", Message: rule, Value: "a,\ufffd"},
	}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
