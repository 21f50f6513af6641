package phone

import (
	"strings"

	"golang.org/x/text/language"
)

// Alpha2 is a country's ISO 3166 code of two letters, in capitals, for its code of two or three letters in any case. Some that
// ISO has withdrawn, as YU, are known too.
func Alpha2(code string) (string, bool) {
	code = strings.ToUpper(code)
	region, err := language.ParseRegion(code)
	// The library also knows groups of countries, and old and other codes (DDR, UK) that are another's.
	if err != nil || !region.IsCountry() || region.Canonicalize() != region {
		return "", false
	}
	return region.String(), code == region.String() || code == region.ISO3()
}
