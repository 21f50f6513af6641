package attribute

import (
	"cmp"
	"encoding/json"
	"strings"
)

// maxDigits is how many significant digits a DynamoDB number can have.
const maxDigits = 38

// number is text as a JSON number. Leading zeros, a plus sign and a bare point, which JSON refuses, are put right.
func number(text string) (json.Number, bool) {
	if validNumber(text) {
		return json.Number(text), true
	}
	sign, rest := "", strings.TrimPrefix(text, "+")
	if strings.HasPrefix(rest, "-") {
		sign, rest = "-", rest[1:]
	}
	end := strings.IndexAny(rest, "eE")
	if end < 0 {
		end = len(rest)
	}
	whole, fraction, _ := strings.Cut(rest[:end], ".")
	if whole+fraction == "" {
		return "", false
	}
	if whole = strings.TrimLeft(whole, "0"); whole == "" {
		whole = "0"
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	repaired := sign + whole + fraction + rest[end:]
	return json.Number(repaired), validNumber(repaired)
}

// validNumber reports whether text is a number in JSON's grammar: -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?.
func validNumber(text string) bool {
	rest := strings.TrimPrefix(text, "-")
	whole := digits(rest)
	if whole == 0 || whole > 1 && rest[0] == '0' {
		return false
	}
	rest = rest[whole:]
	if strings.HasPrefix(rest, ".") {
		n := digits(rest[1:])
		if n == 0 {
			return false
		}
		rest = rest[1+n:]
	}
	if rest == "" {
		return true
	}
	if rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	rest = rest[1:]
	if rest != "" && (rest[0] == '+' || rest[0] == '-') {
		rest = rest[1:]
	}
	return rest != "" && digits(rest) == len(rest)
}

func digits(s string) int {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return i
		}
	}
	return len(s)
}

// significant counts the digits between the first and the last that is not zero.
func significant(n json.Number) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(strings.TrimPrefix(string(n), "-")), "e")
	return len(strings.Trim(strings.ReplaceAll(mantissa, ".", ""), "0"))
}

// compare orders numbers by value, and by their text where float64 cannot tell them apart.
func compare(a, b json.Number) int {
	x, _ := a.Float64()
	y, _ := b.Float64()
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}
