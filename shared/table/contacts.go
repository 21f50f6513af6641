package table

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/directory"
	"crmhook/shared/record"
)

// MostClaims is how many values a contact can be made with.
const MostClaims = 10

// Contacts makes contacts: the record in one table, with the claims to what it is found by in the directory's.
type Contacts struct {
	records   Table
	directory Table
}

// NewContacts makes contacts in these tables.
func NewContacts(client *dynamodb.Client, records, directory string) Contacts {
	return Contacts{Table{Client: client, Name: records}, Table{Client: client, Name: directory}}
}

// Create makes a contact together with at most MostClaims claims, or nothing of it: false if the contact is there, be it
// deleted, or if somebody holds one of the claims other than whom the claim is over, or this very contact.
func (c Contacts) Create(ctx context.Context, contact record.Record, claims []directory.Claim) (bool, error) {
	if len(claims) > MostClaims {
		return false, fmt.Errorf("create %s: %d claims, at most %d are possible", contact.Key, len(claims), MostClaims)
	}
	item, err := recordItem(record.Write{Now: contact})
	if err != nil {
		return false, fmt.Errorf("create %w", err)
	}
	writes := []types.TransactWriteItem{{Put: &types.Put{
		TableName: &c.records.Name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)"),
	}}}
	held := map[directory.Ref]bool{}
	for _, claim := range claims {
		if !held[claim.Ref] {
			held[claim.Ref], writes = true, append(writes, c.claim(claim, contact.ID))
		}
	}
	refused, err := c.records.together(ctx, writes)
	if err != nil {
		return false, fmt.Errorf("create %s: %w", contact.Key, err)
	}
	return refused == nil, nil
}

func (c Contacts) claim(claim directory.Claim, contact string) types.TransactWriteItem {
	item := key(refPK(claim.Ref), claimSK)
	item["contact"] = text(contact)
	return types.TransactWriteItem{Put: &types.Put{
		TableName: &c.directory.Name, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(pk) OR contact = :contact OR contact = :over"),
		ExpressionAttributeValues: Item{":contact": text(contact), ":over": text(claim.Over)},
	}}
}
