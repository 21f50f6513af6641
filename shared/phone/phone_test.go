package phone_test

import (
	"strings"
	"testing"

	"crmhook/shared/phone"
)

func TestE164(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, number, country, want string }{
		{"French mobile, three letters", "0600000000", "FRA", "+33600000000"},
		{"French mobile, two letters", "06 12 34 56 78", "FR", "+33612345678"},
		{"small letters", "06.12.34.56.78", "fra", "+33612345678"},
		{"plus", "+33 6 12 34 56 78", "", "+33612345678"},
		{"plus, with a national zero", "+33 (0)6 12 34 56 78", "", "+33612345678"},
		{"00", "0033612345678", "", "+33612345678"},
		{"00 with its country", "0033612345678", "FR", "+33612345678"},
		{"00 where 011 is dialled", "0033612345678", "US", "+33612345678"},
		{"what is dialled there", "01133612345678", "US", "+33612345678"},
		{"what is dialled in Australia", "001133612345678", "AUS", "+33612345678"},
		{"another country's number", "+41791234567", "FRA", "+41791234567"},
		{"Switzerland", "079 123 45 67", "CHE", "+41791234567"},
		{"Italy keeps its zero", "06 6982", "ITA", "+39066982"},
		{"United States", "(415) 555-2671", "USA", "+14155552671"},
		{"Guadeloupe", "0690 12 34 56", "GLP", "+590690123456"},
		{"no country's own", "+800 1234 5678", "", "+80012345678"},
		{"blanks around", " +33612345678 ", " ", "+33612345678"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got, err := phone.E164(test.number, test.country)
			if err != nil || got != test.want {
				t.Fatalf("got %q, %v, want %q", got, err, test.want)
			}
			if again, err := phone.E164(got, ""); err != nil || again != got {
				t.Errorf("%s becomes %q, %v", got, again, err)
			}
		})
	}
}

func TestE164Refuses(t *testing.T) {
	t.Parallel()
	const france = "must be a number that exists by the numbering plan of FR, such as 01 23 45 67 89"
	const anywhere = "must be a number that exists by its country's numbering plan, such as +33 1 23 45 67 89"
	tests := []struct{ name, number, country, want string }{
		{"nothing", " ", "FR", "must be a phone number, found nothing"},
		{"no country", "0612345678", "", "must begin with + or 00 and the country's calling code, or come with a country"},
		{"an unknown country", "0612345678", "XXX", "the country must be an ISO 3166 code of two or three letters, such as FR or FRA"},
		{"too short", "061234567", "FRA", france},
		{"too long", "06123456789", "FRA", france},
		{"letters", "hello", "FRA", france},
		{"no digits", "+", "", anywhere},
		{"a calling code of nobody", "+999123456789", "", anywhere},
		{"too long with plus", "+336123456789", "FR", anywhere},
		{"very long", "+" + strings.Repeat("3", 10000), "", anywhere},
		{"a country without numbers", "0612345678", "ATA", "must be a number that exists by the numbering plan of AQ"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got, err := phone.E164(test.number, test.country); err == nil || err.Error() != test.want {
				t.Errorf("got %q, %v, want %s", got, err, test.want)
			}
		})
	}
}

func TestCountry(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"+33612345678": "FR", "+41791234567": "CH", "+14155552671": "US", "+16135550123": "CA", "+590690123456": "GP", "+441481256789": "GG",
		"+80012345678": "", "+999123456789": "", "0612345678": "", "33612345678": "", "": "", "+": "", "+33": "",
	}
	for number, want := range tests {
		if got := phone.Country(number); got != want {
			t.Errorf("Country(%q) = %q, want %q", number, got, want)
		}
	}
}

func TestAlpha2(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"FRA": "FR", "fra": "FR", "FR": "FR", "fr": "FR", "CHE": "CH", "DEU": "DE", "GBR": "GB", "USA": "US", "ROU": "RO", "COD": "CD",
		"GLP": "GP", "MTQ": "MQ", "GUF": "GF", "REU": "RE", "MYT": "YT", "PYF": "PF", "NCL": "NC", "SSD": "SS", "TLS": "TL", "MNE": "ME",
		"UK": "", "XXX": "", "ZZ": "", "ZZZ": "", "EU": "", "001": "", "250": "", "F": "", "FRAN": "", "": "", "é": "", "DDR": "", "DD": "",
	}
	for code, want := range tests {
		if got, known := phone.Alpha2(code); known != (want != "") || known && got != want {
			t.Errorf("Alpha2(%q) = %q, %v, want %q", code, got, known, want)
		}
	}
}

func FuzzE164(f *testing.F) {
	for _, seed := range []string{"0612345678", "+33612345678", "0033", "tel:+1-415-555-2671;phone-context=+1", "+1 800 FLOWERS", "１２３", "\xff"} {
		f.Add(seed, "FRA")
		f.Add(seed, "")
	}
	f.Fuzz(func(t *testing.T, number, country string) {
		got, err := phone.E164(number, country)
		if err != nil {
			if len(number) > 6 && strings.Contains(err.Error(), number) && !strings.Contains("01 23 45 67 89", number) {
				t.Errorf("the error shows the number: %v", err)
			}
			return
		}
		if len(got) < 5 || len(got) > 18 || got[0] != '+' || strings.Trim(got[1:], "0123456789") != "" {
			t.Errorf("E164(%q, %q) = %q", number, country, got)
		}
		if again, err := phone.E164(got, ""); err != nil || again != got {
			t.Errorf("%q becomes %q, %v", got, again, err)
		}
	})
}

func BenchmarkE164(b *testing.B) {
	for b.Loop() {
		if _, err := phone.E164("06 12 34 56 78", "FRA"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAlpha2(b *testing.B) {
	for b.Loop() {
		if _, known := phone.Alpha2("FRA"); !known {
			b.Fatal("FRA is not known")
		}
	}
}
