package tabletest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/record"
)

// racingWrites: of all that change one record at once, one does, in each version.
func racingWrites(t *testing.T, api RecordsAPI, _ CRM) {
	key := keyOfItsOwn("contact", "C1")
	for round := range 3 {
		was := readRecord(t, api, key)
		var won atomic.Int64
		var wait sync.WaitGroup
		for writer := range 20 {
			wait.Go(func() {
				data := map[string]any{"round": json.Number(fmt.Sprint(round)), "writer": json.Number(fmt.Sprint(writer))}
				next, _ := was.With(data, "api", suiteTime)
				writes := []record.Write{{Was: was, Now: next}}
				if writer%2 == 1 {
					other := record.Record{Key: keyOfItsOwn("contact", "C2")}
					made, _ := other.With(data, "api", suiteTime)
					writes = append(writes, record.Write{Was: other, Now: made})
				}
				done, err := api.Write(t.Context(), writes)
				if err != nil {
					t.Error(err)
				} else if done[0] {
					won.Add(1)
				}
			})
		}
		wait.Wait()
		if is := readRecord(t, api, key); won.Load() != 1 || is.Version != suiteTime.UnixMilli()+int64(round) {
			t.Errorf("round %d: %d of 20 writers took effect, the version is %d; want one, %d", round, won.Load(), is.Version, suiteTime.UnixMilli()+int64(round))
		}
	}
}

// largeRecords: one of the largest, and more of them at once than one call takes.
func largeRecords(t *testing.T, api RecordsAPI, _ CRM) {
	organization := organizationOfItsOwn()
	var keys []change.Key
	var writes []record.Write
	for i := range 25 {
		was := record.Record{Key: change.Key{Organization: organization, Entity: "product", ID: fmt.Sprintf("P%02d", i)}}
		now, _ := was.With(map[string]any{"text": strings.Repeat(string(rune('a'+i)), record.MostBytes-12)}, "api", suiteTime)
		keys, writes = append(keys, was.Key), append(writes, record.Write{Was: was, Now: now})
	}
	writeRecords(t, api, []bool{true}, writes[0])
	writeRecords(t, api, append([]bool{false}, slices.Repeat([]bool{true}, 24)...), writes...)
	found, err := api.Records(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	writes = nil
	for i, key := range keys {
		if text, _ := found[key].Data["text"].(string); text != strings.Repeat(string(rune('a'+i)), record.MostBytes-12) {
			t.Errorf("%s has %d bytes of text", key, len(text))
		}
		now, _ := found[key].With(map[string]any{"text": strings.Repeat(string(rune('A'+i)), record.MostBytes-12)}, "api", suiteTime)
		writes = append(writes, record.Write{Was: found[key], Now: now})
	}
	writeRecords(t, api, []bool{true}, writes[0])
	writeRecords(t, api, append([]bool{false}, slices.Repeat([]bool{true}, 24)...), writes...)
	page, more, err := api.Page(t.Context(), organization, "product", "P02", 3)
	if err != nil || !more || len(page) != 3 || page[2].ID != "P05" || page[2].Version != suiteTime.UnixMilli()+1 {
		t.Errorf("the page has %d records, more %v, error %v; want P03 to P05 and more", len(page), more, err)
	}
}

// oddKept: ids and names may hold anything, and what cannot be kept is refused by name.
func oddKept(t *testing.T, api RecordsAPI, _ CRM) {
	organization := organizationOfItsOwn()
	var writes []record.Write
	var keys []change.Key
	for _, name := range oddNames() {
		was := record.Record{Key: change.Key{Organization: organization, Entity: "contact", ID: name}}
		now, _ := was.With(map[string]any{"text": name}, name, suiteTime)
		keys, writes = append(keys, was.Key), append(writes, record.Write{Was: was, Now: now})
	}
	writeRecords(t, api, slices.Repeat([]bool{true}, len(writes)), writes...)
	found, err := api.Records(t.Context(), keys)
	if err != nil || len(found) != len(keys) {
		t.Fatalf("found %d records, error %v; want %d", len(found), err, len(keys))
	}
	for _, w := range writes {
		want := w.Now
		want.UpdatedAt = kept(suiteTime)
		sameRecord(t, "odd", want, found[w.Now.Key])
		become(t, api, found[w.Now.Key], map[string]any{"text": nil}, suiteTime)
	}
	var got []string
	for after, more := "", true; more; after = got[len(got)-1] {
		page, rest, err := api.Page(t.Context(), organization, "contact", after, 4)
		if err != nil || len(page) == 0 {
			t.Fatalf("the page after %q has %d records, error %v", after, len(page), err)
		}
		for _, is := range page {
			got = append(got, is.ID)
		}
		more = rest
	}
	if diff := cmp.Diff(slices.Sorted(slices.Values(oddNames())), got); diff != "" {
		t.Errorf("pages differ (-want +got):\n%s", diff)
	}
	bad := record.Record{Key: keyOfItsOwn("contact", "C1")}
	now, _ := bad.With(map[string]any{"n": json.Number(strings.Repeat("7", 39))}, "api", suiteTime)
	if _, err := api.Write(t.Context(), []record.Write{{Was: bad, Now: now}}); err == nil || !strings.Contains(err.Error(), bad.Key.String()) {
		t.Errorf("a number of 39 digits: error %v, want one that names %s", err, bad.Key)
	}
}

// pages leave out what is deleted, however much of it lies between.
func pages(t *testing.T, api RecordsAPI, crm CRM) {
	organization, want := organizationOfItsOwn(), []string{}
	var writes []record.Write
	for i := range 130 {
		was := record.Record{Key: change.Key{Organization: organization, Entity: "order", ID: fmt.Sprintf("%03d", i)}}
		now, _ := was.With(map[string]any{"n": "1"}, "api", suiteTime)
		if i%40 == 7 || i == 129 {
			want = append(want, was.ID)
		} else {
			now = now.Marked("api", suiteTime)
		}
		writes = append(writes, record.Write{Was: was, Now: now})
	}
	writeRecords(t, api, slices.Repeat([]bool{true}, len(writes)), writes...)
	crm.Write(t, change.Key{Organization: organization, Entity: "orders", ID: "100"}, map[string]any{})
	checkPages(t, api, organization, want)
	if read, _, err := api.Page(t.Context(), organization, "order", "", 1); err != nil || len(read) != 1 {
		t.Errorf("the page has %d records, error %v", len(read), err)
	} else {
		become(t, api, read[0], map[string]any{"n": "2"}, suiteTime)
	}
}

func checkPages(t *testing.T, api RecordsAPI, organization string, want []string) {
	t.Helper()
	for _, tt := range []struct {
		after string
		limit int
		want  []string
		more  bool
	}{
		{"", 10, want, false},
		{"", len(want), want, false},
		{"", 2, want[:2], true},
		{want[1], 2, want[2:4], true},
		{want[2], 2, want[3:5], false},
		{want[4], 2, nil, false},
		{"008", 1, want[1:2], true},
	} {
		page, more, err := api.Page(t.Context(), organization, "order", tt.after, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, is := range page {
			got = append(got, is.ID)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || more != tt.more {
			t.Errorf("%d after %q: more is %v, want %v; ids differ (-want +got):\n%s", tt.limit, tt.after, more, tt.more, diff)
		}
	}
}
