package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/delivery"
)

// stretch is a part of what sorts as text: at least from and before to; empty: no bound.
type stretch struct{ from, to string }

// onward is the stretch before a place, where one is given. Of one that is longer than any sort key the beginning tells all.
func (s stretch) onward(after string) stretch {
	after = delivery.Cut(after, longestSK)
	if after != "" && (s.to == "" || after < s.to) {
		s.to = after
	}
	return s
}

func (s stretch) empty() bool { return s.from != "" && s.to != "" && s.from >= s.to }

// downward reads what lies under one hash key newest first, on and on.
type downward struct {
	Table
	input *dynamodb.QueryInput
	// by is the attribute that is sorted by. Not is what is left out: the end of a stretch, which BETWEEN includes.
	by, not string
	done    bool
}

// partition reads a partition of the table, strongly consistent.
func (t Table) partition(pk string, s stretch) *downward {
	d := t.under("pk", pk, "sk", s)
	d.input.ConsistentRead = aws.Bool(true)
	return d
}

// index reads the keys of an index, which shows a write a moment later.
func (t Table) index(name, hash, value string, s stretch) *downward {
	d := t.under(hash, value, createdAttribute, s)
	d.input.IndexName = &name
	return d
}

func (t Table) under(hash, value, by string, s stretch) *downward {
	input := &dynamodb.QueryInput{
		TableName: &t.Name, ScanIndexForward: aws.Bool(false), KeyConditionExpression: aws.String("#hash = :hash"),
		ExpressionAttributeNames: map[string]string{"#hash": hash}, ExpressionAttributeValues: Item{":hash": text(value)},
	}
	if s.from != "" {
		input.ExpressionAttributeValues[":from"] = text(s.from)
	}
	if s.to != "" {
		input.ExpressionAttributeValues[":to"] = text(s.to)
	}
	d := &downward{Table: t, input: input, by: by, done: s.empty() || len(value) > longestPK}
	switch {
	case s.from != "" && s.to != "":
		*input.KeyConditionExpression += " AND #by BETWEEN :from AND :to"
		d.not = s.to
	case s.from != "":
		*input.KeyConditionExpression += " AND #by >= :from"
	case s.to != "":
		*input.KeyConditionExpression += " AND #by < :to"
	default:
		return d
	}
	input.ExpressionAttributeNames["#by"] = by
	return d
}

// read reads on until there are n items or none is left; an answer may have one more.
func (d *downward) read(ctx context.Context, n int) (items []Item, err error) {
	for !d.done && len(items) < n {
		more, err := d.once(ctx, n-len(items))
		if err != nil {
			return nil, err
		}
		items = append(items, more...)
	}
	return items, nil
}

// once reads on by one query, which ends at a mebibyte: n items at most, or one more.
func (d *downward) once(ctx context.Context, n int) (items []Item, err error) {
	if d.done {
		return nil, nil
	}
	if d.not != "" && d.input.ExclusiveStartKey == nil {
		n++ // The first may be the one at the stretch's end.
	}
	d.input.Limit = aws.Int32(int32(n))
	out, err := d.Client.Query(ctx, d.input)
	if err != nil {
		return nil, fmt.Errorf("query by %s: %w", d.by, err)
	}
	for _, item := range out.Items {
		if d.not == "" || textOf(item, d.by) != d.not {
			items = append(items, item)
		}
	}
	d.input.ExclusiveStartKey, d.done = out.LastEvaluatedKey, out.LastEvaluatedKey == nil
	return items, nil
}

// page reads at most limit items of a partition and says after which sort key to go on; empty: there are no more.
func (d *downward) page(ctx context.Context, limit int) (items []Item, next string, err error) {
	items, err = d.read(ctx, limit+1)
	if err != nil || len(items) <= limit {
		return items, "", err
	}
	return items[:limit], textOf(items[limit-1], d.by), nil
}

// ceiling is the first whole millisecond that is not before a time: times are kept in milliseconds, so that one is at or
// after the time exactly if it is at or after its ceiling.
func ceiling(at time.Time) time.Time {
	ms := time.UnixMilli(at.UnixMilli())
	if ms.Before(at) {
		return ms.Add(time.Millisecond)
	}
	return ms
}
