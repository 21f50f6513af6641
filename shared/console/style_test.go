package console

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestTextStandsOut computes the contrast of each colour of text with what it is written on (WCAG 2, level AA: 4.5), light
// and dark.
func TestTextStandsOut(t *testing.T) {
	t.Parallel()
	style, err := assetFiles.ReadFile("assets/console.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, _ := strings.Cut(string(style), "@media (prefers-color-scheme: dark)")
	dark, _, _ := strings.Cut(rest, "*, ::before")
	for scheme, text := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]string{}
		for _, m := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]+);`).FindAllStringSubmatch(text, -1) {
			colours[m[1]] = m[2]
		}
		for on, texts := range map[string]string{
			"page": "text mute link good warn bad", "sheet": "text mute link good warn bad", "sunk": "text mute bad", "link-bg": "link",
			"good-bg": "good", "warn-bg": "warn", "bad-bg": "bad", "busy-bg": "busy", "calm-bg": "calm", "main": "main-text", "main-over": "main-text",
		} {
			for name := range strings.FieldsSeq(texts) {
				if got := contrast(t, colours[name], colours[on]); got < 4.5 {
					t.Errorf("%s: %s on %s has a contrast of %.2f", scheme, name, on, got)
				}
			}
		}
		for _, on := range []string{"page", "sheet"} {
			for _, name := range []string{"edge", "focus", "good-bar", "warn-bar", "bad-bar"} {
				if got := contrast(t, colours[name], colours[on]); got < 3 {
					t.Errorf("%s: the line %s on %s has a contrast of %.2f", scheme, name, on, got)
				}
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	digits := strings.TrimPrefix(colour, "#")
	if len(digits) == 3 {
		digits = strings.Join([]string{digits[:1], digits[:1], digits[1:2], digits[1:2], digits[2:], digits[2:]}, "")
	}
	if len(digits) != 6 {
		t.Fatalf("%q is no colour", colour)
	}
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(digits[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		part := float64(n) / 255
		if part <= 0.03928 {
			sum += weight * part / 12.92
			continue
		}
		sum += weight * math.Pow((part+0.055)/1.055, 2.4)
	}
	return sum
}
