// Package stream reads the records table's DynamoDB stream: its shards, and their events page by page. It must not know
// what an event means, nor keep positions.
package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"crmhook/shared/shard"
)

// PageSize is the most events that one page holds; a page is also bounded by 1 MB.
const PageSize = 1000

// API is the part of DynamoDB Streams that is used.
type API interface {
	DescribeStream(context.Context, *dynamodbstreams.DescribeStreamInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error)
	GetShardIterator(context.Context, *dynamodbstreams.GetShardIteratorInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error)
	GetRecords(context.Context, *dynamodbstreams.GetRecordsInput, ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error)
}

// Stream is one stream.
type Stream struct {
	Client API
	// ARN is …:table/<name>/stream/<label>.
	ARN string
}

// Label tells the stream from an earlier one of the same table; it is the ARN's last part.
func (s Stream) Label() string { return s.ARN[strings.LastIndex(s.ARN, "/")+1:] }

// Shards lists the shards that the stream still holds, the closed ones of the last day too. One call a hundred shards.
func (s Stream) Shards(ctx context.Context) ([]shard.Shard, error) {
	var shards []shard.Shard
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.ARN}
	for {
		out, err := s.Client.DescribeStream(ctx, in)
		if err != nil {
			return nil, fmt.Errorf("describe stream: %w", err)
		}
		for _, found := range out.StreamDescription.Shards {
			shards = append(shards, shard.Shard{
				ID: value(found.ShardId), Parent: value(found.ParentShardId),
				Closed: found.SequenceNumberRange != nil && found.SequenceNumberRange.EndingSequenceNumber != nil,
			})
		}
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; value(in.ExclusiveStartShardId) == "" {
			return shards, nil
		}
	}
}

// Iterator starts reading a shard after the event with the sequence number after, or at its oldest event when after is
// empty. It returns shard.ErrTrimmed where that position has left the stream.
func (s Stream) Iterator(ctx context.Context, id, after string) (string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &s.ARN, ShardId: &id, ShardIteratorType: types.ShardIteratorTypeTrimHorizon}
	if after != "" {
		in.ShardIteratorType, in.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, &after
	}
	out, err := s.Client.GetShardIterator(ctx, in)
	if err != nil {
		return "", fmt.Errorf("get iterator of %s: %w", id, known(err))
	}
	return value(out.ShardIterator), nil
}

// Read gives the page at an iterator, shard.ErrExpired where it is too old to be used and shard.ErrTrimmed where its
// position has left the stream.
func (s Stream) Read(ctx context.Context, iterator string) (shard.Page, error) {
	limit := int32(PageSize)
	out, err := s.Client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: &iterator, Limit: &limit})
	if err != nil {
		return shard.Page{}, fmt.Errorf("get records: %w", known(err))
	}
	page := shard.Page{Next: value(out.NextShardIterator)}
	for _, record := range out.Records {
		page.Events = append(page.Events, event(record))
	}
	return page, nil
}

// known turns the errors that a reader lives with into values.
func known(err error) error {
	var trimmed *types.TrimmedDataAccessException
	var expired *types.ExpiredIteratorException
	switch {
	case errors.As(err, &trimmed):
		return shard.ErrTrimmed
	case errors.As(err, &expired):
		return shard.ErrExpired
	default:
		return err
	}
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
