package upload_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/job"
	"crmhook/shared/upload"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		file    string
		numbers []string
		refused []string
	}{
		"a list":                     {"4711\n4712\n", []string{"4711", "4712"}, nil},
		"no break at the end":        {"4711\n4712", []string{"4711", "4712"}, nil},
		"CRLF and CR":                {"1\r\n2\r3\n\r4", []string{"1", "2", "3", "4"}, nil},
		"blanks and empty lines":     {"\n  4711 \t\n\n\u00a04712\n  \n", []string{"4711", "4712"}, nil},
		"a list with a header":       {"contactNumber\n4711\n", []string{"4711"}, nil},
		"quotes in a list":           {"\"47,11\"\n\" 12 \"\n\"a\"\"b\"\n", []string{"47,11", "12", `a"b`}, nil},
		"comma":                      {"name,contactNumber\nAnn,4711\n", []string{"4711"}, nil},
		"semicolon":                  {"name;contactNumber\nAnn,Bo;4711\n", []string{"4711"}, nil},
		"tab":                        {"contactNumber\tname\n4711\tAnn\n", []string{"4711"}, nil},
		"any case, quoted, blanks":   {"\n \"name\" , \" CONTACTnumber \"\nAnn, 4711 \n", []string{"4711"}, nil},
		"quoted separators, breaks":  {"name,contactNumber\r\n\"Ann,\r\nBo \"\"x\"\"\",4711\r\n,\"47,12\"\r\n", []string{"4711", "47,12"}, nil},
		"a quoted header with break": {"\"first\nname\";contactNumber\nAnn;1\n", []string{"1"}, nil},
		"only empty cells":           {"contactNumber;name\n;\n ; \n1;x\n", []string{"1"}, nil},
		"a quote within a value":     {"name;contactNumber\nAnn \"x;1\n", []string{"1"}, nil},
		"a mark of UTF-8":            {"\ufeffcontactNumber;name\n4711;é\n", []string{"4711"}, nil},
		"characters count, not bytes": {
			strings.Repeat("é", 20) + "\n" + strings.Repeat("é", 21),
			[]string{strings.Repeat("é", 20)},
			[]string{"2 " + strings.Repeat("é", 21) + " has 21 characters, and a contact's number at most 20: correct it"},
		},
		"Windows-1252":           {"contactNumber;name\n4711;Ren\xe9\n\x80\xe9;\n", []string{"4711", "€é"}, nil},
		"twice":                  {"1\n2\n\n1\n\"2\"\n", []string{"1", "2"}, []string{"4 1 is in line 1 already", "5 2 is in line 2 already"}},
		"no number":              {"contactNumber;name\n;Ann\n1;Bo\n\"\";Cy\n", []string{"1"}, []string{"2  has no contactNumber", "4  has no contactNumber"}},
		"too few columns":        {"name;contactNumber\nAnn\nBo;1\n", []string{"1"}, []string{"2  has 1 columns, and contactNumber is column 2"}},
		"text after a quote":     {"contactNumber;name\n\"1\"2;x\n3;\"a\"b\n", []string{"3"}, []string{"2 1 has text after the closing quote"}},
		"a break in a number":    {"name;contactNumber\n\"a\nb\";\"1\n2\"\nc;3\n", []string{"3"}, []string{"3 1\n2 holds a line break"}},
		"columns in a list":      {"1\n2;x\n3\ty\n", []string{"1"}, []string{"2 2;x has several columns", "3 3\ty has several columns"}},
		"a control character":    {"1\n2\x07\n", []string{"1"}, []string{"2 2\x07 holds a line break or another control character"}},
		"no UTF-8 after a mark":  {"\ufeff1\n\xe9\n", []string{"1"}, []string{"2 \ufffd holds a character that cannot be read"}},
		"a lost character":       {"1\nR\ufffd\n", []string{"1"}, []string{"2 R\ufffd holds a character that cannot be read"}},
		"long values are cut":    {"1\n" + strings.Repeat("é", 50), []string{"1"}, []string{"2 " + strings.Repeat("é", 40) + " has 50 characters"}},
		"refused lines alone":    {"x,contactNumber\n1,\n", nil, []string{"2  has no contactNumber"}},
		"columns need no number": {"contactNumber;name\n4711\n", []string{"4711"}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, faults := upload.Parse([]byte(tt.file))
			if faults != nil {
				t.Fatal(faults)
			}
			if diff := cmp.Diff(tt.numbers, append([]string(nil), got.Numbers...)); diff != "" {
				t.Errorf("numbers (-want +got):\n%s", diff)
			}
			if len(got.Refusals) != len(tt.refused) || got.Refused != len(tt.refused) {
				t.Fatalf("refusals %+v (%d), want %q", got.Refusals, got.Refused, tt.refused)
			}
			for i, r := range got.Refusals {
				if text := fmt.Sprintf("%d %s %s", r.Line, r.Value, r.Reason); !strings.HasPrefix(text, tt.refused[i]) {
					t.Errorf("refusal %q, want %q", text, tt.refused[i])
				}
			}
		})
	}
}

