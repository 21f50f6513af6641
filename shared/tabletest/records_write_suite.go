package tabletest

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/change"
	"crmhook/shared/record"
)

// keyOfItsOwn is a record's of an organization that no other check has.
func keyOfItsOwn(entity, id string) change.Key {
	return change.Key{Organization: organizationOfItsOwn(), Entity: entity, ID: id}
}

// readRecord reads one record, the zero one but for its key where it is not there.
func readRecord(t *testing.T, api RecordsAPI, key change.Key) record.Record {
	t.Helper()
	found, err := api.Records(t.Context(), []change.Key{key})
	if err != nil {
		t.Fatal(err)
	}
	if is, there := found[key]; there {
		return is
	}
	return record.Record{Key: key}
}

// become writes a record's next version, and gives it as it is then read.
func become(t *testing.T, api RecordsAPI, was record.Record, data map[string]any, at time.Time) record.Record {
	t.Helper()
	next, changed := was.With(data, "agent-console", at)
	if !changed {
		t.Fatalf("%s does not change", was.Key)
	}
	writeRecords(t, api, []bool{true}, record.Write{Was: was, Now: next})
	return readRecord(t, api, was.Key)
}

func writeRecords(t *testing.T, api RecordsAPI, want []bool, writes ...record.Write) {
	t.Helper()
	done, err := api.Write(t.Context(), writes)
	answers(t, done, err, want...)
}

// sameRecord compares all but what belongs to the store.
func sameRecord(t *testing.T, when string, want, got record.Record) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(record.Record{}, "Read")); diff != "" {
		t.Errorf("%s: the record differs (-want +got):\n%s", when, diff)
	}
}

// fullData has everything that data can hold.
func fullData() map[string]any {
	return map[string]any{
		"id": json.Number("12345678901234567890123456789012345678"), "name": "Zoë 👩‍👩‍👧", "empty": "", "active": false, "nothing": nil,
		"list": []any{}, "map": map[string]any{}, "reserved words": map[string]any{"data": "1", "version": json.Number("-1.5"), "#a.b": ":c"},
		"addresses": []any{map[string]any{"city": "東京"}, json.Number("0"), nil},
	}
}

func recordLives(t *testing.T, api RecordsAPI, _ CRM) {
	key := keyOfItsOwn("contact", "C1")
	none := readRecord(t, api, key)
	sameRecord(t, "before it is there", record.Record{Key: key}, none)
	created := become(t, api, none, fullData(), suiteTime)
	sameRecord(t, "created", record.Record{
		Key: key, Data: fullData(), Origin: "agent-console", UpdatedAt: kept(suiteTime), Version: suiteTime.UnixMilli(),
	}, created)
	// What changes nothing but the states writes them alone.
	took := created.Took("Shopify-3", record.State{At: suiteTime, Door: suiteTime.Add(time.Second)}).Took("Tabology-0", record.State{})
	writeRecords(t, api, []bool{true}, record.Write{Was: created, Now: took})
	took.States = map[string]record.State{"Shopify-3": {At: kept(suiteTime), Door: kept(suiteTime.Add(time.Second))}, "Tabology-0": {}}
	sameRecord(t, "with states", took, readRecord(t, api, key))

	deleted := become(t, api, readRecord(t, api, key), nil, suiteTime.Add(time.Minute))
	want := took
	want.Deleted, want.Expires = true, suiteTime.Add(time.Minute+record.MarkKept).Truncate(time.Second)
	want.UpdatedAt, want.Version = kept(suiteTime.Add(time.Minute)), took.Version+1
	sameRecord(t, "deleted", want, deleted)
	checkData(t, api, nil, key)

	revived := become(t, api, deleted, map[string]any{"name": ""}, suiteTime.Add(time.Hour))
	want.Deleted, want.Expires, want.Data = false, time.Time{}, map[string]any{"name": ""}
	want.UpdatedAt, want.Version = kept(suiteTime.Add(time.Hour)), want.Version+1
	sameRecord(t, "revived", want, revived)
	checkData(t, api, map[change.Key]map[string]any{key: {"name": ""}})
}

// markAlone marks a record as deleted that was never there.
func markAlone(t *testing.T, api RecordsAPI, _ CRM) {
	none := record.Record{Key: keyOfItsOwn("order", "Shopify-3-1")}
	marked := none.Marked("inbound:Shopify", suiteTime).Took("Shopify-3", record.State{At: kept(suiteTime), Door: kept(suiteTime)})
	writeRecords(t, api, []bool{true}, record.Write{Was: none, Now: marked})
	marked.UpdatedAt, marked.Expires = kept(marked.UpdatedAt), keptExpiry(marked.Expires)
	read := readRecord(t, api, none.Key)
	sameRecord(t, "marked", marked, read)
	writeRecords(t, api, []bool{false}, record.Write{Was: none, Now: marked})
	after := become(t, api, read, map[string]any{"id": "1"}, suiteTime.Add(time.Minute))
	if !after.Exists() || after.Version != marked.Version+1 {
		t.Errorf("after the mark the record is %+v", after)
	}
}

