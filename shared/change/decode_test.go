package change_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
)

var (
	streamTime = time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	writeTime  = time.Date(2026, 12, 1, 9, 59, 58, 123e6, time.UTC)
)

type item = map[string]any

// ours is an item as crmhook writes it.
func ours(version, origin string, data any) item {
	return item{
		"pk": "acme#contact", "sk": "4711", "data": data, "version": json.Number(version), "origin": origin,
		"updatedAt": writeTime.Format(time.RFC3339Nano),
	}
}

func foreign(data any) item { return item{"pk": "acme#contact", "sk": "4711", "data": data} }

func with(i item, name string, value any) item {
	i[name] = value
	return i
}

func contact(name string) item { return item{"name": name} }

func TestDecode(t *testing.T) {
	t.Parallel()
	a, b := contact("a"), contact("b")
	type want struct {
		kind     change.Kind
		origin   string
		at       time.Time
		old, new map[string]any
	}
	tests := []struct {
		name     string
		old, new item
		want     *want // nil: no change
	}{
		{"create of ours", nil, ours("1", "agent-console", a), &want{change.Create, "agent-console", writeTime, nil, a}},
		{"create by another program", nil, foreign(a), &want{change.Create, "api", streamTime, nil, a}},
		{"create with an origin but no version", nil, with(foreign(a), "origin", "bulk"), &want{change.Create, "api", streamTime, nil, a}},
		{"edit of ours", ours("7", "api", a), ours("8", "bulk", b), &want{change.Edit, "bulk", writeTime, a, b}},
		{"edit by another program that left origin and version", ours("7", "bulk", a), ours("7", "bulk", b), &want{change.Edit, "api", streamTime, a, b}},
		{"edit with a version that fell", ours("7", "bulk", a), ours("6", "bulk", b), &want{change.Edit, "api", streamTime, a, b}},
		{"first edit of ours of a foreign item", foreign(a), ours("1764583200000", "csv-import", b), &want{change.Edit, "csv-import", writeTime, a, b}},
		{"edit of ours without an origin", ours("7", "bulk", a), ours("8", "", b), &want{change.Edit, "api", writeTime, a, b}},
		{"edit of ours with a wrong time", ours("7", "bulk", a), with(ours("8", "bulk", b), "updatedAt", "yesterday"), &want{change.Edit, "bulk", streamTime, a, b}},
		{"version that is text", ours("7", "bulk", a), with(ours("8", "bulk", b), "version", "8"), &want{change.Edit, "api", streamTime, a, b}},
		{"same data again", ours("7", "bulk", contact("a")), ours("8", "api", contact("a")), nil},
		{"only the expiry changed", foreign(contact("a")), with(foreign(contact("a")), "expires", json.Number("1")), nil},
		{"delete of ours", ours("7", "bulk", a), with(ours("8", "agent-console", a), "deleted", true), &want{change.Delete, "agent-console", writeTime, a, nil}},
		{"delete of ours that drops the data", ours("7", "bulk", a), with(ours("8", "agent-console", nil), "deleted", true), &want{change.Delete, "agent-console", writeTime, a, nil}},
		{"mark set by another program", foreign(a), with(foreign(a), "deleted", true), &want{change.Delete, "api", streamTime, a, nil}},
		{"removal without mark", ours("7", "bulk", a), nil, &want{change.Delete, "api", streamTime, a, nil}},
		{"removal of a marked one", with(ours("8", "bulk", a), "deleted", true), nil, nil},
		{"update of a marked one that stays so", with(ours("8", "bulk", a), "deleted", true), with(ours("9", "bulk", b), "deleted", true), nil},
		{"put over a deleted one", with(ours("8", "bulk", a), "deleted", true), ours("9", "csv-import", b), &want{change.Create, "csv-import", writeTime, nil, b}},
		{"item that is new and marked", nil, with(ours("8", "bulk", a), "deleted", true), nil},
		{"deleted is false", ours("7", "bulk", a), with(ours("8", "bulk", b), "deleted", false), &want{change.Edit, "bulk", writeTime, a, b}},
		{"repair of an item that was no record", foreign("broken"), foreign(b), &want{change.Create, "api", streamTime, nil, b}},
		{"empty data", nil, foreign(item{}), &want{change.Create, "api", streamTime, nil, item{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, changed, err := change.Decode(event(tt.old, tt.new))
			if err != nil {
				t.Fatal(err)
			}
			if changed != (tt.want != nil) {
				t.Fatalf("changed = %v, want %v (%+v)", changed, tt.want != nil, got)
			}
			if !changed {
				return
			}
			want := change.Change{
				Key: change.Key{Organization: "acme", Entity: "contact", ID: "4711"}, Kind: tt.want.kind, Origin: tt.want.origin,
				Sequence: "100", At: tt.want.at, Old: tt.want.old, New: tt.want.new,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("change differs (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDecodeAnErasure: what is told is that the record is gone, if it was there; in any case its last state says what is still
// to be forgotten.
func TestDecodeAnErasure(t *testing.T) {
	t.Parallel()
	mark := func() item {
		return item{"pk": "acme#contact", "sk": "4711", "version": json.Number("8"), "origin": "bulk", "deleted": true, "erased": true, "updatedAt": writeTime.Format(time.RFC3339Nano)}
	}
	a := contact("a")
	unreadable := event(nil, mark())
	unreadable.Unreadable = errors.New("data.x: too deep")
	if got, changed, err := change.Decode(unreadable); err != nil || changed || !got.Erased || got.ID != "4711" {
		t.Errorf("of what could not be read: %+v, changed %v, error %v", got, changed, err)
	}
	for name, tt := range map[string]struct {
		old, new item
		changed  bool
		erased   bool
		last     map[string]any
	}{
		"of a record":                   {ours("7", "api", a), mark(), true, true, a},
		"of what was no record":         {foreign("broken"), mark(), true, true, nil},
		"of a deleted one":              {with(ours("7", "api", a), "deleted", true), mark(), false, true, a},
		"of nothing":                    {nil, mark(), false, true, nil},
		"once more":                     {mark(), mark(), false, true, nil},
		"the mark goes":                 {mark(), nil, false, false, nil},
		"the record is made anew":       {mark(), ours("9", "api", a), true, false, nil},
		"a record that says it, erased": {nil, with(foreign(a), "erased", true), true, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, changed, err := change.Decode(event(tt.old, tt.new))
			if err != nil || changed != tt.changed || got.Erased != tt.erased {
				t.Fatalf("changed = %v, erased = %v, error %v; want %v, %v", changed, got.Erased, err, tt.changed, tt.erased)
			}
			if !tt.erased {
				return
			}
			want := change.Change{
				Key: change.Key{Organization: "acme", Entity: "contact", ID: "4711"}, Kind: change.Delete, Erased: true, Old: tt.last,
				Origin: got.Origin, Sequence: "100", At: got.At,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("change differs (-want +got):\n%s", diff)
			}
			if tt.changed && (got.Origin != "bulk" || !got.At.Equal(writeTime)) {
				t.Errorf("origin %s at %s, want the writer's", got.Origin, got.At)
			}
		})
	}
}

func TestDecodeSaysWhatWasExpected(t *testing.T) {
	t.Parallel()
	key := func(pk, sk any) change.Event {
		return change.Event{Keys: item{"pk": pk, "sk": sk}, New: foreign(contact("a"))}
	}
	tests := []struct {
		name  string
		event change.Event
		error string
		key   change.Key
	}{
		{"no data", event(nil, with(foreign(nil), "data", nil)), "the new image of contact/4711 has no data; expected a map", acme("contact", "4711")},
		{"data is text", event(foreign(contact("a")), foreign("a")), "data in the new image of contact/4711 must be a map with the record; found text", acme("contact", "4711")},
		{"data is a list", event(nil, foreign([]any{})), "found a list", acme("contact", "4711")},
		{"data is a number", event(nil, foreign(json.Number("1"))), "found a number", acme("contact", "4711")},
		{"data is a bool", event(nil, foreign(true)), "found true or false", acme("contact", "4711")},
		{"removal of what was no record", event(foreign(nil), nil), "the old image of contact/4711 has no data", acme("contact", "4711")},
		{"no image", event(nil, nil), "must be NEW_AND_OLD_IMAGES", acme("contact", "4711")},
		{"pk is a number", key(json.Number("1"), "1"), "pk must be text, <organization>#<entity>", change.Key{}},
		{"pk without entity", key("acme", "1"), "the entity matching [a-z][a-z0-9_]{0,31}", change.Key{Organization: "acme"}},
		{"pk with two #", key("acme#contact#1", "1"), `found "acme#contact#1"`, change.Key{Organization: "acme"}},
		{"organization in capitals", key("ACME#contact", "1"), "the organization matching [a-z0-9][a-z0-9-]{0,62}", change.Key{}},
		{"entity in capitals", key("acme#Contact", "1"), "the entity matching", change.Key{Organization: "acme"}},
		{"sk is missing", key("acme#contact", nil), "sk must be text", change.Key{Organization: "acme"}},
		{"contact number too long", key("acme#contact", strings.Repeat("é", 21)), "must have 1 to 20 characters, this one has 21", acme("contact", strings.Repeat("é", 21))},
		{"id too long", key("acme#order", strings.Repeat("x", 129)), "must have 1 to 128 characters, this one has 129", acme("order", strings.Repeat("x", 129))},
		{"unreadable item", change.Event{Keys: item{"pk": "acme#contact", "sk": "1"}, Unreadable: errors.New("data.x: too deep")}, "the item cannot be read: data.x: too deep", acme("contact", "1")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, _, err := change.Decode(tt.event)
			if err == nil || !strings.Contains(err.Error(), tt.error) {
				t.Fatalf("got error %v, want one with %q", err, tt.error)
			}
			if got.Key != tt.key {
				t.Errorf("got key %+v, want %+v", got.Key, tt.key)
			}
		})
	}
}

func TestOddIdsTravelIntact(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a/b & c?d#e%f", "Zoë 🎟", "é" + strings.Repeat("é", 19), " ", "\u202e"} {
		e := event(nil, foreign(contact("a")))
		e.Keys["sk"] = id
		got, changed, err := change.Decode(e)
		if err != nil || !changed || got.ID != id {
			t.Errorf("id %q: got %q, changed %v, error %v", id, got.ID, changed, err)
		}
		if back, ok := change.ParseKey("acme", got.Key.String()); !ok || back != got.Key {
			t.Errorf("id %q: key came back as %+v", id, back)
		}
	}
}

// FuzzDecode: whatever an item holds, Decode answers with a change whose key is valid, with nothing, or with an error.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"pk":"acme#contact","sk":"1"}`), []byte(`{"data":{}}`), []byte(`{"data":{"a":1},"version":2,"deleted":true}`))
	f.Add([]byte(`{"pk":1}`), []byte(`null`), []byte(`{"data":[]}`))
	f.Add([]byte(`{}`), []byte(`{"deleted":"yes"}`), []byte(`null`))
	f.Fuzz(func(t *testing.T, keys, old, new []byte) {
		e := change.Event{Sequence: "1", Keys: read(keys), Old: read(old), New: read(new)}
		c, changed, err := change.Decode(e)
		if err != nil || !changed {
			return
		}
		if !change.ValidOrganization(c.Organization) || !change.ValidEntity(c.Entity) || change.CheckID(c.Entity, c.ID) != nil {
			t.Errorf("change of a wrong key %+v", c.Key)
		}
		if c.Kind == change.Delete && c.Old == nil || c.Kind != change.Delete && c.New == nil || c.Kind == change.Create && c.Old != nil {
			t.Errorf("%s with old %v and new %v", c.Kind, c.Old, c.New)
		}
		if c.Origin == "" {
			t.Error("change without an origin")
		}
	})
}

func read(text []byte) map[string]any {
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var m map[string]any
	if decoder.Decode(&m) != nil {
		return nil
	}
	return m
}

func event(old, new item) change.Event {
	return change.Event{Sequence: "100", At: streamTime, Keys: item{"pk": "acme#contact", "sk": "4711"}, Old: old, New: new}
}

func acme(entity, id string) change.Key {
	return change.Key{Organization: "acme", Entity: entity, ID: id}
}
