package upload

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// decode is the file as UTF-8 without its byte order mark; why says that it is no text, or too long.
func decode(file []byte) (text, why string) {
	body, marked := bytes.CutPrefix(file, []byte("\ufeff"))
	switch {
	case len(file) > MostBytes:
		return "", fmt.Sprintf("the file has %d bytes, more than %d: split it, and send the parts one after another", len(file), MostBytes)
	case bytes.HasPrefix(file, []byte("PK\x03\x04")):
		return "", "the file is a workbook or an archive: save it as CSV, UTF-8"
	case bytes.HasPrefix(file, []byte{0xff, 0xfe}):
		text = fromUTF16(file[2:], 0, 1)
	case bytes.HasPrefix(file, []byte{0xfe, 0xff}):
		text = fromUTF16(file[2:], 1, 0)
	case marked || utf8.Valid(body):
		text = string(body)
	default:
		text = fromWindows1252(body)
	}
	if strings.IndexByte(text, 0) >= 0 {
		return "", "the file holds NUL bytes, so it is no text: save it as text or CSV, UTF-8"
	}
	return text, ""
}

// fromUTF16 reads pairs of bytes, low and high being the places in each; half a pair at the end is U+FFFD.
func fromUTF16(file []byte, low, high int) string {
	var text strings.Builder
	text.Grow(len(file)/2 + len(file)/8)
	for i := 0; i < len(file); i += 2 {
		r := rune(utf8.RuneError)
		if i+1 < len(file) {
			r = rune(file[i+low]) | rune(file[i+high])<<8
		}
		if utf16.IsSurrogate(r) {
			second := rune(utf8.RuneError)
			if i+3 < len(file) {
				second = rune(file[i+2+low]) | rune(file[i+2+high])<<8
			}
			if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
				i += 2
			}
		}
		text.WriteRune(r)
	}
	return text.String()
}

// windows1252 are the characters of the bytes 0x80 to 0x9f, where it differs from Latin-1; the five that it leaves open are
// Latin-1's.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

func fromWindows1252(file []byte) string {
	special := []rune(windows1252)
	var text strings.Builder
	text.Grow(len(file) + len(file)/8)
	for _, c := range file {
		if c >= 0x80 && c < 0xa0 {
			text.WriteRune(special[c-0x80])
		} else {
			text.WriteRune(rune(c))
		}
	}
	return text.String()
}
