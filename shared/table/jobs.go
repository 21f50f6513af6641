package table

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
	"crmhook/shared/job"
)

// Jobs lie in the backlog under pk lane#jobs, sk the id; the numbers of a file under pk lane#numbers, sk id#0000 and so on.
func jobsPK(lane backlog.Lane) string { return lane.String() + "#jobs" }

func numbersKey(lane backlog.Lane, id string, piece int) (string, string) {
	return lane.String() + "#numbers", fmt.Sprintf("%s#%04d", id, piece)
}

func jobItem(j job.Job, revision int64) (Item, error) {
	kept, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("encode job: %w", err)
	}
	item := key(jobsPK(j.Lane), j.ID)
	item["job"], item["revision"] = text(string(kept)), number(revision)
	return item, nil
}

// Jobs reads a lane's jobs in order of their ids, strongly consistent.
func (b Backlog) Jobs(ctx context.Context, lane backlog.Lane) ([]job.Job, error) {
	var list []job.Job
	pages := dynamodb.NewQueryPaginator(b.Client, &dynamodb.QueryInput{
		TableName: &b.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: Item{":pk": text(jobsPK(lane))},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read jobs: %w", err)
		}
		for _, item := range page.Items {
			var j job.Job
			if err := json.Unmarshal([]byte(textOf(item, "job")), &j); err != nil {
				return nil, fmt.Errorf("read job %s: %w", textOf(item, "sk"), err)
			}
			j.Revision = numberOf(item, "revision")
			list = append(list, j)
		}
	}
	return list, nil
}

// SaveJob writes a job under the next revision if its own is still the table's; false if another run was first, or the job is
// gone.
func (b Backlog) SaveJob(ctx context.Context, j job.Job) (bool, error) {
	item, err := jobItem(j, j.Revision+1)
	if err != nil {
		return false, err
	}
	saved, err := conditionHeld(alone(ctx, func() error {
		_, err := b.Client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &b.Name, Item: item, ConditionExpression: aws.String("revision = :was"), ExpressionAttributeValues: Item{":was": number(j.Revision)},
		})
		return err
	}))
	if err != nil {
		return false, fmt.Errorf("save job: %w", err)
	}
	return saved, nil
}

// DropJob removes a job after its numbers, so that none is left without it.
func (b Backlog) DropJob(ctx context.Context, j job.Job) error {
	pieces := make([]types.WriteRequest, j.Pieces)
	for n := range pieces {
		pieces[n] = remove(numbersKey(j.Lane, j.ID, n))
	}
	for _, writes := range [][]types.WriteRequest{pieces, {remove(jobsPK(j.Lane), j.ID)}} {
		if err := b.writeAll(ctx, writes); err != nil {
			return fmt.Errorf("drop job: %w", err)
		}
	}
	return nil
}

// KeepNumbers keeps the contact numbers that a file names for a job, in pieces from 0 on, 25 a call; in bytes the numbers of a
// piece and one for each are at most 400,000. Writing them again changes nothing. They are kept before their job, and forgotten
// at expires where that never comes, or dies before them.
func (b Backlog) KeepNumbers(ctx context.Context, lane backlog.Lane, id string, pieces [][]string, expires time.Time) error {
	writes := make([]types.WriteRequest, len(pieces))
	for n, numbers := range pieces {
		item := key(numbersKey(lane, id, n))
		item["numbers"], item["expires"] = texts(numbers), expiry(expires)
		writes[n] = put(item)
	}
	if err := b.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("keep numbers: %w", err)
	}
	return nil
}

// Numbers reads a piece of a job's numbers in the order that they were given, strongly consistent; none where it is gone.
func (b Backlog) Numbers(ctx context.Context, lane backlog.Lane, id string, piece int) ([]string, error) {
	pk, sk := numbersKey(lane, id, piece)
	item, err := b.get(ctx, pk, sk)
	if err != nil || item == nil {
		return nil, err
	}
	return textsOf(item, "numbers"), nil
}

// sweepNumbers removes what is left of files of a lane whose interface is gone.
func (b Backlog) sweepNumbers(ctx context.Context, lane backlog.Lane) error {
	pk, _ := numbersKey(lane, "", 0)
	pages := dynamodb.NewQueryPaginator(b.Client, &dynamodb.QueryInput{
		TableName: &b.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"), ProjectionExpression: aws.String("sk"),
		ExpressionAttributeValues: Item{":pk": text(pk)},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		writes := make([]types.WriteRequest, len(page.Items))
		for i, item := range page.Items {
			writes[i] = remove(pk, textOf(item, "sk"))
		}
		if err := b.writeAll(ctx, writes); err != nil {
			return err
		}
	}
	return nil
}
