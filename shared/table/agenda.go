package table

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
)

// Agenda keeps what is due when, in the backlog's table under pk `agenda`, sorted by time.
type Agenda struct{ Table }

// NewAgenda is the agenda on the backlog's table.
func NewAgenda(client *dynamodb.Client, name string) Agenda {
	return Agenda{Table{Client: client, Name: name}}
}

const (
	agendaPK   = "agenda"
	agendaTime = "2006-01-02T15:04:05Z"
)

func agendaSK(e backlog.Entry) string {
	return e.Due.UTC().Format(agendaTime) + "#" + string(e.Purpose) + "#" + e.Lane.String()
}

// Put writes entries, 25 a call; entries that are the same keep the last token.
func (a Agenda) Put(ctx context.Context, entries []backlog.Entry) error {
	last := map[string]types.WriteRequest{}
	for _, e := range entries {
		last[agendaSK(e)] = put(agendaItem(e))
	}
	writes := make([]types.WriteRequest, 0, len(last))
	for _, write := range last {
		writes = append(writes, write)
	}
	if err := a.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("write agenda: %w", err)
	}
	return nil
}

func agendaItem(e backlog.Entry) Item {
	item := key(agendaPK, agendaSK(e))
	item["nonce"] = text(e.Token)
	return item
}

// Due reads the entries whose time has come, earliest first, at most limit of them, strongly consistent.
func (a Agenda) Due(ctx context.Context, now time.Time, limit int) ([]backlog.Entry, error) {
	input := &dynamodb.QueryInput{
		TableName: &a.Name, KeyConditionExpression: aws.String("pk = :pk AND sk < :now"), ConsistentRead: aws.Bool(true),
		// A second begins with its due entries, and # sorts before any letter.
		ExpressionAttributeValues: Item{":pk": text(agendaPK), ":now": text(now.UTC().Format(agendaTime) + "~")},
	}
	var entries []backlog.Entry
	for len(entries) < limit {
		input.Limit = aws.Int32(int32(limit - len(entries)))
		out, err := a.Client.Query(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("read agenda: %w", err)
		}
		for _, item := range out.Items {
			if e, ok := entryOf(item); ok {
				entries = append(entries, e)
			}
		}
		if input.ExclusiveStartKey = out.LastEvaluatedKey; out.LastEvaluatedKey == nil {
			break
		}
	}
	return entries, nil
}

func entryOf(item Item) (backlog.Entry, bool) {
	parts := strings.Split(textOf(item, "sk"), "#")
	if len(parts) != 5 {
		return backlog.Entry{}, false
	}
	due, err := time.Parse(agendaTime, parts[0])
	return backlog.Entry{
		Due: due, Purpose: backlog.Purpose(parts[1]), Token: textOf(item, "nonce"),
		Lane: backlog.Lane{Organization: parts[2], Interface: parts[3], Generation: parts[4]},
	}, err == nil
}

const dropEntry = `DELETE FROM %s WHERE pk = ? AND sk = ? AND nonce = ?`

// Drop removes entries, 25 a call, each if nobody has written it again since it was read, and answers for each whether it
// is gone, also where it was before.
func (a Agenda) Drop(ctx context.Context, entries []backlog.Entry) ([]bool, error) {
	statements := make([]statement, len(entries))
	for i, e := range entries {
		statements[i] = statement{dropEntry, []types.AttributeValue{text(agendaPK), text(agendaSK(e)), text(e.Token)}}
	}
	done, err := a.execute(ctx, statements)
	if err != nil {
		return nil, fmt.Errorf("drop agenda entries: %w", err)
	}
	return done, nil
}