// writtenMeanwhile: a write is refused where the record is not what was read.
func writtenMeanwhile(t *testing.T, api RecordsAPI, crm CRM) {
	// Each holds for a single write, and for one of several.
	for _, several := range []bool{false, true} {
		var names []string
		var writes []record.Write
		tests := meanwhiles(t, api, crm)
		for name, tt := range tests {
			key := keyOfItsOwn("contact", "C1")
			tt.before(key)
			was := readRecord(t, api, key)
			tt.meanwhile(key)
			next, _ := was.With(map[string]any{"n": "9"}, "api", suiteTime.Add(time.Minute))
			names, writes = append(names, name), append(writes, record.Write{Was: was, Now: next})
		}
		size := 1
		if several {
			size = len(writes)
		}
		var got []bool
		for part := range slices.Chunk(writes, size) {
			done, err := api.Write(t.Context(), part)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, done...)
		}
		for i, name := range names {
			if got[i] != tests[name].want {
				t.Errorf("%s, several at once %v: written %v, want %v", name, several, got[i], tests[name].want)
			}
		}
	}
}

// meanwhile is what others do before a record is read and after, and whether it may then be written.
type meanwhile struct {
	before, meanwhile func(key change.Key)
	want              bool
}

func meanwhiles(t *testing.T, api RecordsAPI, crm CRM) map[string]meanwhile {
	return map[string]meanwhile{
		"nobody":                {func(change.Key) {}, func(change.Key) {}, true},
		"another program, none": {func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) }, func(change.Key) {}, true},
		"made":                  {func(change.Key) {}, func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) }, false},
		"changed by us": {
			func(key change.Key) { become(t, api, record.Record{Key: key}, map[string]any{"n": "1"}, suiteTime) },
			func(key change.Key) { become(t, api, readRecord(t, api, key), map[string]any{"n": "2"}, suiteTime) }, false,
		},
		"deleted by us": {
			func(key change.Key) { become(t, api, record.Record{Key: key}, map[string]any{"n": "1"}, suiteTime) },
			func(key change.Key) { become(t, api, readRecord(t, api, key), nil, suiteTime) }, false,
		},
		"same version, other data": {
			func(key change.Key) { become(t, api, record.Record{Key: key}, map[string]any{"n": "1"}, suiteTime) },
			func(key change.Key) { crm.Edit(t, key, map[string]any{"n": "2"}) }, false,
		},
		"no version, other data": {
			func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) },
			func(key change.Key) { crm.Edit(t, key, map[string]any{"n": json.Number("1")}) }, false,
		},
		"replaced, with the version gone": {
			func(key change.Key) { become(t, api, record.Record{Key: key}, map[string]any{"n": "1"}, suiteTime) },
			func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) }, false,
		},
		"versioned": {
			func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) },
			func(key change.Key) {
				is := readRecord(t, api, key)
				writeRecords(t, api, []bool{true}, record.Write{Was: is, Now: is.Marked("api", suiteTime)})
			}, false,
		},
		"removed": {func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) }, func(key change.Key) { crm.Remove(t, key) }, false},
		"spoilt":  {func(key change.Key) { crm.Write(t, key, map[string]any{"n": "1"}) }, func(key change.Key) { crm.Spoil(t, key) }, false},
	}
}

// foreignRecords are written by another program, with nothing beside their data.
func foreignRecords(t *testing.T, api RecordsAPI, crm CRM) {
	key := keyOfItsOwn("contact", "C1")
	crm.Write(t, key, map[string]any{"name": "Zoë"})
	crm.Note(t, key, "theirs", "kept")
	is := readRecord(t, api, key)
	if is.Version != 0 || is.Origin != "" || !is.Exists() {
		t.Errorf("a record of another program is %+v, want its data alone", is)
	}
	is = become(t, api, is, map[string]any{"name": "Zoe"}, suiteTime)
	if is.Version != suiteTime.UnixMilli() {
		t.Errorf("its first version of ours is %d, want the time %d", is.Version, suiteTime.UnixMilli())
	}
	become(t, api, is, nil, suiteTime)
	if got := crm.Noted(t, key, "theirs"); got != "kept" {
		t.Errorf("what another program keeps beside the record is %q after our writes, want %q", got, "kept")
	}
	crm.Bury(t, key)
	if buried := readRecord(t, api, key); buried.Exists() {
		t.Errorf("a record that another program marks deleted is there: %+v", buried)
	}
}

// spoiltAlone: a record whose data is no map fails alone, by name.
func spoiltAlone(t *testing.T, api RecordsAPI, crm CRM) {
	good, bad := keyOfItsOwn("contact", "C1"), keyOfItsOwn("contact", "C2")
	bad.Organization = good.Organization
	crm.Write(t, good, map[string]any{"n": "1"})
	crm.Write(t, bad, map[string]any{"n": "1"})
	crm.Spoil(t, bad)
	found, err := api.Records(t.Context(), []change.Key{good, bad})
	var spoilt interface{ Unreadable() []change.Key }
	if !errors.As(err, &spoilt) || !slices.Equal(spoilt.Unreadable(), []change.Key{bad}) || !strings.Contains(err.Error(), bad.String()) {
		t.Errorf("the error is %v, want one that names %s alone", err, bad)
	}
	if _, there := found[bad]; there || !found[good].Exists() {
		t.Errorf("found %v, want the one that can be read", found)
	}
	page, more, err := api.Page(t.Context(), good.Organization, "contact", "", 10)
	if err != nil || more || len(page) != 1 || page[0].ID != good.ID {
		t.Errorf("the page is %v, more %v, error %v; want the one that can be read", page, more, err)
	}
}
