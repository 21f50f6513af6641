package table

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/record"
)

// mostPageReads is how many items one query of a page reads, however many marks of deleted records lie between.
const mostPageReads = 1000

// Page reads the records of an entity in order of their ids, those after one id, at most limit; more says whether others
// follow. Deleted ones, and those that cannot be read, are left out. A query reads as many as the page still lacks, and twice
// as many as the one before where that found nothing but marks.
func (r Records) Page(ctx context.Context, organization, entity, after string, limit int) (page []record.Record, more bool, err error) {
	input := &dynamodb.QueryInput{
		TableName: &r.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		FilterExpression:          aws.String("attribute_not_exists(#deleted) OR #deleted <> :true"),
		ExpressionAttributeNames:  map[string]string{"#deleted": "deleted"},
		ExpressionAttributeValues: Item{":pk": text(organization + "#" + entity), ":true": flag(true)},
	}
	if after != "" {
		input.KeyConditionExpression, input.ExpressionAttributeValues[":after"] = aws.String("pk = :pk AND sk > :after"), text(after)
	}
	for reads := limit + 1; ; {
		input.Limit = aws.Int32(int32(reads))
		before := len(page)
		out, err := r.Client.Query(ctx, input)
		if err != nil {
			return nil, false, fmt.Errorf("read a page of records: %w", err)
		}
		for _, item := range out.Items {
			is, err := recordOf(item)
			if err != nil || !is.Exists() {
				continue
			}
			if len(page) == limit {
				return page, true, nil
			}
			page = append(page, is)
		}
		if input.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			return page, false, nil
		}
		if reads = limit + 1 - len(page); len(page) == before {
			reads = max(reads, min(2*int(*input.Limit), mostPageReads))
		}
	}
}
