package console

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

func compact(raw json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return string(raw)
	}
	return b.String()
}

// joined shows a list of strings, unless commas would not tell them apart.
func joined(raw json.RawMessage) (string, bool) {
	var list []string
	if raw[0] != '[' || json.Unmarshal(raw, &list) != nil || slices.ContainsFunc(list, func(s string) bool {
		return s == "" || strings.ContainsAny(s, ",\n") || s != strings.TrimSpace(s) || s[0] == '['
	}) {
		return compact(raw), false
	}
	return strings.Join(list, ", "), true
}

func encodeCommas(text string) json.RawMessage {
	if _, ok := items(json.RawMessage(text)); ok {
		return json.RawMessage(text)
	}
	var list []json.RawMessage
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, quoted(part))
		}
	}
	return listOf(list)
}

// pairLines shows an object of strings as lines key=value, unless a line would not be read back as it was.
func pairLines(raw json.RawMessage) (string, bool) {
	d, ok := readDocument(raw)
	if !ok {
		return compact(raw), false
	}
	var lines []string
	for _, name := range d.names {
		var text string
		if d.values[name][0] != '"' || json.Unmarshal(d.values[name], &text) != nil ||
			name != strings.TrimSpace(name) || name == "" || strings.ContainsAny(name, "=\n{") || text != strings.TrimSpace(text) || strings.Contains(text, "\n") {
			return compact(raw), false
		}
		lines = append(lines, name+"="+text)
	}
	return strings.Join(lines, "\n"), true
}

// encodePairs keeps names that are given twice, so that the check says so.
func encodePairs(text string) json.RawMessage {
	if _, ok := readDocument([]byte(text)); ok {
		return json.RawMessage(text)
	}
	var members [][]byte
	for pair := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		members = append(members, slices.Concat(quoted(strings.TrimSpace(name)), []byte(":"), quoted(strings.TrimSpace(text))))
	}
	return slices.Concat([]byte("{"), bytes.Join(members, []byte(",")), []byte("}"))
}
