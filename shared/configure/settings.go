package configure

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"

	"crmhook/shared/parameter"
)

// mostDailyMessages is the most e-mails and texts that an organization may allow itself for a day.
const mostDailyMessages = 1_000_000

// checkOrganizationSetting checks an organization's settings and returns what is kept of one.
func checkOrganizationSetting(name, value string) (string, error) {
	switch name {
	case "firstProductDate":
		_, err := day(value)
		return value, err
	case parameter.EmailRecipients, parameter.Senders:
		return each(value, addressOrDomain)
	case parameter.SMSCountries:
		return each(value, country)
	case parameter.DailyMessages:
		return value, whole(value, 0, mostDailyMessages)
	}
	return value, nil
}

// each checks a comma-separated list, which may be empty, and joins what is kept of its members; blanks around them do not
// count. The error names all that are wrong.
func each(value string, check func(member string) (string, error)) (string, error) {
	if value == "" {
		return "", nil
	}
	members := strings.Split(value, ",")
	var errs []string
	for i, member := range members {
		kept, err := check(strings.TrimSpace(member))
		if members[i] = kept; err != nil {
			errs = append(errs, fmt.Sprintf("member %d, %.80q: %v", i+1, strings.TrimSpace(member), err))
		}
	}
	if len(errs) > 0 {
		return value, errors.New("must be a list separated by commas: " + strings.Join(errs, "; "))
	}
	return strings.Join(members, ","), nil
}

// addressOrDomain keeps a domain in lower case, alone or after an address's @.
func addressOrDomain(member string) (string, error) {
	local, domain, isAddress := strings.Cut(member, "@")
	if !isAddress {
		if !validDomain(member) {
			return member, errors.New("expected an e-mail address or a domain, such as ops@example.com or example.com")
		}
		return strings.ToLower(member), nil
	}
	if parsed, err := mail.ParseAddress(member); err != nil || parsed.Address != member || !validDomain(domain) {
		return member, errors.New("expected an e-mail address, such as ops@example.com")
	}
	return local + "@" + strings.ToLower(domain), nil
}

// validDomain accepts two labels at least, of letters, digits and hyphens.
func validDomain(text string) bool {
	labels := strings.Split(text, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, noLabel) {
			return false
		}
	}
	return len(labels) > 1 && len(text) <= 253
}

func noLabel(r rune) bool {
	return r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// countries are the two-letter codes that ISO 3166-1 assigns.
const countries = " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ" +
	" CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR" +
	" GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP" +
	" KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT" +
	" MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW" +
	" SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG" +
	" UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "

// country keeps a country's code in upper case.
func country(member string) (string, error) {
	code := strings.ToUpper(member)
	if len(code) != 2 || !strings.Contains(countries, " "+code+" ") {
		return member, errors.New("expected a two-letter country code of ISO 3166, such as FR or GB")
	}
	return code, nil
}
