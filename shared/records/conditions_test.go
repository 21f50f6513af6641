package records

import (
	"testing"

	"crmhook/shared/change"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

func TestConditions(t *testing.T) {
	t.Parallel()
	is := record.Record{Key: change.Key{Organization: "demo", Entity: "order", ID: "1"}, Version: 7, Data: map[string]any{}}
	tag, err := is.ETag()
	if err != nil {
		t.Fatal(err)
	}
	gone := record.Record{Key: is.Key}
	deleted := is
	deleted.Deleted, deleted.Data = true, nil
	for _, c := range []struct {
		match, noneMatch string
		now              record.Record
		fails            bool
	}{
		{"", "", is, false},
		{"*", "", is, false},
		{"*", "", gone, true},
		{"*", "", deleted, true},
		{tag, "", is, false},
		{tag, "", gone, true},
		{`"other",` + tag, "", is, false},
		{"W/" + tag, "", is, true},
		{`"other"`, "", is, true},
		{"", "*", is, true},
		{"", "*", gone, false},
		{"", "*", deleted, false},
		{"", tag, is, true},
		{"", "W/" + tag, is, true},
		{"", `"other"`, is, false},
		{tag, `"other"`, is, false},
		{tag, tag, is, true},
	} {
		r := Request{Key: is.Key}
		if c.match != "" {
			r.IfMatch = []string{c.match}
		}
		if c.noneMatch != "" {
			r.IfNoneMatch = []string{c.noneMatch}
		}
		err := r.conditions(nil).check(c.now)
		if failed := err != nil; failed != c.fails || failed && refusal.Of(err).Status != 412 {
			t.Errorf("If-Match %q, If-None-Match %q, there %t: got %v, want a refusal: %t", c.match, c.noneMatch, c.now.Exists(), err, c.fails)
		}
	}
}

func FuzzReadCursor(f *testing.F) {
	key := change.Key{Organization: "demo", Entity: "order", ID: "o-1"}
	f.Add(cursor(key))
	f.Add("")
	f.Add("AAAAAAAAAAAAYWJj")
	f.Fuzz(func(t *testing.T, text string) {
		after, ok := readCursor(key.Organization, key.Entity, text)
		if ok && cursor(change.Key{Organization: key.Organization, Entity: key.Entity, ID: after}) != text {
			t.Errorf("%q is read as %q, which is written otherwise", text, after)
		}
	})
}

func TestACursorIsOfOneList(t *testing.T) {
	t.Parallel()
	key := change.Key{Organization: "demo", Entity: "order", ID: "ö/1"}
	text := cursor(key)
	if after, ok := readCursor("demo", "order", text); !ok || after != key.ID {
		t.Errorf("got %q, %t", after, ok)
	}
	for _, other := range [][3]string{{"demo", "ticket", text}, {"other", "order", text}, {"demo", "order", text + "AA"}, {"demo", "order", text[1:]}, {"demo", "order", text + "="}} {
		if after, ok := readCursor(other[0], other[1], other[2]); ok {
			t.Errorf("%q is taken as %q", other, after)
		}
	}
}
