package precondition

import (
	"fmt"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`*`:                       "*",
		` * `:                     "*",
		`"a"`:                     `strong "a"`,
		`W/"a"`:                   `weak "a"`,
		`"a", W/"b" ,"c"`:         `strong "a" "c" weak "b"`,
		`,"a",, ,"b",`:            `strong "a" "b"`,
		`"a,b"`:                   `strong "a,b"`,
		`""`:                      `strong ""`,
		"\"\xe9\"":                "strong \"\xe9\"",
		`"W/"`:                    `strong "W/"`,
		``:                        "wrong",
		` , `:                     "wrong",
		`a`:                       "wrong",
		`"a`:                      "wrong",
		`"a"b"`:                   "wrong",
		`"a" "b"`:                 "wrong",
		`*,"a"`:                   "wrong",
		`"a",*`:                   "wrong",
		`w/"a"`:                   "wrong",
		`W/ "a"`:                  "wrong",
		`"a b"`:                   "wrong",
		"\"a\x7f\"":               "wrong",
		strings.Repeat(`"a",`, 2): `strong "a" "a"`,
	} {
		if got := describeTags(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func describeTags(text string) string {
	list, ok := parse(text)
	switch {
	case !ok:
		return "wrong"
	case list.any:
		return "*"
	}
	var said []string
	if len(list.strong) > 0 {
		said = append(said, "strong "+strings.Join(list.strong, " "))
	}
	if len(list.weak) > 0 {
		said = append(said, "weak "+strings.Join(list.weak, " "))
	}
	return strings.Join(said, " ")
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{`*`, `"a", W/"b"`, `"`, `W/`, ",", `"a""b"`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, ok := parse(text)
		if !ok || list.any {
			return
		}
		written := strings.Join(list.strong, ",")
		for _, tag := range list.weak {
			written += ",W/" + tag
		}
		again, ok := parse(written)
		if !ok || fmt.Sprint(*again) != fmt.Sprint(*list) {
			t.Errorf("%q is read as %v, written as %q and read as %v", text, *list, written, again)
		}
	})
}
