package table

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/directory"
)

// Directory keeps by what contacts can be found: an item each for a value and a contact that has it, pk
// organization#kind#value, sk the contact's number, and one of sk `#claim` for who holds the claim to the value. Both have
// the number as contact, by which the index byContact finds all of a contact.
type Directory struct{ Table }

// NewDirectory is the directory on a table.
func NewDirectory(client *dynamodb.Client, name string) Directory {
	return Directory{Table{Client: client, Name: name}}
}

const (
	claimSK = "#claim"
	// mostContacts is how many contacts of a value are found.
	mostContacts = 100
)

func refPK(ref directory.Ref) string {
	return ref.Organization + "#" + string(ref.Kind) + "#" + ref.Value
}

// Find looks values up, strongly consistent, a query each and several at once. It gives at most 100 contacts of a value, in
// order; values that nobody has or holds are left out.
func (d Directory) Find(ctx context.Context, refs []directory.Ref) (map[directory.Ref]directory.Found, error) {
	asked, distinct := map[directory.Ref]bool{}, make([]directory.Ref, 0, len(refs))
	for _, ref := range refs {
		if !asked[ref] {
			asked[ref], distinct = true, append(distinct, ref)
		}
	}
	var mu sync.Mutex
	found := make(map[directory.Ref]directory.Found, len(distinct))
	err := eachChunk(distinct, 1, func(chunk []directory.Ref) error {
		is, err := d.find(ctx, chunk[0])
		if err != nil || is.Holder == "" && is.Contacts == nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		found[chunk[0]] = is
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look up contacts: %w", err)
	}
	return found, nil
}

func (d Directory) find(ctx context.Context, ref directory.Ref) (directory.Found, error) {
	var found directory.Found
	pages := dynamodb.NewQueryPaginator(d.Client, &dynamodb.QueryInput{
		TableName: &d.Name, ConsistentRead: aws.Bool(true), Limit: aws.Int32(mostContacts + 1),
		KeyConditionExpression: aws.String("pk = :pk"), ExpressionAttributeValues: Item{":pk": text(refPK(ref))},
	})
	for pages.HasMorePages() && len(found.Contacts) < mostContacts {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return found, err
		}
		for _, item := range page.Items {
			if sk := textOf(item, "sk"); sk == claimSK {
				found.Holder = textOf(item, "contact")
			} else if len(found.Contacts) < mostContacts {
				found.Contacts = append(found.Contacts, sk)
			}
		}
	}
	return found, nil
}

// Add keeps entries, 25 a call; those that are there already stay. A contact whose number begins with # is passed over: it
// would lie among what is kept beside the contacts, and no number does.
func (d Directory) Add(ctx context.Context, entries []directory.Entry) error {
	writes := eachEntry(entries, func(e directory.Entry) types.WriteRequest { return put(directoryItem(e)) })
	if err := d.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("add to directory: %w", err)
	}
	return nil
}

// Retire keeps entries until a time: those of a contact that was deleted, by which an older state of it is known as such.
func (d Directory) Retire(ctx context.Context, entries []directory.Entry, until time.Time) error {
	writes := eachEntry(entries, func(e directory.Entry) types.WriteRequest {
		item := directoryItem(e)
		item["expires"] = expiry(until)
		return put(item)
	})
	if err := d.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("retire in directory: %w", err)
	}
	return nil
}

func directoryItem(e directory.Entry) Item {
	item := key(refPK(e.Ref), e.Contact)
	item["contact"] = text(e.Contact)
	return item
}

// Remove forgets entries, 25 a call; those that are not there are passed over. Claims stay.
func (d Directory) Remove(ctx context.Context, entries []directory.Entry) error {
	writes := eachEntry(entries, func(e directory.Entry) types.WriteRequest { return remove(refPK(e.Ref), e.Contact) })
	if err := d.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("remove from directory: %w", err)
	}
	return nil
}

// eachEntry makes a write of each entry, once.
func eachEntry(entries []directory.Entry, write func(directory.Entry) types.WriteRequest) []types.WriteRequest {
	writes, made := make([]types.WriteRequest, 0, len(entries)), map[directory.Entry]bool{}
	for _, e := range entries {
		if e.Contact != "" && !strings.HasPrefix(e.Contact, "#") && !made[e] {
			made[e], writes = true, append(writes, write(e))
		}
	}
	return writes
}