func TestUTF16(t *testing.T) {
	t.Parallel()
	for name, high := range map[string]int{"little endian": 1, "big endian": 0} {
		var file []byte
		for _, unit := range utf16.Encode([]rune("\ufeffcontactNumber\tname\r\n4711\tRené 😀\r\nÄ1\t\r\n")) {
			pair := [2]byte{}
			pair[high], pair[1-high] = byte(unit>>8), byte(unit)
			file = append(file, pair[:]...)
		}
		got, faults := upload.Parse(file)
		if diff := cmp.Diff([]string{"4711", "Ä1"}, got.Numbers); diff != "" || faults != nil || got.Refused != 0 {
			t.Errorf("%s: %v, %+v (-want +got):\n%s", name, faults, got.Refusals, diff)
		}
		got, _ = upload.Parse(file[:len(file)-3])
		if got.Refused != 0 || len(got.Numbers) != 2 {
			t.Errorf("%s: half a character at the end: %+v", name, got)
		}
	}
	lone := []byte{0xff, 0xfe, '1', 0, '\n', 0, 0x3d, 0xd8, 'x', 0}
	if got, faults := upload.Parse(lone); faults != nil || got.Refused != 1 || got.Refusals[0].Line != 2 {
		t.Errorf("half a pair is read as %+v, %v", got, faults)
	}
}

func TestFilesThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ file, want string }{
		"nothing":               {"", "names no contact"},
		"blank":                 {"\ufeff \r\n\n", "names no contact"},
		"a header alone":        {"contactNumber;name\n", "names no contact"},
		"no column":             {"\nid;name\n1;Ann\n", "line 2 has several columns and none is named contactNumber"},
		"columns twice":         {"contactNumber;ContactNumber\n1;2\n", "line 1 names the column contactNumber 2 times"},
		"an open quote":         {"contactNumber;name\n1;x\n2;\"y\n3;z\n", "line 3 opens a quote that nothing closes"},
		"a workbook":            {"PK\x03\x04…", "is a workbook"},
		"NUL":                   {"1\n\x00\x01", "NUL"},
		"UTF-16 without a mark": {"1\x002\x00\n\x00", "NUL"},
		"too long":              {strings.Repeat("\n", upload.MostBytes+1), "has 4194305 bytes, more than 4194304"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, faults := upload.Parse([]byte(tt.file))
			if len(faults) != 1 || faults[0].Location != "body" || !strings.Contains(faults[0].Message, tt.want) {
				t.Errorf("faults %v, want %q", faults, tt.want)
			}
			if got.Numbers != nil || got.Refused != 0 {
				t.Errorf("it has contents all the same: %+v", got)
			}
		})
	}
}

func TestBoundsOfAFile(t *testing.T) {
	t.Parallel()
	full, faults := upload.Parse(list(job.MostNumbers))
	if faults != nil || len(full.Numbers) != job.MostNumbers || full.Numbers[job.MostNumbers-1] != "C0000099999" {
		t.Errorf("%d numbers, %v; want all", len(full.Numbers), faults)
	}
	if _, faults = upload.Parse(list(job.MostNumbers + 1)); len(faults) != 1 || !strings.Contains(faults[0].Message, "more than 100000 contacts") {
		t.Errorf("one too many: %v", faults)
	}
	twice := append(list(job.MostNumbers), list(job.MostNumbers)...)
	got, faults := upload.Parse(twice)
	if faults != nil || len(got.Numbers) != job.MostNumbers || got.Refused != job.MostNumbers || len(got.Refusals) != upload.MostRefusals {
		t.Errorf("each twice: %d numbers, %d refused, %d kept, %v", len(got.Numbers), got.Refused, len(got.Refusals), faults)
	}
}

// list is a list of n numbers.
func list(n int) []byte {
	var file []byte
	for i := range n {
		file = fmt.Appendf(file, "C%010d\n", i)
	}
	return file
}
