package attribute_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/attribute"
)

func TestData(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   types.AttributeValue
		want any
	}{
		{"text", &types.AttributeValueMemberS{Value: "Zoë 🎟 \u2028"}, "Zoë 🎟 \u2028"},
		{"empty text", &types.AttributeValueMemberS{}, ""},
		{"id beyond 2^53", &types.AttributeValueMemberN{Value: "9007199254740993"}, json.Number("9007199254740993")},
		{"38 digits", &types.AttributeValueMemberN{Value: strings.Repeat("9", 38)}, json.Number(strings.Repeat("9", 38))},
		{"exponent", &types.AttributeValueMemberN{Value: "-1.5E-130"}, json.Number("-1.5E-130")},
		{"leading zeros", &types.AttributeValueMemberN{Value: "-007.50"}, json.Number("-7.50")},
		{"plus and bare point", &types.AttributeValueMemberN{Value: "+.5e3"}, json.Number("0.5e3")},
		{"trailing point", &types.AttributeValueMemberN{Value: "5."}, json.Number("5")},
		{"bool", &types.AttributeValueMemberBOOL{Value: true}, true},
		{"null", &types.AttributeValueMemberNULL{Value: true}, nil},
		{"binary", &types.AttributeValueMemberB{Value: []byte{0xff, 0}}, "/wA="},
		{"text set is sorted", &types.AttributeValueMemberSS{Value: []string{"b", "a"}}, []any{"a", "b"}},
		{"number set is sorted by value", &types.AttributeValueMemberNS{Value: []string{"10", "9", "-1"}}, []any{json.Number("-1"), json.Number("9"), json.Number("10")}},
		{"binary set", &types.AttributeValueMemberBS{Value: [][]byte{{2}, {1}}}, []any{"AQ==", "Ag=="}},
		{"empty list and map", &types.AttributeValueMemberL{Value: []types.AttributeValue{&types.AttributeValueMemberM{}}}, []any{map[string]any{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := attribute.Data(map[string]types.AttributeValue{"x": tt.in})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(map[string]any{"x": tt.want}, got); diff != "" {
				t.Errorf("data differ (-want +got):\n%s", diff)
			}
			if _, err := json.Marshal(got); err != nil {
				t.Errorf("data are no JSON: %v", err)
			}
		})
	}
}

func TestDataNamesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		in   types.AttributeValue
		want string
	}{
		{"no number", list(&types.AttributeValueMemberN{Value: "Infinity"}), `x[0]: "Infinity" is not a number`},
		{"no digits", &types.AttributeValueMemberN{Value: "-."}, `x: "-." is not a number`},
		{"exponent without digits", &types.AttributeValueMemberN{Value: "1e"}, `x: "1e" is not a number`},
		{"bad number in a set", &types.AttributeValueMemberNS{Value: []string{"1", ""}}, `x: "" is not a number`},
		{"unknown type", &types.UnknownUnionMember{Tag: "Q"}, "x: unknown DynamoDB type *types.UnknownUnionMember"},
		{"too deep", nested(33), "nested deeper than 32 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := attribute.Data(map[string]types.AttributeValue{"x": tt.in})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
	if _, err := attribute.Data(map[string]types.AttributeValue{"x": nested(32)}); err != nil {
		t.Errorf("32 levels: %v", err)
	}
}

func TestValuesAndBack(t *testing.T) {
	t.Parallel()
	in := map[string]any{
		"s": "a/b&c", "n": json.Number("12345678901234567890"), "f": 0.25, "i": 7, "l": int64(math.MaxInt64), "b": false, "z": nil,
		"list": []any{"x", json.Number("1.50"), map[string]any{"deep": []string{"y"}}},
	}
	values, err := attribute.Values(in)
	if err != nil {
		t.Fatal(err)
	}
	got, err := attribute.Data(values)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"s": "a/b&c", "n": json.Number("12345678901234567890"), "f": json.Number("0.25"), "i": json.Number("7"),
		"l": json.Number("9223372036854775807"), "b": false, "z": nil,
		"list": []any{"x", json.Number("1.50"), map[string]any{"deep": []any{"y"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("data differ after a round trip (-want +got):\n%s", diff)
	}
}

func TestValuesRefuseWhatDynamoDBCannotHold(t *testing.T) {
	t.Parallel()
	var deep any = "x"
	for range 33 {
		deep = []any{deep}
	}
	tests := []struct {
		name string
		in   any
		want string
	}{
		{"39 digits", json.Number("1" + strings.Repeat("2", 38)), "more than 38 digits"},
		{"no JSON number", json.Number("0x1"), "is not a number"},
		{"infinity", math.Inf(1), "is not a number"},
		{"bad text", "\xff", "x: the text is not UTF-8"},
		{"bad name", map[string]any{"\xff": 1}, "is not UTF-8"},
		{"channel", make(chan int), "chan int cannot be kept"},
		{"too deep", deep, "nested deeper than 32 levels"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := attribute.Values(map[string]any{"x": tt.in})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// FuzzNumber: whatever text DynamoDB gives as a number is refused or becomes one that JSON takes.
func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0", "00", "+1", ".5", "5.", "1e5", "1E+05", "-.e1", "", "NaN", "0x10", "1_000"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		data, err := attribute.Data(map[string]types.AttributeValue{"n": &types.AttributeValueMemberN{Value: text}})
		if err != nil {
			return
		}
		out, err := json.Marshal(data["n"])
		if err != nil {
			t.Fatalf("%q became %q, which is no JSON: %v", text, data["n"], err)
		}
		if !json.Valid(out) {
			t.Errorf("%q became %s, which is no JSON", text, out)
		}
	})
}

func list(v ...types.AttributeValue) types.AttributeValue {
	return &types.AttributeValueMemberL{Value: v}
}

func nested(levels int) types.AttributeValue {
	var v types.AttributeValue = &types.AttributeValueMemberS{Value: "x"}
	for range levels {
		v = list(v)
	}
	return v
}
