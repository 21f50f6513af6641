package filter

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// decode reads a record as the stream gives it: numbers stay as written.
func decode(t testing.TB, text string) map[string]any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var data map[string]any
	if err := decoder.Decode(&data); err != nil {
		t.Fatalf("decode %s: %v", text, err)
	}
	return data
}

func compile(t testing.TB, text string) *Filter {
	t.Helper()
	f, err := Compile(text)
	if err != nil {
		t.Fatalf("Compile(%q): %v", text, err)
	}
	return f
}

const (
	inMarseille = `{"role":"MEMBER","addresses":[{"main":false,"zipCode":"75001"},{"main":true,"zipCode":"13008"}]}`
	inParis     = `{"role":"MEMBER","addresses":[{"main":true,"zipCode":"75001"},{"main":false,"zipCode":"13008"}]}`
	sale        = `{"orderDetailsData":{"orderType":"SALE","operationDatas":[
		{"productCode":"YYYY","basePrice":10000},{"productCode":"XXXX","basePrice":9000}]}}`
	saleOfXXXX = `{"orderDetailsData":{"orderType":"SALE","operationDatas":[
		{"productCode":"YYYY","basePrice":9000},{"productCode":"XXXX","basePrice":10000}]}}`
)

func TestMatch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, filter, data string
		want               bool
	}{
		{"document: main address", `role=MEMBER;addresses(isMain).zipCode=13.*`, inMarseille, true},
		{"document: only the main address counts", `role=MEMBER;addresses(isMain).zipCode=13.*`, inParis, false},
		{"document: all terms hold", `role=MEMBER;addresses(isMain).zipCode=13.*`, strings.Replace(inMarseille, "MEMBER", "GUEST", 1), false},
		{"document: any indicator", `Indicators(*).value=true`, `{"indicators":[{"code":"A","value":false},{"code":"B","value":true}]}`, true},
		{"document: any indicator, as text", `Indicators(*).value=true`, `{"indicators":[{"value":"true"}]}`, true},
		{"document: no indicator", `Indicators(*).value=true`, `{"indicators":[{"value":false}]}`, false},
		{"document: any operation", `OrderDetailsData.OperationDatas(*).ProductCode=XXXX`, sale, true},
		{"document: no such operation", `OrderDetailsData.OperationDatas(*).ProductCode=ZZZZ`, sale, false},
		{"document: operation by product", `OrderDetailsData.OperationDatas(ProductCode=XXXX).BasePrice=10000;OrderDetailsData.OrderType=SALE`, saleOfXXXX, true},
		{"document: another operation's price", `OrderDetailsData.OperationDatas(ProductCode=XXXX).BasePrice=10000;OrderDetailsData.OrderType=SALE`, sale, false},

		{"empty text matches all", ``, `{}`, true},

		{"whole value, start", `a=ell`, `{"a":"ello"}`, false},
		{"whole value, end", `a=ell`, `{"a":"hell"}`, false},
		{"alternatives are anchored together", `a=x|y`, `{"a":"xy"}`, false},
		{"alternative", `a=x|y`, `{"a":"y"}`, true},
		{"flag in a pattern", `a=(?i)member`, `{"a":"MemBer"}`, true},
		{"patterns mind the case", `a=member`, `{"a":"MEMBER"}`, false},
		{"a dot is no newline", `a=13.*`, `{"a":"13\n8"}`, false},
		{"a dot is no newline, at the end", `a=13.*`, `{"a":"138\n"}`, false},
		{"dollar is the end of the value", `a=b$`, `{"a":"b\n"}`, false},
		{"open quotation", `a=\Q1.0`, `{"a":"1.0"}`, true},
		{"open quotation is literal", `a=\Q1.0|[`, `{"a":"1x0|["}`, false},
		{"open quotation after an operator", `a=.\Q.0`, `{"a":"1.0"}`, true},
		{"open quotation after an operator is literal", `a=.\Q.0`, `{"a":"1x0"}`, false},
		{"empty pattern", `a=`, `{"a":""}`, true},
		{"empty pattern, not all", `a=`, `{"a":"x"}`, false},
		{"empty pattern, missing", `a=`, `{}`, false},
		{"empty pattern, null", `a=`, `{"a":null}`, false},
		{"equals sign in a pattern", `a=b=c`, `{"a":"b=c"}`, true},
		{"semicolon", `a=b\;c`, `{"a":"b;c"}`, true},
		{"escaped backslash, then the next term", `a=b\\;c=d`, `{"a":"b\\","c":"d"}`, true},
		{"escaped backslash, escaped semicolon", `a=b\\\;c`, `{"a":"b\\;c"}`, true},
		{"blanks in a pattern count", `a= b `, `{"a":" b "}`, true},
		{"blanks in a pattern count, none there", `a= b`, `{"a":"b"}`, false},
		{"blanks around a path", " a =b; \n c.d\t=e", `{"a":"b","c":{"d":"e"}}`, true},
		{"blank inside a name", `first name=Zoé`, `{"first name":"Zoé"}`, true},
		{"NUL is a character", "a=b\x00c", "{\"a\":\"b\\u0000c\"}", true},
		{"nothing is cut off at a NUL", "a=b\x00c", `{"a":"b"}`, false},

		{"number", `a=10000`, `{"a":10000}`, true},
		{"number as written", `a=10000`, `{"a":1e4}`, false},
		{"number beyond 2^53", `a=9007199254740993`, `{"a":9007199254740993}`, true},
		{"false", `a=false`, `{"a":false}`, true},
		{"null is missing", `a=.*`, `{"a":null}`, false},
		{"missing", `a=.*`, `{}`, false},
		{"missing on the way", `a.b=.*`, `{"c":1}`, false},
		{"a value on the way", `a.b=.*`, `{"a":"b"}`, false},
		{"an object never matches", `a=.*`, `{"a":{"b":"c"}}`, false},
		{"a list in a list never matches", `a=.*`, `{"a":[["b"]]}`, false},
		{"a list of values", `tags=vip`, `{"tags":["new","vip"]}`, true},
		{"a list of values, any selector", `tags(*)=vip`, `{"tags":["new","vip"]}`, true},
		{"a list of values has no flags", `tags(vip)=vip`, `{"tags":["vip"]}`, false},
		{"an empty list", `tags=.*`, `{"tags":[]}`, false},
		{"null in a list", `tags=.*`, `{"tags":[null]}`, false},
		{"a list on the way", `a.b=c`, `{"a":[{"b":"d"},{"b":"c"}]}`, true},
		{"lists in lists of objects", `a.b.c=d`, `{"a":[{"b":[{"c":"x"}]},{"b":[{"c":"y"},{"c":"d"}]}]}`, true},
		{"each term may hold for another element", `a.b=1;a.c=2`, `{"a":[{"b":1},{"c":2}]}`, true},
		{"a selector needs a list", `a(*).b=c`, `{"a":{"b":"c"}}`, false},

		{"case of names", `ROLE=x`, `{"role":"x"}`, true},
		{"exact name wins", `role=x`, `{"ROLE":"y","role":"x"}`, true},
		{"first of other cases", `role=x`, `{"ROLE":"x","Role":"y"}`, true},
		{"null gives way to another case", `role=x`, `{"role":null,"ROLE":"x"}`, true},
		{"isX names a boolean", `isGuest=true`, `{"guest":true}`, true},
		{"isX in any case", `ISGUEST=true`, `{"Guest":true}`, true},
		{"isX names no text", `isGuest=true`, `{"guest":"true"}`, false},
		{"an exact name wins over isX", `isGuest=false`, `{"isGuest":false,"guest":true}`, true},
		{"a name in another case wins over isX", `isGuest=false`, `{"isguest":false,"guest":true}`, true},
		{"is alone is a name", `is=x`, `{"is":"x"}`, true},
		{"x is not isX", `guest=true`, `{"isGuest":true}`, false},

		{"flag", `a(main).b=c`, `{"a":[{"main":true,"b":"c"}]}`, true},
		{"flag that is text", `a(main).b=c`, `{"a":[{"main":"true","b":"c"}]}`, false},
		{"flag missing", `a(main).b=c`, `{"a":[{"b":"c"}]}`, false},
		{"value is exact", `a(k=x.*).b=c`, `{"a":[{"k":"xy","b":"c"}]}`, false},
		{"value is literal", `a(k=x.*).b=c`, `{"a":[{"k":"x.*","b":"c"}]}`, true},
		{"value minds the case", `a(k=X).b=c`, `{"a":[{"k":"x","b":"c"}]}`, false},
		{"value's name ignores it", `a(K=x).b=c`, `{"a":[{"k":"x","b":"c"}]}`, true},
		{"closing bracket", `a(k=x\)y).b=c`, `{"a":[{"k":"x)y","b":"c"}]}`, true},
		{"opening bracket, dot, equals", `a(k=(.=).b=c`, `{"a":[{"k":"(.=","b":"c"}]}`, true},
		{"semicolon in a value", `a(k=x\;y).b=c`, `{"a":[{"k":"x;y","b":"c"}]}`, true},
		{"other backslashes are literal", `a(k=C:\x\\y).b=c`, `{"a":[{"k":"C:\\x\\\\y","b":"c"}]}`, true},
		{"blanks in a value count", `a(k= x).b=c`, `{"a":[{"k":"x","b":"c"}]}`, false},
		{"empty value", `a(k=).b=c`, `{"a":[{"k":"","b":"c"}]}`, true},
		{"number as value", `a(k=7).b=c`, `{"a":[{"k":7,"b":"c"}]}`, true},
		{"boolean as value", `a(isMain=false).b=c`, `{"a":[{"main":false,"b":"c"}]}`, true},
		{"null as value", `a(k=null).b=c`, `{"a":[{"k":null,"b":"c"}]}`, false},
		{"value in a list", `a(k=x).b=c`, `{"a":[{"k":["y","x"],"b":"c"}]}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f, data := compile(t, tt.filter), decode(t, tt.data)
			if got := f.Match(data); got != tt.want {
				t.Errorf("Compile(%q).Match(%s) = %v, want %v", tt.filter, tt.data, got, tt.want)
			}
			if got := reference(t, f, data); got != tt.want {
				t.Errorf("reference of %q on %s = %v, want %v", tt.filter, tt.data, got, tt.want)
			}
			if got := f.String(); got != tt.filter {
				t.Errorf("String() = %q, want %q", got, tt.filter)
			}
		})
	}
}

func TestMatchNilData(t *testing.T) {
	t.Parallel()
	if (&Filter{}).Match(nil) != true || compile(t, `a=.*`).Match(nil) != false {
		t.Error("nil data: want a match of the empty filter only")
	}
}

func TestMatchIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	f, data := compile(t, `role=x`), decode(t, `{"ROLE":null,"ROLe":"x","Role":"y","rOLE":"z","RoLE":"z"}`)
	for range 100 {
		if !f.Match(data) {
			t.Fatal("Match took another field than the first in byte order that is not null")
		}
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		filter string
		want   []string
	}{
		{``, nil},
		{`role=MEMBER;addresses(isMain).zipCode=13.*`, []string{"role", "addresses"}},
		{`Indicators(*).value=true;ROLE=x;indicators.code=A;isGuest=true`, []string{"indicators", "role", "isguest"}},
		{` Nom\;Prénom = x`, []string{"nom;prénom"}},
	} {
		if diff := cmp.Diff(tt.want, compile(t, tt.filter).Paths()); diff != "" {
			t.Errorf("Paths of %q (-want +got):\n%s", tt.filter, diff)
		}
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	f, hit := compile(t, benchmarkFilter), benchmarkContact(t)
	miss := benchmarkContact(t)
	miss["addresses"] = miss["addresses"].([]any)[:4]
	if !f.Match(hit) || f.Match(miss) {
		t.Fatal("want a hit and a miss")
	}
	for name, data := range map[string]map[string]any{"hit": hit, "miss": miss} {
		if got := testing.AllocsPerRun(100, func() { f.Match(data) }); got != 0 {
			t.Errorf("%s: %v allocations, want 0", name, got)
		}
	}
}
