package table

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/trigger"
)

// largestPiece of a message is well below an item's 400 KB.
const largestPiece = 350_000

func messagesPK(triggers string) string { return triggers + "#messages" }

// pieceOf is the sort key of the n-th piece, from 0, of a trigger's message.
func pieceOf(id string, n int) string { return fmt.Sprintf("%s#%04d", id, n+1) }

// piecesItems are a message's items; they expire with its entry.
func piecesItems(triggers string, e trigger.Entry) []Item {
	var items []Item
	for from := 0; from < len(e.Message); from += largestPiece {
		item := key(messagesPK(triggers), pieceOf(e.ID, len(items)))
		item["piece"] = &types.AttributeValueMemberB{Value: e.Message[from:min(len(e.Message), from+largestPiece)]}
		if !e.Expires.IsZero() {
			item["expires"] = expiry(e.Expires)
		}
		items = append(items, item)
	}
	return items
}

// piecesOf is how many pieces the messages of entries have that are there, by the entry's pk and id.
func (t Triggers) piecesOf(ctx context.Context, entries []Item) (map[string]int, error) {
	items, err := t.getAll(ctx, entries)
	if err != nil {
		return nil, err
	}
	pieces := make(map[string]int, len(items))
	for _, item := range items {
		pieces[textOf(item, "pk")+" "+textOf(item, "sk")] = int(numberOf(item, "pieces"))
	}
	return pieces, nil
}

// message reads the pieces of a message, as far as they are there.
func (t Triggers) message(ctx context.Context, triggers, id string, pieces int) ([]byte, error) {
	var message []byte
	pages := dynamodb.NewQueryPaginator(t.Client, &dynamodb.QueryInput{
		TableName: &t.Name, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk AND sk BETWEEN :first AND :last"),
		ExpressionAttributeValues: Item{
			":pk": text(messagesPK(triggers)), ":first": text(pieceOf(id, 0)), ":last": text(pieceOf(id, pieces-1)),
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, item := range page.Items {
			if piece, ok := item["piece"].(*types.AttributeValueMemberB); ok {
				message = append(message, piece.Value...)
			}
		}
	}
	return message, nil
}
