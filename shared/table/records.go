package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/change"
)

// Records reads the CRM's records. A record's pk is organization#entity, its sk the id.
type Records struct{ Table }

// NewRecords is the records on a table.
func NewRecords(client *dynamodb.Client, name string) Records {
	return Records{Table{Client: client, Name: name}}
}

// Data reads the data of distinct records as they are now, strongly consistent, 100 a call. Records that are gone, marked deleted
// or hold no data that could be read are left out.
func (r Records) Data(ctx context.Context, records []change.Key) (map[change.Key]map[string]any, error) {
	keys := make([]Item, len(records))
	for i, record := range records {
		keys[i] = key(record.Organization+"#"+record.Entity, record.ID)
	}
	items, err := r.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	found := make(map[change.Key]map[string]any, len(items))
	for _, item := range items {
		organization, entity, _ := strings.Cut(textOf(item, "pk"), "#")
		data, ok := item["data"].(*types.AttributeValueMemberM)
		if !ok || flagOf(item, "deleted") {
			continue
		}
		decoded, err := attribute.Data(data.Value)
		if err != nil {
			continue // scan has set the change aside that wrote it; the record waits for the next one.
		}
		found[change.Key{Organization: organization, Entity: entity, ID: textOf(item, "sk")}] = decoded
	}
	return found, nil
}
