package streamtest

import (
	"fmt"
	"maps"
	"time"

	dynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"crmhook/shared/attribute"
)

// Start is the time of the fake's first record; each later one is a second younger.
var Start = time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC)

// Put writes an item, which has pk and sk, to a shard, and returns the sequence number. The item must be one that
// DynamoDB can hold.
func (f *Fake) Put(shard string, item map[string]any) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := fmt.Sprint(item["pk"], "\x00", item["sk"])
	old := f.items[key]
	f.items[key] = maps.Clone(item)
	return f.add(shard, old, item)
}

// Remove removes an item that was put.
func (f *Fake) Remove(shard, pk, sk string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	key := pk + "\x00" + sk
	old := f.items[key]
	delete(f.items, key)
	return f.add(shard, old, nil)
}

func (f *Fake) add(shard string, old, new map[string]any) string {
	name, present := types.OperationTypeModify, new
	switch {
	case old == nil:
		name = types.OperationTypeInsert
	case new == nil:
		name, present = types.OperationTypeRemove, old
	}
	at := Start.Add(time.Duration(f.last) * time.Second)
	f.last++
	sequence := fmt.Sprintf("%021d", f.last)
	p := f.find(shard)
	p.records = append(p.records, types.Record{EventName: name, Dynamodb: &types.StreamRecord{
		SequenceNumber: &sequence, ApproximateCreationDateTime: &at,
		Keys:     image(map[string]any{"pk": present["pk"], "sk": present["sk"]}),
		OldImage: image(old), NewImage: image(new),
	}})
	return sequence
}

// Split closes a shard and adds its children.
func (f *Fake) Split(parent string, children ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.find(parent).closed = true
	for _, id := range children {
		f.shards = append(f.shards, &part{id: id, parent: parent})
	}
}

// Add adds an open shard without a parent.
func (f *Fake) Add(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shards = append(f.shards, &part{id: id})
}

// Forget takes a shard out of the stream, as happens a day after it was closed.
func (f *Fake) Forget(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := f.shards[:0]
	for _, p := range f.shards {
		if p.id != id {
			kept = append(kept, p)
		}
	}
	f.shards = kept
}

// Trim drops the n oldest records of a shard.
func (f *Fake) Trim(id string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	p := f.find(id)
	p.records, p.trimmed = p.records[n:], p.trimmed+n
}

// Expire makes every iterator that was given out so far too old.
func (f *Fake) Expire() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.epoch++
}

// Empty makes the next n pages of a shard empty although there may be records.
func (f *Fake) Empty(id string, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.find(id).empty = n
}

func image(item map[string]any) map[string]types.AttributeValue {
	if item == nil {
		return nil
	}
	values, err := attribute.Values(item)
	if err != nil {
		// A record that nobody can read must be possible too: one of a type that does not exist.
		return map[string]types.AttributeValue{"unreadable": &types.UnknownUnionMember{Tag: err.Error()}}
	}
	return fields(values)
}

func fields(from map[string]dynamodb.AttributeValue) map[string]types.AttributeValue {
	to := make(map[string]types.AttributeValue, len(from))
	for name, v := range from {
		to[name] = field(v)
	}
	return to
}

// field covers the types that attribute.Values makes.
func field(from dynamodb.AttributeValue) types.AttributeValue {
	switch v := from.(type) {
	case *dynamodb.AttributeValueMemberS:
		return &types.AttributeValueMemberS{Value: v.Value}
	case *dynamodb.AttributeValueMemberN:
		return &types.AttributeValueMemberN{Value: v.Value}
	case *dynamodb.AttributeValueMemberBOOL:
		return &types.AttributeValueMemberBOOL{Value: v.Value}
	case *dynamodb.AttributeValueMemberM:
		return &types.AttributeValueMemberM{Value: fields(v.Value)}
	case *dynamodb.AttributeValueMemberL:
		list := make([]types.AttributeValue, len(v.Value))
		for i := range v.Value {
			list[i] = field(v.Value[i])
		}
		return &types.AttributeValueMemberL{Value: list}
	default:
		return &types.AttributeValueMemberNULL{Value: true}
	}
}
