package tabletest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/change"
	"crmhook/shared/record"
)

// RecordsAPI is what the fake and table.Records both are.
type RecordsAPI interface {
	Data(ctx context.Context, records []change.Key) (map[change.Key]map[string]any, error)
	Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error)
	Write(ctx context.Context, writes []record.Write) ([]bool, error)
	Page(ctx context.Context, organization, entity, after string, limit int) (page []record.Record, more bool, err error)
}

// CRM is the program that writes the records which RecordsAPI reads.
type CRM interface {
	// Write writes a record's data, Remove removes it, and Bury marks it deleted while its data stays.
	Write(t *testing.T, key change.Key, data map[string]any)
	Remove(t *testing.T, key change.Key)
	Bury(t *testing.T, key change.Key)
	// Edit writes its data and leaves all else, Spoil makes the data something that is no map.
	Edit(t *testing.T, key change.Key, data map[string]any)
	Spoil(t *testing.T, key change.Key)
	// Note keeps a text beside the record, which Noted reads.
	Note(t *testing.T, key change.Key, name, value string)
	Noted(t *testing.T, key change.Key, name string) string
}

// RunRecords checks what send, inbound and apply rely on; each check has an organization of its own.
func RunRecords(t *testing.T, api RecordsAPI, crm CRM) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, RecordsAPI, CRM){
		"data is read whole": dataWhole, "records that are gone are left out": goneLeftOut, "a thousand records": thousandRecords,
		"ids may hold anything":                    oddIDs,
		"a record is created, deleted and revived": recordLives, "a mark without a record": markAlone, "what is not as read is not written": writtenMeanwhile,
		"records of other programs": foreignRecords, "one record that cannot be read": spoiltAlone, "one of twenty writers": racingWrites,
		"large records": largeRecords, "odd records": oddKept, "pages": pages,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, api, crm)
		})
	}
}

func checkData(t *testing.T, api RecordsAPI, want map[change.Key]map[string]any, also ...change.Key) {
	t.Helper()
	keys := also
	for key := range want {
		keys = append(keys, key)
	}
	got, err := api.Data(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records differ (-want +got):\n%s", diff)
	}
}

func dataWhole(t *testing.T, api RecordsAPI, crm CRM) {
	key := change.Key{Organization: organizationOfItsOwn(), Entity: "contact", ID: "4711"}
	data := map[string]any{
		"contactNumber": json.Number("12345678901234567890123456789012345678"), "name": "Zoë 👩‍👩‍👧", "empty": "", "active": true, "nothing": nil,
		"addresses": []any{map[string]any{"city": "東京", "lines": []any{}}, json.Number("-1.5")}, "details": map[string]any{"nested": map[string]any{}},
	}
	crm.Write(t, key, data)
	checkData(t, api, map[change.Key]map[string]any{key: data})
	crm.Write(t, key, map[string]any{"name": "Zoe"})
	checkData(t, api, map[change.Key]map[string]any{key: {"name": "Zoe"}})
}

func goneLeftOut(t *testing.T, api RecordsAPI, crm CRM) {
	key := func(entity, id string) change.Key {
		return change.Key{Organization: organizationOfItsOwn(), Entity: entity, ID: id}
	}
	there, removed, buried, never := key("contact", "1"), key("contact", "2"), key("contact", "3"), key("ticket_order", "1")
	for _, k := range []change.Key{there, removed, buried} {
		crm.Write(t, k, map[string]any{"id": k.ID})
	}
	crm.Remove(t, removed)
	crm.Bury(t, buried)
	checkData(t, api, map[change.Key]map[string]any{there: {"id": "1"}}, removed, buried, never)
	checkData(t, api, nil, never)
	checkData(t, api, nil)
}

func thousandRecords(t *testing.T, api RecordsAPI, crm CRM) {
	organization, want := organizationOfItsOwn(), map[change.Key]map[string]any{}
	for i := range 1000 {
		key := change.Key{Organization: organization, Entity: "contact", ID: fmt.Sprint(i)}
		want[key] = map[string]any{"n": json.Number(fmt.Sprint(i))}
		crm.Write(t, key, want[key])
	}
	checkData(t, api, want)
}

func oddIDs(t *testing.T, api RecordsAPI, crm CRM) {
	organization, want := organizationOfItsOwn(), map[change.Key]map[string]any{}
	for _, name := range oddNames() {
		key := change.Key{Organization: organization, Entity: "contact", ID: name}
		want[key] = map[string]any{"id": name}
		crm.Write(t, key, want[key])
	}
	checkData(t, api, want)
}
