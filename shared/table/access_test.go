package table_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/awstest"
	"crmhook/shared/parameter"
	"crmhook/shared/table"
)

// shop is a source that holds a claim, and a key, both new.
func shop() []access.Change {
	source := access.Checked{
		Path: parameter.Path{Organization: "demo", Kind: parameter.Source, Name: "Shopify"}, Version: 1, Revision: "r1",
		Source: access.Source{Organization: "demo", Name: "Shopify", Verify: access.Zendesk}, Proofs: []access.Proof{{Secret: "a", Fingerprint: "f"}},
	}
	key := access.Checked{
		Path: parameter.Path{Organization: "demo", Kind: parameter.Key, Name: "a"}, Version: 1, Revision: "r1",
		Key: access.Key{Organization: "demo", Name: "a", Hash: "h", Scopes: []access.Scope{access.Triggers}},
	}
	var changes []access.Change
	for _, now := range []access.Checked{source, key} {
		changes = append(changes, access.Change{Path: now.Path, Now: now, Seen: parameter.Seen{Name: now.Full("dev"), Revision: "r1"}})
	}
	return changes
}

// removals take away what the changes made.
func removals(changes []access.Change) []access.Change {
	list := make([]access.Change, len(changes))
	for i, change := range changes {
		list[i] = access.Change{Path: change.Path, Was: change.Now, Before: "r1", Seen: parameter.Seen{Name: change.Seen.Name, Revision: "r2"}}
	}
	return list
}

// TestAccessLeavesNothingBehind: after the removal there are only the parameters remembered.
func TestAccessLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	c := configurationTable(t)
	for _, changes := range [][]access.Change{shop(), removals(shop())} {
		if done, err := c.ChangeAccess(t.Context(), changes); err != nil || !done[0] || !done[1] {
			t.Fatalf("changes made: %v, error %v; want both", done, err)
		}
	}
	out, err := c.Client.Scan(t.Context(), &dynamodb.ScanInput{TableName: &c.Name, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range out.Items {
		if pk := item["pk"].(*types.AttributeValueMemberS).Value; pk != "#parameters" {
			t.Errorf("left behind: %v", item)
		}
	}
}

func TestSourceOfAnotherFormCannotBeUsed(t *testing.T) {
	t.Parallel()
	c := configurationTable(t)
	_, err := c.Client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &c.Name, Item: map[string]types.AttributeValue{
		"pk": &types.AttributeValueMemberS{Value: "demo"}, "sk": &types.AttributeValueMemberS{Value: "source#Shopify"},
		"revision": &types.AttributeValueMemberS{Value: "r"}, "source": &types.AttributeValueMemberS{Value: `{"verify":7}`},
	}})
	if err != nil {
		t.Fatal(err)
	}
	path := parameter.Path{Organization: "demo", Kind: parameter.Source, Name: "Shopify"}
	got, err := c.Access(t.Context(), []parameter.Path{path})
	if err != nil || got[path].Usable() || !strings.Contains(got[path].Faults.Error(), "write the parameter again") {
		t.Errorf("source: %+v, error %v; want one with a fault that says what to do", got[path], err)
	}
	sources, err := c.Sources(t.Context(), "demo", []string{"Shopify"})
	if err != nil || len(sources) != 0 {
		t.Errorf("sources that can be used: %v, error %v; want none", sources, err)
	}
}

// TestCallsOfWhoMayCall counts calls: a lookup is one, however much it finds.
func TestCallsOfWhoMayCall(t *testing.T) {
	t.Parallel()
	config := awstest.Config(t)
	calls := awstest.Count(&config)
	c := table.NewConfiguration(awstest.Table(t, config))
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("Shopify-%d", i)
	}
	steps := []struct {
		name string
		do   func(ctx context.Context) error
		want map[string]int
	}{
		{"write a source and a key", func(ctx context.Context) error { _, err := c.ChangeAccess(ctx, shop()); return err }, map[string]int{"TransactWriteItems": 2}},
		{"find a key", func(ctx context.Context) error { _, err := c.KeysByHash(ctx, "h"); return err }, map[string]int{"Query": 1}},
		{"find no key", func(ctx context.Context) error { _, err := c.KeysByHash(ctx, "none"); return err }, map[string]int{"Query": 1}},
		{"read 100 sources", func(ctx context.Context) error { _, err := c.Sources(ctx, "demo", names); return err }, map[string]int{"BatchGetItem": 1}},
		{"find a customer", func(ctx context.Context) error { _, err := c.Customer(ctx, "Shop", "Main"); return err }, map[string]int{"GetItem": 1}},
		{"read 100 settings", func(ctx context.Context) error { _, err := c.OrganizationSettings(ctx, "demo", names); return err }, map[string]int{"BatchGetItem": 1}},
		{"read no settings", func(ctx context.Context) error { _, err := c.OrganizationSettings(ctx, "demo", nil); return err }, map[string]int{}},
		{"find a holder", func(ctx context.Context) error { _, err := c.Holders(ctx, []string{"f"}); return err }, map[string]int{"BatchGetItem": 1}},
		{"remove both", func(ctx context.Context) error { _, err := c.ChangeAccess(ctx, removals(shop())); return err }, map[string]int{"TransactWriteItems": 2, "DeleteItem": 1}},
	}
	calls.Take()
	for _, step := range steps {
		if err := step.do(t.Context()); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		if diff := cmp.Diff(step.want, calls.Take()); diff != "" {
			t.Errorf("%s: calls differ (-want +got):\n%s", step.name, diff)
		}
	}
}

// TestManySourcesShareASecretAtOnce: their transactions meet at one claim, and all get through.
func TestManySourcesShareASecretAtOnce(t *testing.T) {
	t.Parallel()
	c := configurationTable(t)
	changes := make([]access.Change, 20)
	for i := range changes {
		changes[i] = shop()[0]
		changes[i].Name = fmt.Sprintf("Shopify-%d", i)
		changes[i].Now.Path = changes[i].Path
		changes[i].Seen.Name = changes[i].Full("dev")
	}
	for range 2 {
		done, err := c.ChangeAccess(t.Context(), changes)
		if err != nil {
			t.Fatal(err)
		}
		for i, ok := range done {
			if !ok {
				t.Errorf("change %d was not made", i)
			}
		}
		changes = removals(changes)
	}
	if got, err := c.Holders(t.Context(), []string{"f"}); err != nil || len(got) != 0 {
		t.Errorf("holders in the end: %v, error %v; want none", got, err)
	}
}
