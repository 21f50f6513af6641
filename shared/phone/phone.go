// Package phone reads phone numbers as people write them and names them as E.164 does, so that one number has one name.
// Its numbering plans and countries are its libraries'. It must not know whose numbers they are.
//
// The plans are unpacked when the program starts, used or not: about 6 ms and 2.5 MB. Import it only where numbers are
// read.
package phone

import (
	"errors"
	"fmt"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// E164 is a number as +33612345678. The number may hold blanks, dots, dashes and brackets, as people write it. Country
// is an ISO 3166 code of two or three letters, in any case, for a number without + or 00; else it may be empty, and does
// not count. The error says what was expected and shows nothing of the number. A number must exist by its country's
// numbering plan; whether it is in use nobody can tell.
func E164(number, country string) (string, error) {
	region := ""
	if country = strings.TrimSpace(country); country != "" {
		var known bool
		if region, known = Alpha2(country); !known {
			return "", errors.New("the country must be an ISO 3166 code of two or three letters, such as FR or FRA")
		}
	}
	number = strings.TrimSpace(number)
	international := strings.HasPrefix(number, "+") || strings.HasPrefix(number, "00")
	switch {
	case number == "":
		return "", errors.New("must be a phone number, found nothing")
	case region == "" && !international:
		return "", errors.New("must begin with + or 00 and the country's calling code, or come with a country")
	}
	for _, written := range readings(number) {
		parsed, err := phonenumbers.Parse(written, region)
		if err == nil && phonenumbers.IsValidNumber(parsed) {
			return phonenumbers.Format(parsed, phonenumbers.E164), nil
		}
	}
	return "", expected(region, international)
}

// readings are the ways to read a number. 00 is a prefix of its country's own (Japan dials 010, Australia 0011), or, as
// anybody writes it, the sign +.
func readings(number string) []string {
	if rest, ok := strings.CutPrefix(number, "00"); ok {
		return []string{number, "+" + rest}
	}
	return []string{number}
}

func expected(region string, international bool) error {
	if region == "" || international {
		return errors.New("must be a number that exists by its country's numbering plan, such as +33 1 23 45 67 89")
	}
	example := phonenumbers.GetExampleNumber(region)
	if example == nil {
		return fmt.Errorf("must be a number that exists by the numbering plan of %s", region)
	}
	return fmt.Errorf("must be a number that exists by the numbering plan of %s, such as %s", region,
		phonenumbers.Format(example, phonenumbers.NATIONAL))
}

// Country is the ISO 3166 code of two letters of the country that a number in E.164 is of; empty when it is no such
// number, or of no country, as +800 is.
func Country(e164 string) string {
	if !strings.HasPrefix(e164, "+") {
		return ""
	}
	parsed, err := phonenumbers.Parse(e164, "")
	if err != nil {
		return ""
	}
	code, known := Alpha2(phonenumbers.GetRegionCodeForNumber(parsed))
	if !known {
		return ""
	}
	return code
}
