package table

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/audit"
)

// The audit lies under pk organization#audit, sk the entry's id, and never expires.
func auditPK(organization string) string { return organization + "#audit" }

// Record keeps an entry of the audit.
func (l Ledger) Record(ctx context.Context, e audit.Entry) error {
	item := key(auditPK(e.Organization), e.ID)
	item["at"], item["by"], item["action"], item["subject"], item["detail"] = instant(e.At), text(e.By), text(string(e.Action)), text(e.Subject), text(e.Detail)
	if _, err := l.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &l.Name, Item: item}); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// Recorded reads an organization's audit, newest first and strongly consistent: at most limit entries after an id, made from
// since on and before until, where these are given, and the id to go on after; empty: there are no more. When one was made
// is the time that its id begins with. It is one query.
func (l Ledger) Recorded(ctx context.Context, organization, after string, since, until time.Time, limit int) (list []audit.Entry, next string, err error) {
	between, err := idsBetween(since, until)
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	items, next, err := l.partition(auditPK(organization), between.onward(after)).page(ctx, limit)
	if err != nil {
		return nil, "", fmt.Errorf("list the audit: %w", err)
	}
	for _, item := range items {
		list = append(list, audit.Entry{
			ID: textOf(item, "sk"), Organization: organization, At: instantOf(item, "at"), By: textOf(item, "by"),
			Action: audit.Action(textOf(item, "action")), Subject: textOf(item, "subject"), Detail: textOf(item, "detail"),
		})
	}
	return list, next, nil
}
