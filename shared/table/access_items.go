package table

import (
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

// accessWrites are all writes of a change.
func (c Configuration) accessWrites(change access.Change) ([]types.TransactWriteItem, error) {
	own, err := c.ownWrite(change)
	if err != nil {
		return nil, err
	}
	remembered := c.putOn(seenItem(change.Seen), change.Before)
	writes := []types.TransactWriteItem{own, remembered}
	if was := change.Was.Hash(); was != "" && was != change.Now.Hash() {
		at := key(hashPrefix+was, change.Organization+"#"+change.Name)
		writes = append(writes, types.TransactWriteItem{Delete: &types.Delete{TableName: &c.Name, Key: at}})
	}
	if now := change.Now.Hash(); now != "" {
		item := keyItem(hashPrefix+now, change.Organization+"#"+change.Name, change.Now.Key)
		writes = append(writes, types.TransactWriteItem{Put: &types.Put{TableName: &c.Name, Item: item}})
	}
	for _, fingerprint := range change.Taken() {
		writes = append(writes, c.claim(change.Path, fingerprint, "ADD"))
	}
	for _, fingerprint := range change.Released() {
		writes = append(writes, c.claim(change.Path, fingerprint, "DELETE"))
	}
	return writes, nil
}

// ownWrite writes or deletes the parameter's own item, on the condition that it is the one that was read.
func (c Configuration) ownWrite(change access.Change) (types.TransactWriteItem, error) {
	if change.Now.Revision != "" {
		item, err := checkedItem(change.Now)
		return c.putOn(item, change.Was.Revision), err
	}
	remove := &types.Delete{TableName: &c.Name, Key: key(partition(change.Organization), change.Path.String())}
	remove.ConditionExpression, remove.ExpressionAttributeNames, remove.ExpressionAttributeValues = onRevision(change.Was.Revision)
	return types.TransactWriteItem{Delete: remove}, nil
}

// putOn puts an item on the condition that the one in its place has this revision, "" that there is none.
func (c Configuration) putOn(item Item, revision string) types.TransactWriteItem {
	put := &types.Put{TableName: &c.Name, Item: item}
	put.ConditionExpression, put.ExpressionAttributeNames, put.ExpressionAttributeValues = onRevision(revision)
	return types.TransactWriteItem{Put: put}
}

func onRevision(revision string) (condition *string, names map[string]string, values Item) {
	if revision == "" {
		return aws.String("attribute_not_exists(pk)"), nil, nil
	}
	return aws.String("#revision = :revision"), map[string]string{"#revision": "revision"}, Item{":revision": text(revision)}
}

// claim adds a source to those that hold a fingerprint, or deletes it, on the condition that no other organization's do.
// A set that loses its last member is gone.
func (c Configuration) claim(path parameter.Path, fingerprint, verb string) types.TransactWriteItem {
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &c.Name, Key: key(fingerprintPrefix+fingerprint, holderKey),
		UpdateExpression:         aws.String("SET #organization = :organization " + verb + " #sources :source"),
		ConditionExpression:      aws.String("attribute_not_exists(#sources) OR #organization = :organization"),
		ExpressionAttributeNames: map[string]string{"#organization": "organization", "#sources": "sources"},
		ExpressionAttributeValues: Item{
			":organization": text(path.Organization), ":source": &types.AttributeValueMemberSS{Value: []string{path.Name}},
		},
	}}
}

func keyItem(pk, sk string, k access.Key) Item {
	item := key(pk, sk)
	scopes := make([]string, len(k.Scopes))
	for i, scope := range k.Scopes {
		scopes[i] = string(scope)
	}
	item["hash"], item["scopes"], item["origin"] = text(k.Hash), texts(scopes), text(k.Origin)
	return item
}

func checkedItem(checked access.Checked) (Item, error) {
	pk, sk := partition(checked.Organization), checked.Path.String()
	item := key(pk, sk)
	switch checked.Kind {
	case parameter.Key:
		item = keyItem(pk, sk, checked.Key)
	case parameter.Source:
		item["dependsOn"] = texts(checked.DependsOn)
		if err := setJSON(item, "source", checked.Source); err != nil {
			return nil, err
		}
		if err := setJSON(item, "proofs", checked.Proofs); err != nil {
			return nil, err
		}
	case parameter.Customer:
		item["organization"] = text(checked.Means)
	}
	item["version"], item["modified"], item["revision"] = number(checked.Version), instant(checked.Modified), text(checked.Revision)
	return item, setFaults(item, checked.Faults)
}

func setJSON(item Item, name string, value any) error {
	kept, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	item[name] = text(string(kept))
	return nil
}
