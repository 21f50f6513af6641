package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/notice"
)

// What waits to be mailed about an interface lies under pk organization#interface#notices: sk `warning` and `stopped`
// say when the last mail of the kind went, `warning#<delivery>` is a notice that waits for the digest.
func noticesPK(n notice.Notice) string { return n.Organization + "#" + n.Interface + "#notices" }

// ClaimHour lets a mail of this kind about this interface go: true if none went within the hour before now, which then
// begins anew. Otherwise it says when the hour is over.
func (l Ledger) ClaimHour(ctx context.Context, n notice.Notice, now time.Time) (claimed bool, over time.Time, err error) {
	_, err = l.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(noticesPK(n), string(n.Kind)), UpdateExpression: aws.String("SET sentAt = :now"),
		ConditionExpression:                 aws.String("attribute_not_exists(sentAt) OR sentAt <= :before"),
		ExpressionAttributeValues:           Item{":now": instant(now), ":before": instant(now.Add(-notice.Every))},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	late := (*types.ConditionalCheckFailedException)(nil)
	if errors.As(err, &late) {
		return false, instantOf(late.Item, "sentAt").Add(notice.Every), nil
	}
	if err != nil {
		return false, time.Time{}, fmt.Errorf("claim the hour of a mail: %w", err)
	}
	return true, time.Time{}, nil
}

// Gather keeps a notice for the digest; the same delivery's twice is kept once.
func (l Ledger) Gather(ctx context.Context, n notice.Notice) error {
	kept, err := json.Marshal(n)
	if err != nil {
		return fmt.Errorf("encode notice: %w", err)
	}
	item := key(noticesPK(n), string(n.Kind)+"#"+n.Delivery)
	item["notice"] = text(string(kept))
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: item}); err != nil {
		return fmt.Errorf("keep notice: %w", err)
	}
	return nil
}

// Gathered reads the notices that wait for an interface's digest, at most one page (1 MB) of them.
func (l Ledger) Gathered(ctx context.Context, n notice.Notice) ([]notice.Notice, error) {
	out, err := l.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: &l.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND begins_with(sk, :kind)"),
		ExpressionAttributeValues: Item{":pk": text(noticesPK(n)), ":kind": text(string(n.Kind) + "#")},
	})
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	notices := make([]notice.Notice, len(out.Items))
	for i, item := range out.Items {
		if err := json.Unmarshal([]byte(textOf(item, "notice")), &notices[i]); err != nil {
			return nil, fmt.Errorf("read notice: %w", err)
		}
	}
	return notices, nil
}

// Forget removes notices whose digest has gone.
func (l Ledger) Forget(ctx context.Context, notices []notice.Notice) error {
	writes := make([]types.WriteRequest, len(notices))
	for i, n := range notices {
		writes[i] = remove(noticesPK(n), string(n.Kind)+"#"+n.Delivery)
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("forget notices: %w", err)
	}
	return nil
}
