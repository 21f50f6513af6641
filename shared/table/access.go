package table

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

const (
	hashPrefix        = "#key#"
	fingerprintPrefix = "#fingerprint#"
	holderKey         = "holder"
)

// Access reads keys, sources and customers as they were checked, 100 a call; those that do not exist are left out. Paths
// must be distinct.
func (c Configuration) Access(ctx context.Context, paths []parameter.Path) (map[parameter.Path]access.Checked, error) {
	keys := make([]Item, len(paths))
	for i, path := range paths {
		keys[i] = key(partition(path.Organization), path.String())
	}
	items, err := c.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read keys, sources and customers: %w", err)
	}
	checked := make(map[parameter.Path]access.Checked, len(items))
	for _, item := range items {
		checked[pathOf(item)] = checkedOf(item)
	}
	return checked, nil
}

// ChangeAccess makes changes and answers for each whether it was made: false where the parameter, or what is remembered of
// it, was written since it was read, or another organization holds a claim that it wants. Each is one transaction of all
// that it touches, so that a key is found by its hash exactly while its own item says so, and a source holds its claims.
func (c Configuration) ChangeAccess(ctx context.Context, changes []access.Change) ([]bool, error) {
	done, err := eachWrite(len(changes), func(i int) (bool, error) {
		writes, err := c.accessWrites(changes[i])
		if err != nil {
			return false, err
		}
		refused, err := c.together(ctx, writes)
		if err != nil || refused != nil {
			return false, err
		}
		return true, c.tidy(ctx, changes[i].Released())
	})
	if err != nil {
		return nil, fmt.Errorf("change keys, sources and customers: %w", err)
	}
	return done, nil
}

// Holders reads which organizations hold claims on these fingerprints, 100 a call; those that nobody holds are left out.
// Fingerprints must be distinct.
func (c Configuration) Holders(ctx context.Context, fingerprints []string) (map[string]string, error) {
	keys := make([]Item, len(fingerprints))
	for i, fingerprint := range fingerprints {
		keys[i] = key(fingerprintPrefix+fingerprint, holderKey)
	}
	items, err := c.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read holders of secrets: %w", err)
	}
	holders := make(map[string]string, len(items))
	for _, item := range items {
		if item["sources"] != nil {
			holders[textOf(item, "pk")[len(fingerprintPrefix):]] = textOf(item, "organization")
		}
	}
	return holders, nil
}

// tidy deletes what is left of claims that nobody holds. One that a crash leaves behind is held by nobody either.
func (c Configuration) tidy(ctx context.Context, fingerprints []string) error {
	for _, fingerprint := range fingerprints {
		_, err := c.Client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
			TableName: &c.Name, Key: key(fingerprintPrefix+fingerprint, holderKey),
			ConditionExpression:      aws.String("attribute_not_exists(#sources)"),
			ExpressionAttributeNames: map[string]string{"#sources": "sources"},
		})
		if _, err := conditionHeld(err); err != nil {
			return fmt.Errorf("tidy claims: %w", err)
		}
	}
	return nil
}
