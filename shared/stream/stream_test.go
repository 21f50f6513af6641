package stream_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/attribute"
	"crmhook/shared/awstest"
	"crmhook/shared/shard"
	"crmhook/shared/stream"
	"crmhook/shared/streamtest"
)

func TestFake(t *testing.T) {
	t.Parallel()
	fake := streamtest.NewFake()
	streamtest.Run(t, streamtest.Subject{
		API: fake, ARN: streamtest.ARN,
		Put:    func(item map[string]any) { fake.Put(streamtest.First, item) },
		Remove: func(pk, sk string) { fake.Remove(streamtest.First, pk, sk) },
	})
}

func TestEmulator(t *testing.T) {
	streamtest.Run(t, emulated(t))
}

func TestShardsOverPages(t *testing.T) {
	t.Parallel()
	fake := streamtest.NewFake()
	fake.DescribePage = 2
	fake.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "1"})
	fake.Split(streamtest.First, "b", "c")
	fake.Split("b", "d", "e")
	got, err := stream.Stream{Client: fake, ARN: streamtest.ARN}.Shards(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []shard.Shard{{ID: streamtest.First, Closed: true}, {ID: "b", Parent: streamtest.First}, {ID: "c", Parent: streamtest.First}, {ID: "d", Parent: "b"}, {ID: "e", Parent: "b"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("shards differ (-want +got):\n%s", diff)
	}
	if calls := fake.Calls()["DescribeStream"]; calls != 3 {
		t.Errorf("%d calls for five shards in pages of two, want 3", calls)
	}
}

func TestClosedShardEnds(t *testing.T) {
	t.Parallel()
	s, fake := faked()
	fake.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "1"})
	fake.Split(streamtest.First, "b", "c")
	iterator, err := s.Iterator(t.Context(), streamtest.First, "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Read(t.Context(), iterator)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Events) != 1 || page.Next != "" {
		t.Errorf("got %d events and next %q, want the last event and no more", len(page.Events), page.Next)
	}
}

func TestErrorsAReaderLivesWith(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		spoil func(*streamtest.Fake)
		want  error
	}{
		{"expired", (*streamtest.Fake).Expire, shard.ErrExpired},
		{"trimmed", func(f *streamtest.Fake) { f.Trim(streamtest.First, 2) }, shard.ErrTrimmed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s, fake := faked()
			for n := range 3 {
				fake.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": fmt.Sprint(n)})
			}
			iterator, err := s.Iterator(t.Context(), streamtest.First, "")
			if err != nil {
				t.Fatal(err)
			}
			tt.spoil(fake)
			if _, err := s.Read(t.Context(), iterator); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

func TestUnreadableItemIsAnEventThatSaysSo(t *testing.T) {
	t.Parallel()
	s, fake := faked()
	fake.Put(streamtest.First, map[string]any{"pk": "acme#contact", "sk": "1", "data": make(chan int)})
	iterator, err := s.Iterator(t.Context(), streamtest.First, "")
	if err != nil {
		t.Fatal(err)
	}
	page, err := s.Read(t.Context(), iterator)
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Events) != 1 || page.Events[0].Unreadable == nil || !strings.Contains(page.Events[0].Unreadable.Error(), "new image") {
		t.Errorf("got %+v, want one event that names its new image as unreadable", page.Events)
	}
}

func TestLabel(t *testing.T) {
	t.Parallel()
	if got, want := (stream.Stream{ARN: streamtest.ARN}).Label(), "2026-12-01T00:00:00.000"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func faked() (stream.Stream, *streamtest.Fake) {
	fake := streamtest.NewFake()
	return stream.Stream{Client: fake, ARN: streamtest.ARN}, fake
}

// emulated makes a table with a stream, which goes when the test ends.
func emulated(t *testing.T) streamtest.Subject {
	t.Helper()
	settings := awstest.Config(t)
	db := dynamodb.NewFromConfig(settings)
	table := aws.String(awstest.Name("records"))
	attributes := []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "S"}}
	made, err := db.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: table, BillingMode: types.BillingModePayPerRequest, AttributeDefinitions: attributes,
		KeySchema:           []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
		StreamSpecification: &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.DeleteTable(context.WithoutCancel(t.Context()), &dynamodb.DeleteTableInput{TableName: table}); err != nil {
			t.Error(err)
		}
	})
	return streamtest.Subject{
		API: dynamodbstreams.NewFromConfig(settings), ARN: *made.TableDescription.LatestStreamArn,
		Put: func(item map[string]any) {
			values, err := attribute.Values(item)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: table, Item: values}); err != nil {
				t.Fatal(err)
			}
		},
		Remove: func(pk, sk string) {
			key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: pk}, "sk": &types.AttributeValueMemberS{Value: sk}}
			if _, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: table, Key: key}); err != nil {
				t.Fatal(err)
			}
		},
	}
}
