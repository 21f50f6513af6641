package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// Erase puts the mark of an erased record in the place of whatever its item was, also of what other programs kept there, and
// returns the record that was there; false if there was none. Of one that could not be read it returns the key alone.
func (r Records) Erase(ctx context.Context, mark record.Record) (was record.Record, there bool, err error) {
	item, err := recordItem(record.Write{Now: mark})
	if err != nil {
		return was, false, fmt.Errorf("erase record: %w", err)
	}
	var old Item
	err = alone(ctx, func() error {
		out, err := r.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.Name, Item: item, ReturnValues: types.ReturnValueAllOld})
		if err == nil {
			old = out.Attributes
		}
		return err
	})
	if err != nil {
		return was, false, fmt.Errorf("erase record: %w", err)
	}
	if len(old) == 0 {
		return was, false, nil
	}
	if was, err = recordOf(old); err != nil {
		return record.Record{Key: mark.Key}, true, nil
	}
	return was, true, nil
}

// byContact is the directory's index on contact and pk. It is a little behind the table.
const byContact = "byContact"

// Of lists by what a contact is found, and which claims it holds, also of one that is gone: from the index, 1 MB a call.
func (d Directory) Of(ctx context.Context, contact change.Key) (entries, claims []directory.Entry, err error) {
	pages := dynamodb.NewQueryPaginator(d.Client, &dynamodb.QueryInput{
		TableName: &d.Name, IndexName: aws.String(byContact), KeyConditionExpression: aws.String("contact = :contact AND begins_with(pk, :organization)"),
		ExpressionAttributeValues: Item{":contact": text(contact.ID), ":organization": text(contact.Organization + "#")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, nil, fmt.Errorf("list a contact's directory: %w", err)
		}
		for _, item := range page.Items {
			entry := entryOfDirectory(contact, item)
			if textOf(item, "sk") == claimSK {
				claims = append(claims, entry)
			} else {
				entries = append(entries, entry)
			}
		}
	}
	return entries, claims, nil
}

func entryOfDirectory(contact change.Key, item Item) directory.Entry {
	rest := strings.TrimPrefix(textOf(item, "pk"), contact.Organization+"#")
	kind, value, _ := strings.Cut(rest, "#")
	return directory.Entry{
		Ref:     directory.Ref{Organization: contact.Organization, Kind: directory.Kind(kind), Value: value},
		Contact: contact.ID,
	}
}

// Unclaim gives up claims, each unless another contact holds it by now; those that are gone are passed over.
func (d Directory) Unclaim(ctx context.Context, claims []directory.Entry) error {
	_, err := eachWrite(len(claims), func(i int) (bool, error) {
		return conditionHeld(alone(ctx, func() error {
			_, err := d.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: &d.Name, Key: key(refPK(claims[i].Ref), claimSK), ConditionExpression: aws.String("contact = :contact"),
				ExpressionAttributeValues: Item{":contact": text(claims[i].Contact)},
			})
			return err
		}))
	})
	if err != nil {
		return fmt.Errorf("give up claims: %w", err)
	}
	return nil
}
