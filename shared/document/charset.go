package document

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// windows1252 are the characters 0x80 to 0x9F; a place without one keeps its number.
const windows1252 = "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ"

// decoder reads text of a charset; it says false of bytes that are none of it. ISO-8859-1 is read as windows-1252, as
// browsers do: what differs are control characters that nobody writes.
func decoder(charset string) (func(string) (string, bool), error) {
	switch strings.ToLower(strings.TrimSpace(charset)) {
	case "", "utf-8", "utf8", "us-ascii", "ascii":
		return func(text string) (string, bool) { return text, utf8.ValidString(text) }, nil
	case "iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "latin-1", "windows-1252", "cp1252":
		return single(latin1()), nil
	case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9":
		return single(latin9()), nil
	}
	return nil, errors.New("the charset must be UTF-8, ISO-8859-1, ISO-8859-15 or windows-1252")
}

// single reads a charset of one byte a character.
func single(characters [256]rune) func(string) (string, bool) {
	return func(text string) (string, bool) {
		var read strings.Builder
		for i := range len(text) {
			read.WriteRune(characters[text[i]])
		}
		return read.String(), true
	}
}

func latin1() [256]rune {
	var characters [256]rune
	for i := range characters {
		characters[i] = rune(i)
	}
	copy(characters[0x80:], []rune(windows1252))
	return characters
}

func latin9() [256]rune {
	characters := latin1()
	for place, character := range map[byte]rune{
		0xa4: '€', 0xa6: 'Š', 0xa8: 'š', 0xb4: 'Ž', 0xb8: 'ž', 0xbc: 'Œ', 0xbd: 'œ', 0xbe: 'Ÿ',
	} {
		characters[place] = character
	}
	return characters
}

func shownCharset(charset string) string {
	if charset == "" {
		return "UTF-8"
	}
	return strings.TrimSpace(charset)
}
