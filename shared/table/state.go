package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
)

const stateSK = "state"

// States reads what dispatch remembers of distinct lanes, 100 a call; a lane it has never run has a State with Revision 0.
func (b Backlog) States(ctx context.Context, lanes []backlog.Lane) (map[backlog.Lane]backlog.State, error) {
	states, byKey := make(map[backlog.Lane]backlog.State, len(lanes)), map[string]backlog.Lane{}
	keys := make([]Item, len(lanes))
	for i, lane := range lanes {
		keys[i], byKey[lane.String()], states[lane] = key(lane.String(), stateSK), lane, backlog.State{Lane: lane}
	}
	items, err := b.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read lanes: %w", err)
	}
	for _, item := range items {
		var state backlog.State
		if err := json.Unmarshal([]byte(textOf(item, "state")), &state); err != nil {
			return nil, fmt.Errorf("read lane %s: %w", textOf(item, "pk"), err)
		}
		state.Revision = numberOf(item, "revision")
		states[byKey[textOf(item, "pk")]] = state
	}
	return states, nil
}

// Save writes a lane's state under the next revision if its own is still the table's; false if another run was first.
func (b Backlog) Save(ctx context.Context, state backlog.State) (bool, error) {
	kept, err := json.Marshal(state)
	if err != nil {
		return false, fmt.Errorf("encode lane: %w", err)
	}
	item := key(state.Lane.String(), stateSK)
	item["state"], item["revision"] = text(string(kept)), number(state.Revision+1)
	input := &dynamodb.PutItemInput{TableName: &b.Name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")}
	if state.Revision > 0 {
		input.ConditionExpression = aws.String("revision = :was")
		input.ExpressionAttributeValues = Item{":was": number(state.Revision)}
	}
	_, err = b.Client.PutItem(ctx, input)
	if late := (*types.ConditionalCheckFailedException)(nil); errors.As(err, &late) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("save lane: %w", err)
	}
	return true, nil
}
