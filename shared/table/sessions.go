package table

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/access"
)

// Sessions keeps who is signed in to the console, in the checkpoints' table: pk #session#hash, sk `session`. A name that
// begins with # is no organization's. DynamoDB removes a session some time after it has expired, so whoever reads one looks
// at its end.
type Sessions struct{ Table }

// NewSessions is the sessions in a checkpoints' table.
func NewSessions(client *dynamodb.Client, name string) Sessions {
	return Sessions{Table{Client: client, Name: name}}
}

const sessionSK = "session"

func sessionPK(hash string) string { return "#session#" + hash }

// Put keeps a session.
func (s Sessions) Put(ctx context.Context, session access.Session) error {
	item := key(sessionPK(session.Hash), sessionSK)
	item["key"], item["until"], item["expires"] = text(session.KeyHash), instant(session.Expires), expiry(session.Expires)
	if _, err := s.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &s.Name, Item: item}); err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	return nil
}

// Get reads a session by its hash, strongly consistent, also one that has expired; false if there is none.
func (s Sessions) Get(ctx context.Context, hash string) (access.Session, bool, error) {
	item, err := s.get(ctx, sessionPK(hash), sessionSK)
	if err != nil {
		return access.Session{}, false, fmt.Errorf("read session: %w", err)
	}
	if item == nil {
		return access.Session{}, false, nil
	}
	return access.Session{Hash: hash, KeyHash: textOf(item, "key"), Expires: instantOf(item, "until")}, true, nil
}

// Drop ends a session, also one that is gone already.
func (s Sessions) Drop(ctx context.Context, hash string) error {
	if _, err := s.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: &s.Name, Key: key(sessionPK(hash), sessionSK)}); err != nil {
		return fmt.Errorf("drop session: %w", err)
	}
	return nil
}
