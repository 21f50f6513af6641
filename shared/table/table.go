// Package table keeps crmhook's state in DynamoDB: records, backlog, ledger, configuration and checkpoints, each with
// string keys pk and sk. It turns domain values into items and back, and batches calls wherever DynamoDB has a batch.
// It must not know why a value is written; the rules are those of the vocabulary packages.
package table

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Item is one DynamoDB item or key.
type Item = map[string]types.AttributeValue

// Table is one DynamoDB table.
type Table struct {
	Client *dynamodb.Client
	Name   string
}

func key(pk, sk string) Item { return Item{"pk": text(pk), "sk": text(sk)} }

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func flag(b bool) types.AttributeValue { return &types.AttributeValueMemberBOOL{Value: b} }

// instant keeps a time as milliseconds since 1970, so that conditions can compare it; the zero time is 0.
func instant(t time.Time) types.AttributeValue {
	if t.IsZero() {
		return number(0)
	}
	return number(t.UnixMilli())
}

func texts(list []string) types.AttributeValue {
	values := make([]types.AttributeValue, len(list))
	for i, s := range list {
		values[i] = text(s)
	}
	return &types.AttributeValueMemberL{Value: values}
}

func numbers(list []int64) types.AttributeValue {
	values := make([]types.AttributeValue, len(list))
	for i, n := range list {
		values[i] = number(n)
	}
	return &types.AttributeValueMemberL{Value: values}
}

func textOf(item Item, name string) string {
	if v, ok := item[name].(*types.AttributeValueMemberS); ok {
		return v.Value
	}
	return ""
}

func numberOf(item Item, name string) int64 {
	if v, ok := item[name].(*types.AttributeValueMemberN); ok {
		n, _ := strconv.ParseInt(v.Value, 10, 64)
		return n
	}
	return 0
}

func flagOf(item Item, name string) bool {
	v, ok := item[name].(*types.AttributeValueMemberBOOL)
	return ok && v.Value
}

func instantOf(item Item, name string) time.Time {
	if n := numberOf(item, name); n != 0 {
		return time.UnixMilli(n).UTC()
	}
	return time.Time{}
}

func textsOf(item Item, name string) []string {
	list, ok := item[name].(*types.AttributeValueMemberL)
	if !ok {
		return nil
	}
	values := make([]string, 0, len(list.Value))
	for _, v := range list.Value {
		if s, ok := v.(*types.AttributeValueMemberS); ok {
			values = append(values, s.Value)
		}
	}
	return values
}

func numbersOf(item Item, name string) []int64 {
	list, ok := item[name].(*types.AttributeValueMemberL)
	if !ok || len(list.Value) == 0 {
		return nil
	}
	values := make([]int64, 0, len(list.Value))
	for _, v := range list.Value {
		if n, ok := v.(*types.AttributeValueMemberN); ok {
			parsed, _ := strconv.ParseInt(n.Value, 10, 64)
			values = append(values, parsed)
		}
	}
	return values
}

// DynamoDB's bounds of a key, in bytes. One beyond them names nothing, which is an answer where callers say what they look
// for; DynamoDB would make it an error.
const (
	longestPK = 2048
	longestSK = 1024
)

func fits(key Item) bool {
	pk, sk := textOf(key, "pk"), textOf(key, "sk")
	return pk != "" && len(pk) <= longestPK && sk != "" && len(sk) <= longestSK
}

// get reads one item, strongly consistent; nil when there is none.
func (t Table) get(ctx context.Context, pk, sk string) (Item, error) {
	if !fits(key(pk, sk)) {
		return nil, nil
	}
	out, err := t.Client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.Name, Key: key(pk, sk), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, fmt.Errorf("get %s/%s: %w", pk, sk, err)
	}
	return out.Item, nil
}
