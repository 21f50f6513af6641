package table_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/attribute"
	"crmhook/shared/awstest"
	"crmhook/shared/change"
	kept "crmhook/shared/record"
	"crmhook/shared/table"
)

func (c crm) Edit(t *testing.T, key change.Key, data map[string]any) {
	t.Helper()
	values, err := attribute.Values(data)
	if err != nil {
		t.Fatal(err)
	}
	c.set(t, key, "data", &types.AttributeValueMemberM{Value: values})
}

func (c crm) Spoil(t *testing.T, key change.Key) {
	t.Helper()
	c.set(t, key, "data", &types.AttributeValueMemberS{Value: "no map"})
}

func (c crm) Note(t *testing.T, key change.Key, name, value string) {
	t.Helper()
	c.set(t, key, name, &types.AttributeValueMemberS{Value: value})
}

func (c crm) set(t *testing.T, key change.Key, name string, value types.AttributeValue) {
	t.Helper()
	_, err := c.Client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: &c.Name, Key: recordKey(key), UpdateExpression: aws.String("SET #name = :value"),
		ExpressionAttributeNames: map[string]string{"#name": name}, ExpressionAttributeValues: map[string]types.AttributeValue{":value": value},
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (c crm) item(t *testing.T, key change.Key) map[string]types.AttributeValue {
	t.Helper()
	out, err := c.Client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &c.Name, Key: recordKey(key), ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

func (c crm) Noted(t *testing.T, key change.Key, name string) string {
	t.Helper()
	return text(c.item(t, key), name)
}

// TestTypesOfOthersStay: what another program has written as a set or as binary stays so while its value does.
func TestTypesOfOthersStay(t *testing.T) {
	t.Parallel()
	records := table.NewRecords(awstest.Table(t, awstest.Config(t)))
	others := map[string]types.AttributeValue{
		"tags": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "scores": &types.AttributeValueMemberNS{Value: []string{"1", "20"}},
		"photo": &types.AttributeValueMemberB{Value: []byte{0, 1, 255}},
	}
	for _, several := range []bool{false, true} {
		key := change.Key{Organization: "demo", Entity: "contact", ID: fmt.Sprint(several)}
		data := map[string]types.AttributeValue{"name": &types.AttributeValueMemberS{Value: "Zoë"}}
		for name, value := range others {
			data[name] = value
		}
		crm(records).set(t, key, "data", &types.AttributeValueMemberM{Value: data})
		for round, fields := range []map[string]any{{"name": "Zoe"}, nil, {"name": "Zoé"}, {"tags": []any{"a"}}} {
			is := readAll(t, records, key)[key]
			next, changed := is.With(with(is.Data, fields), "api", time.UnixMilli(1))
			if !changed {
				t.Fatalf("round %d changes nothing", round)
			}
			writes := []kept.Write{{Was: is, Now: next}}
			if several {
				none := kept.Record{Key: change.Key{Organization: "demo", Entity: "contact", ID: fmt.Sprint(round)}}
				writes = append(writes, kept.Write{Was: none, Now: none.Marked("api", time.UnixMilli(1))})
			}
			if done, err := records.Write(t.Context(), writes); err != nil || !done[0] {
				t.Fatalf("round %d: written %v, error %v", round, done, err)
			}
			item := crm(records).item(t, key)
			got := item["data"].(*types.AttributeValueMemberM).Value
			want := map[string]types.AttributeValue{"tags": got["tags"], "scores": others["scores"], "photo": others["photo"], "name": got["name"]}
			if round < 3 {
				want["tags"] = others["tags"]
			}
			if diff := cmp.Diff(want, got, plain()); diff != "" {
				t.Errorf("several %v, round %d: data differs (-want +got):\n%s", several, round, diff)
			}
			if _, marked := item["deleted"]; marked != (fields == nil) {
				t.Errorf("several %v, round %d: deleted is there: %v", several, round, marked)
			}
		}
	}
}

// plain compares attribute values by what they hold.
func plain() cmp.Option {
	return cmp.Options{
		cmpopts.IgnoreUnexported(types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberB{}, types.AttributeValueMemberS{}, types.AttributeValueMemberL{}),
		cmpopts.SortSlices(strings.Compare),
	}
}

// with is data with other fields; nil deletes it.
func with(data, fields map[string]any) map[string]any {
	if fields == nil {
		return nil
	}
	next := map[string]any{}
	for _, from := range []map[string]any{data, fields} {
		for name, value := range from {
			next[name] = value
		}
	}
	return next
}

func readAll(t *testing.T, records table.Records, keys ...change.Key) map[change.Key]kept.Record {
	t.Helper()
	found, err := records.Records(t.Context(), keys)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// TestCallsOfRecords counts what writing and paging cost in calls.
func TestCallsOfRecords(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	client, name := awstest.Table(t, config)
	records := table.NewRecords(client, name)
	big := strings.Repeat("x", 370_000)
	for _, step := range []struct {
		name string
		do   func(ctx context.Context) error
		want map[string]int
	}{
		{"one new", rewrite(records, "a", 1, "1"), map[string]int{"BatchGetItem": 1, "PutItem": 1}},
		{"one again", rewrite(records, "a", 1, "2"), map[string]int{"BatchGetItem": 1, "UpdateItem": 1}},
		{"a hundred new", rewrite(records, "b", 100, "1"), map[string]int{"BatchGetItem": 1, "BatchExecuteStatement": 4}},
		{"a hundred again", rewrite(records, "b", 100, "2"), map[string]int{"BatchGetItem": 1, "BatchExecuteStatement": 4}},
		{"none", rewrite(records, "b", 0, "2"), map[string]int{}},
		{"twenty-five large ones", rewrite(records, "c", 25, big), map[string]int{"BatchGetItem": 1, "BatchExecuteStatement": 3}},
		{"twenty-five large ones again", rewrite(records, "c", 25, "y"+big), map[string]int{"BatchGetItem": 1, "BatchExecuteStatement": 5}},
		{"delete large ones", rewrite(records, "c", 25, ""), map[string]int{"BatchGetItem": 1, "BatchExecuteStatement": 3}},
		{"a page", page(records, "b", 99, 99), map[string]int{"Query": 1}},
		{"the whole", page(records, "b", 100, 100), map[string]int{"Query": 1}},
		{"a page that is left out", page(records, "d", 10, 0), map[string]int{"Query": 1}},
		{"marks alone", rewrite(records, "e", 1000, ""), map[string]int{"BatchGetItem": 10, "BatchExecuteStatement": 40}},
		{"a page of them", page(records, "e", 9, 0), map[string]int{"Query": 7}},
	} {
		calls.Take()
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}

// rewrite reads n records and writes them with a text; an empty one deletes them.
func rewrite(records table.Records, entity string, n int, text string) func(context.Context) error {
	return func(ctx context.Context) error {
		keys := list(n, func(i int) change.Key {
			return change.Key{Organization: "demo", Entity: entity, ID: fmt.Sprintf("%04d", i)}
		})
		found, err := records.Records(ctx, keys)
		if err != nil {
			return err
		}
		done, err := records.Write(ctx, list(n, func(i int) kept.Write {
			was := found[keys[i]]
			was.Key = keys[i]
			if text == "" {
				return kept.Write{Was: was, Now: was.Marked("api", time.UnixMilli(1))}
			}
			next, _ := was.With(map[string]any{"text": text}, "api", time.UnixMilli(1))
			return kept.Write{Was: was, Now: next}
		}))
		for _, ok := range done {
			if !ok {
				return fmt.Errorf("not all were written: %v", done)
			}
		}
		return err
	}
}

func page(records table.Records, entity string, limit, want int) func(context.Context) error {
	return func(ctx context.Context) error {
		got, _, err := records.Page(ctx, "demo", entity, "", limit)
		if err == nil && len(got) != want {
			return fmt.Errorf("the page has %d records, want %d", len(got), want)
		}
		return err
	}
}
