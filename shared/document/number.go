package document

import (
	"fmt"
	"math/big"
	"strings"
)

// numberAt is the longest number of JSON's grammar that text begins with, empty when there is none:
// -?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?.
func numberAt(text []byte) string {
	end := 0
	if end < len(text) && text[end] == '-' {
		end++
	}
	whole := digitsAt(text, end)
	if whole == 0 {
		return ""
	}
	if text[end] == '0' {
		whole = 1
	}
	end += whole
	if end < len(text) && text[end] == '.' {
		if n := digitsAt(text, end+1); n > 0 {
			end += 1 + n
		}
	}
	if end < len(text) && text[end]|0x20 == 'e' {
		sign := end + 1
		if sign < len(text) && (text[sign] == '+' || text[sign] == '-') {
			sign++
		}
		if n := digitsAt(text, sign); n > 0 {
			end = sign + n
		}
	}
	return string(text[:end])
}

func digitsAt(text []byte, at int) int {
	n := 0
	for at+n < len(text) && text[at+n] >= '0' && text[at+n] <= '9' {
		n++
	}
	return n
}

// decimal is a number's value: 0.digits × 10^exponent, digits without zeros at either end, none for zero.
type decimal struct {
	negative bool
	digits   string
	exponent *big.Int
}

// decimalOf is the value of a number of JSON's grammar. Of zero it keeps the written exponent.
func decimalOf(number string) decimal {
	rest, negative := strings.CutPrefix(number, "-")
	mantissa, written, _ := strings.Cut(strings.ReplaceAll(rest, "E", "e"), "e")
	whole, fraction, _ := strings.Cut(mantissa, ".")
	exponent := new(big.Int)
	if written != "" {
		exponent.SetString(written, 10)
	}
	all := whole + fraction
	digits := strings.TrimLeft(all, "0")
	if digits != "" {
		exponent.Add(exponent, big.NewInt(int64(len(whole)-(len(all)-len(digits)))))
	}
	return decimal{negative: negative, digits: strings.TrimRight(digits, "0"), exponent: exponent}
}

// same reports whether two values are equal; zero has no sign.
func (d decimal) same(other decimal) bool {
	if d.digits == "" || other.digits == "" {
		return d.digits == other.digits
	}
	return d.negative == other.negative && d.digits == other.digits && d.exponent.Cmp(other.exponent) == 0
}

// longestExponent is how many characters of an exponent are read; one that is longer is beyond any bound.
const longestExponent = 400

// unkept says why a number cannot be kept, empty when it can.
func unkept(number string) string {
	if at := strings.IndexAny(number, "eE"); at >= 0 && len(number)-at > longestExponent {
		return outOfRange()
	}
	d := decimalOf(number)
	if len(d.digits) > MaxDigits {
		return fmt.Sprintf("must have at most %d significant digits, found %d", MaxDigits, len(d.digits))
	}
	// A value is written d.ddd × 10^n, so n is one less than decimal's exponent. Zero has only the exponent it was written with.
	n := d.exponent
	if d.digits != "" {
		n = new(big.Int).Sub(n, big.NewInt(1))
	}
	if n.Cmp(big.NewInt(MinExponent)) < 0 || n.Cmp(big.NewInt(MaxExponent)) > 0 {
		return outOfRange()
	}
	return ""
}

func outOfRange() string {
	return fmt.Sprintf("must be 0 or of a magnitude from 1E%d to 9.99E+%d", MinExponent, MaxExponent)
}
