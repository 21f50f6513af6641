package stream

import (
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"crmhook/shared/attribute"
	"crmhook/shared/change"
)

// event never fails: what cannot be turned into Go data is said in the event, so that it does not hold up its shard.
func event(record types.Record) change.Event {
	body := record.Dynamodb
	if body == nil {
		return change.Event{Unreadable: errors.New("the stream record has no dynamodb part")}
	}
	e := change.Event{Sequence: value(body.SequenceNumber)}
	if body.ApproximateCreationDateTime != nil {
		e.At = body.ApproximateCreationDateTime.UTC()
	}
	var faults [3]error
	e.Keys, faults[0] = data("key", body.Keys)
	e.Old, faults[1] = data("old image", body.OldImage)
	e.New, faults[2] = data("new image", body.NewImage)
	e.Unreadable = errors.Join(faults[:]...)
	return e
}

func data(which string, image map[string]types.AttributeValue) (map[string]any, error) {
	if len(image) == 0 {
		return nil, nil
	}
	item, err := attributevalue.FromDynamoDBStreamsMap(image)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", which, err)
	}
	plain, err := attribute.Data(item)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", which, err)
	}
	return plain, nil
}
