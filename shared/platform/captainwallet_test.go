package platform

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestCaptainWalletEvents(t *testing.T) {
	t.Parallel()
	checkEvents(t, "CaptainWallet", "LoyaltyCard/SendUpdate")
}

func TestCaptainWalletCard(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body, want string }{
		{"a text", `{"LoyaltyCardId":"A-1.2~b:c@d+e_f"}`, "A-1.2~b:c@d+e_f"},
		{"a number", `{"LoyaltyCardId":90071992547409931,"other":true}`, "90071992547409931"},
		{"another spelling", `{"loyaltyCardId":"1"}`, "1"},
		{"the right spelling first", `{"LOYALTYCARDID":"0","LoyaltyCardId":"1","loyaltycardid":"2"}`, "1"},
		{"else the first", `{"loyaltycardid":"2","LOYALTYCARDID":"1","LoyaltyCardId":null}`, "1"},
		{"the longest", `{"LoyaltyCardId":"` + strings.Repeat("1", 128) + `"}`, strings.Repeat("1", 128)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			plan := goodPlan(t, sent("CaptainWallet/LoyaltyCard/SendUpdate", tt.body))
			if diff := cmp.Diff(Plan{Card: &Card{ID: tt.want}}, plan); diff != "" {
				t.Errorf("plan (-want +got):\n%s", diff)
			}
		})
	}
}

func TestCaptainWalletFaults(t *testing.T) {
	t.Parallel()
	const invalid = "must be the id of a loyaltycard record: 1 to 128 letters, digits and . _ ~ : @ + -"
	for _, tt := range []struct {
		name, body string
		want       []string
	}{
		{"the seed's own spelling of JSON", `{LoyaltyCardId: "12345"}`, []string{"the body must be a JSON object: not JSON at line 1, column 2: expected a name in double quotes, found 'L'"}},
		{"nothing", `{}`, []string{"LoyaltyCardId: must be given"}},
		{"empty", `{"loyaltyCardId":""}`, []string{"loyaltyCardId: must be given"}},
		{"a slash", `{"LoyaltyCardId":"1/2"}`, []string{"LoyaltyCardId: " + invalid}},
		{"a blank within", `{"LoyaltyCardId":"1 2"}`, []string{"LoyaltyCardId: " + invalid}},
		{"too long", `{"LoyaltyCardId":"` + strings.Repeat("1", 129) + `"}`, []string{"LoyaltyCardId: " + invalid}},
		{"a list", `{"LoyaltyCardId":["1"]}`, []string{"LoyaltyCardId: must be an id (a string or a whole number), found a list"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			checkFaults(t, sent("CaptainWallet/LoyaltyCard/SendUpdate", tt.body), tt.want...)
		})
	}
}

func FuzzCaptainWallet(f *testing.F) {
	fuzzBodies(f, []string{"CaptainWallet/LoyaltyCard/SendUpdate"}, `{"LoyaltyCardId":"12345"}`, `{"loyaltycardid":1}`)
}
