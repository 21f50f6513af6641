package page_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"crmhook/shared/page"
)

func TestACursorHoldsForItsList(t *testing.T) {
	t.Parallel()
	list := []string{"deliveries", "demo", "crm", ""}
	for _, position := range []string{"0000000000001#e1-00000", "x", "Zoë 👩‍👩‍👧 #/", strings.Repeat("é", 1000)} {
		cursor := page.Cursor(list, position)
		if got, ok := page.Position(list, cursor); !ok || got != position {
			t.Errorf("%.20q comes back as %.20q, %v", position, got, ok)
		}
		if strings.Trim(cursor, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("cursor %q has to be escaped in a URL", cursor)
		}
		for _, other := range [][]string{
			{"deliveries", "demo2", "crm", ""},
			{"executions", "demo", "crm", ""},
			{"deliveries", "demo", "", "crm"},
			{"deliveries", "demo", "crm"},
			{"deliveriesdemo", "crm", ""},
			{"deliveries", "demo", "crm", "", ""},
			nil,
		} {
			if got, ok := page.Position(other, cursor); ok {
				t.Errorf("the list %q takes the cursor of %q for %.20q", other, list, got)
			}
		}
	}
}

func TestWhatIsNoCursor(t *testing.T) {
	t.Parallel()
	list := []string{"deliveries", "demo"}
	cursor := page.Cursor(list, "0000000000001#e1-00000")
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		t.Fatal(err)
	}
	changed := append([]byte(nil), raw...)
	changed[len(changed)-1]++
	for _, text := range []string{
		"", "x", "=", cursor + "A", cursor + "=", cursor[1:], cursor[:len(cursor)-1], cursor[:11], "\n" + cursor, cursor[:8] + "\r\n" + cursor[8:],
		base64.RawURLEncoding.EncodeToString(changed), base64.StdEncoding.EncodeToString(raw) + "=", page.Cursor(list, ""), page.Cursor(list, "\xff"),
	} {
		if got, ok := page.Position(list, text); ok {
			t.Errorf("%q is taken for a cursor at %q", text, got)
		}
	}
}

func TestMost(t *testing.T) {
	t.Parallel()
	for limit, want := range map[int]int{0: page.DefaultLimit, 1: 1, page.MostLimit: page.MostLimit} {
		if got := (page.List{Limit: limit}).Most(); got != want {
			t.Errorf("limit %d: %d, want %d", limit, got, want)
		}
	}
}

func FuzzPosition(f *testing.F) {
	list := []string{"deliveries", "demo"}
	f.Add(page.Cursor(list, "0000000000001#e1-00000"))
	f.Add(page.Cursor([]string{"deliveries", "other"}, "x"))
	f.Add("")
	f.Fuzz(func(t *testing.T, text string) {
		position, ok := page.Position(list, text)
		if ok && page.Cursor(list, position) != text {
			t.Errorf("%q is another cursor at %q", text, position)
		}
		if got, ok := page.Position(list, page.Cursor(list, "p"+text)); ok && got != "p"+text {
			t.Errorf("position %q comes back as %q", "p"+text, got)
		}
	})
}
