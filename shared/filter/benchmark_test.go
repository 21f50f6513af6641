package filter

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const benchmarkFilter = `role=MEMBER;addresses(isMain).zipCode=13.*;Indicators(*).value=true`

// benchmarkContact has five addresses, the last one the main one, and meets benchmarkFilter at the last moment.
func benchmarkContact(t testing.TB) map[string]any {
	t.Helper()
	addresses := make([]string, 5)
	for i := range addresses {
		addresses[i] = fmt.Sprintf(`{"contactAddressId":%d,"name":"Address %d","main":%v,"billingAddress":true,"shippingAddress":false,
			"street1":"1 rue de la Paix","zipCode":"1300%d","town":"Marseille","countryCode":"FR","normalizationState":"NORMALIZED"}`, i, i, i == 4, i)
	}
	return decode(t, `{"contactNumber":"C000000000000004711","contactId":9007199254740993,"role":"MEMBER","state":"ACTIVE","type":"INDIVIDUAL",
		"guest":false,"creationDate":"2026-11-24T08:00:00Z","contactOrigin":"WEB","individualContact":{"email":"a@example.com"},
		"indicators":[{"code":"A","value":false},{"code":"B","value":true}],"authorizations":[],"advantages":[],"contactCriteria":[],
		"addresses":[`+strings.Join(addresses, ",")+`]}`)
}

// BenchmarkMatch shows three terms over a contact with five addresses. "naive" is the same filter as one would first
// write it: names lowered at each look, all values collected, regexp for every pattern.
func BenchmarkMatch(b *testing.B) {
	compiled, hit := compile(b, benchmarkFilter), benchmarkContact(b)
	miss := benchmarkContact(b)
	miss["addresses"] = miss["addresses"].([]any)[:4]
	for _, data := range []struct {
		name string
		data map[string]any
		want bool
	}{{"hit", hit, true}, {"miss", miss, false}} {
		for _, way := range []struct {
			name  string
			match func(map[string]any) bool
		}{{"compiled", compiled.Match}, {"naive", naive()}} {
			b.Run(data.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if way.match(data.data) != data.want {
						b.Fatal("wrong answer")
					}
				}
			})
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		compile(b, benchmarkFilter)
	}
}

func naive() func(map[string]any) bool {
	member, zip, on := regexp.MustCompile(`^(?:MEMBER)$`), regexp.MustCompile(`^(?:13.*)$`), regexp.MustCompile(`^(?:true)$`)
	return func(data map[string]any) bool {
		lowered := lower(data)
		var zips, values []string
		for _, address := range lowered["addresses"].([]any) {
			if address := lower(address.(map[string]any)); address["main"] == true {
				zips = append(zips, fmt.Sprint(address["zipcode"]))
			}
		}
		for _, indicator := range lowered["indicators"].([]any) {
			values = append(values, fmt.Sprint(lower(indicator.(map[string]any))["value"]))
		}
		return member.MatchString(fmt.Sprint(lowered["role"])) && slices.ContainsFunc(zips, zip.MatchString) && slices.ContainsFunc(values, on.MatchString)
	}
}

func lower(object map[string]any) map[string]any {
	lowered := make(map[string]any, len(object))
	for key, value := range object {
		lowered[strings.ToLower(key)] = value
	}
	return lowered
}
