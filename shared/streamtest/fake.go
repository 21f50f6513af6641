// Package streamtest holds a stand-in for DynamoDB Streams that keeps state: several shards, splits, closed shards, empty
// pages, expired iterators and trimmed records on demand; and the suite that it and an emulator both pass.
package streamtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// ARN is the fake's only stream.
const ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/records/stream/2026-12-01T00:00:00.000"

// First is the shard that a new fake has.
const First = "shardId-1"

// Fake is the stream of one table.
type Fake struct {
	// DescribePage is how many shards one answer lists (0: 100), PageSize the most records of a page (0: 1,000).
	DescribePage, PageSize int
	// Fail, when set, is asked before each call, by the operation's name; its error is the call's. It may take its
	// time and may use the fake.
	Fail func(operation string) error

	mu     sync.Mutex
	shards []*part
	items  map[string]map[string]any
	last   int
	epoch  int
	calls  map[string]int
}

// part is one shard: records[i] has the absolute position trimmed+i.
type part struct {
	id, parent string
	records    []types.Record
	trimmed    int
	closed     bool
	empty      int
}

// NewFake has one open shard.
func NewFake() *Fake {
	return &Fake{shards: []*part{{id: First}}, items: map[string]map[string]any{}, calls: map[string]int{}}
}

// Calls is how often each operation was called.
func (f *Fake) Calls() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.calls)
}

// DescribeStream lists the shards.
func (f *Fake) DescribeStream(_ context.Context, in *dynamodbstreams.DescribeStreamInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.DescribeStreamOutput, error) {
	defer f.mu.Unlock()
	if err := f.called("DescribeStream"); err != nil {
		return nil, err
	}
	rest := f.shards
	if in.ExclusiveStartShardId != nil {
		rest = rest[slices.IndexFunc(rest, func(p *part) bool { return p.id == *in.ExclusiveStartShardId })+1:]
	}
	size := f.DescribePage
	if size == 0 {
		size = 100
	}
	description := &types.StreamDescription{StreamArn: in.StreamArn}
	for _, p := range rest[:min(size, len(rest))] {
		description.Shards = append(description.Shards, p.describe())
	}
	if len(rest) > size {
		description.LastEvaluatedShardId = &rest[size-1].id
	}
	return &dynamodbstreams.DescribeStreamOutput{StreamDescription: description}, nil
}

func (p *part) describe() types.Shard {
	shard := types.Shard{ShardId: &p.id, SequenceNumberRange: &types.SequenceNumberRange{}}
	if p.parent != "" {
		shard.ParentShardId = &p.parent
	}
	if len(p.records) > 0 {
		shard.SequenceNumberRange.StartingSequenceNumber = p.records[0].Dynamodb.SequenceNumber
		if p.closed {
			shard.SequenceNumberRange.EndingSequenceNumber = p.records[len(p.records)-1].Dynamodb.SequenceNumber
		}
	}
	return shard
}

// GetShardIterator starts at the oldest record or after a sequence number.
func (f *Fake) GetShardIterator(_ context.Context, in *dynamodbstreams.GetShardIteratorInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetShardIteratorOutput, error) {
	defer f.mu.Unlock()
	if err := f.called("GetShardIterator"); err != nil {
		return nil, err
	}
	p := f.find(*in.ShardId)
	if p == nil {
		return nil, &types.ResourceNotFoundException{Message: text("Requested resource not found: Shard does not exist")}
	}
	position := p.trimmed
	if in.ShardIteratorType == types.ShardIteratorTypeAfterSequenceNumber {
		i := slices.IndexFunc(p.records, func(r types.Record) bool { return *r.Dynamodb.SequenceNumber == *in.SequenceNumber })
		if i < 0 {
			return nil, &types.TrimmedDataAccessException{Message: text("sequence number " + *in.SequenceNumber + " is not on the stream")}
		}
		position += i + 1
	}
	return &dynamodbstreams.GetShardIteratorOutput{ShardIterator: f.iterator(p, position)}, nil
}

// GetRecords gives the page at an iterator; without a next one when the shard is closed and this was its end.
func (f *Fake) GetRecords(_ context.Context, in *dynamodbstreams.GetRecordsInput, _ ...func(*dynamodbstreams.Options)) (*dynamodbstreams.GetRecordsOutput, error) {
	defer f.mu.Unlock()
	if err := f.called("GetRecords"); err != nil {
		return nil, err
	}
	parts := strings.Split(*in.ShardIterator, "|")
	p := f.find(parts[0])
	if p == nil {
		return nil, &types.ResourceNotFoundException{Message: text("Requested resource not found: Shard does not exist")}
	}
	if parts[2] != strconv.Itoa(f.epoch) {
		return nil, &types.ExpiredIteratorException{Message: text("the shard iterator has expired")}
	}
	position, _ := strconv.Atoi(parts[1])
	if position < p.trimmed {
		return nil, &types.TrimmedDataAccessException{Message: text("the data has been trimmed")}
	}
	if p.empty > 0 {
		p.empty--
		return &dynamodbstreams.GetRecordsOutput{NextShardIterator: f.iterator(p, position)}, nil
	}
	page := p.records[position-p.trimmed:]
	page = slices.Clone(page[:min(len(page), f.limit(in.Limit))])
	position += len(page)
	out := &dynamodbstreams.GetRecordsOutput{Records: page}
	if !p.closed || position < p.trimmed+len(p.records) {
		out.NextShardIterator = f.iterator(p, position)
	}
	return out, nil
}

// called counts a call and takes the lock, which the caller gives back.
func (f *Fake) called(operation string) error {
	var err error
	if f.Fail != nil {
		err = f.Fail(operation)
	}
	f.mu.Lock()
	f.calls[operation]++
	return err
}

func (f *Fake) find(id string) *part {
	i := slices.IndexFunc(f.shards, func(p *part) bool { return p.id == id })
	if i < 0 {
		return nil
	}
	return f.shards[i]
}

func (f *Fake) limit(asked *int32) int {
	most := 1000
	if f.PageSize > 0 {
		most = f.PageSize
	}
	if asked != nil {
		most = min(most, int(*asked))
	}
	return most
}

func (f *Fake) iterator(p *part, position int) *string {
	return text(fmt.Sprintf("%s|%d|%d", p.id, position, f.epoch))
}

func text(s string) *string { return &s }
