package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/change"
	"crmhook/shared/record"
)

// Records keeps the CRM's records. A record's pk is organization#entity, its sk the id. Other programs may write items too,
// with data alone; what they keep beside it stays.
type Records struct{ Table }

// NewRecords is the records on a table.
func NewRecords(client *dynamodb.Client, name string) Records {
	return Records{Table{Client: client, Name: name}}
}

func recordKey(k change.Key) Item { return key(k.Organization+"#"+k.Entity, k.ID) }

// Data reads the data of distinct records as they are now, strongly consistent, 100 a call. Records that are gone, marked deleted
// or hold no data that could be read are left out.
func (r Records) Data(ctx context.Context, records []change.Key) (map[change.Key]map[string]any, error) {
	items, err := r.items(ctx, records)
	if err != nil {
		return nil, err
	}
	found := make(map[change.Key]map[string]any, len(items))
	for _, item := range items {
		// One that cannot be read waits for the next change; scan has set the one aside that wrote it.
		if is, err := recordOf(item); err == nil && is.Exists() {
			found[is.Key] = is.Data
		}
	}
	return found, nil
}

// Records reads distinct records as they are now, strongly consistent, 100 a call: deleted ones with their mark, those that
// are not there left out. If there are any whose data is not a record's, the error names them and has the method
// Unreadable() []change.Key; the others are in the answer all the same.
func (r Records) Records(ctx context.Context, keys []change.Key) (map[change.Key]record.Record, error) {
	items, err := r.items(ctx, keys)
	if err != nil {
		return nil, err
	}
	found := make(map[change.Key]record.Record, len(items))
	var spoilt unreadable
	for _, item := range items {
		is, err := recordOf(item)
		if err != nil {
			spoilt.add(is.Key, err)
			continue
		}
		found[is.Key] = is
	}
	if spoilt.keys != nil {
		return found, &spoilt
	}
	return found, nil
}

// unreadable is the error of records whose data is not a record's.
type unreadable struct {
	keys []change.Key
	text strings.Builder
}

func (u *unreadable) add(key change.Key, err error) {
	if u.keys != nil {
		u.text.WriteString("; ")
	}
	u.keys = append(u.keys, key)
	u.text.WriteString(err.Error())
}

func (u *unreadable) Error() string { return "read records: " + u.text.String() }

func (u *unreadable) Unreadable() []change.Key { return u.keys }

func (r Records) items(ctx context.Context, records []change.Key) ([]Item, error) {
	keys := make([]Item, len(records))
	for i, k := range records {
		keys[i] = recordKey(k)
	}
	items, err := r.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return items, nil
}

// recordOf reads an item. If its data cannot be read, the error names the record, and the record holds its key.
func recordOf(item Item) (record.Record, error) {
	organization, entity, _ := strings.Cut(textOf(item, "pk"), "#")
	is := record.Record{
		Key:    change.Key{Organization: organization, Entity: entity, ID: textOf(item, "sk")},
		Origin: textOf(item, "origin"), UpdatedAt: moment(textOf(item, "updatedAt")), Version: numberOf(item, "version"),
		Deleted: flagOf(item, "deleted"), Erased: flagOf(item, "erased"), Expires: expiryOf(item), States: statesOf(item),
		Read: asRead{data: item["data"], version: item["version"]},
	}
	switch data := item["data"].(type) {
	case nil: // A mark of what was never there.
	case *types.AttributeValueMemberM:
		decoded, err := attribute.Data(data.Value)
		if err != nil {
			return is, fmt.Errorf("%s: %w", is.Key, err)
		}
		is.Data = decoded
	default:
		return is, fmt.Errorf("%s: data must be a map with the record", is.Key)
	}
	return is, nil
}
