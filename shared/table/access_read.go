package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/access"
	"crmhook/shared/parameter"
)

// KeysByHash reads the keys that a token with this hash is; none for an unknown one. It is one call, which may show what
// was a second ago.
func (c Configuration) KeysByHash(ctx context.Context, hash string) ([]access.Key, error) {
	condition := "pk = :pk"
	out, err := c.Client.Query(ctx, &dynamodb.QueryInput{
		TableName: &c.Name, KeyConditionExpression: &condition, ExpressionAttributeValues: Item{":pk": text(hashPrefix + hash)},
	})
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", err)
	}
	var keys []access.Key
	for _, item := range out.Items {
		k := keyOf(item)
		k.Organization, k.Name, _ = strings.Cut(textOf(item, "sk"), "#")
		keys = append(keys, k)
	}
	return keys, nil
}

// Sources reads those of an organization's sources of these names that can be used, in one call for up to 100.
func (c Configuration) Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error) {
	items, err := c.named(ctx, organization, parameter.Source, names)
	if err != nil {
		return nil, fmt.Errorf("read sources of %s: %w", organization, err)
	}
	sources := make(map[string]access.Source, len(items))
	for _, item := range items {
		if checked := checkedOf(item); checked.Usable() {
			sources[checked.Name] = checked.Source
		}
	}
	return sources, nil
}

// Customer reads the organization that a CRM360 customer and database mean, "" for none.
func (c Configuration) Customer(ctx context.Context, customer, alias string) (organization string, err error) {
	path := parameter.Path{Kind: parameter.Customer, Name: access.CustomerName(customer, alias)}
	item, err := c.get(ctx, stagePartition, path.String())
	if err != nil {
		return "", fmt.Errorf("read customer: %w", err)
	}
	if checked := checkedOf(item); checked.Usable() {
		return checked.Means, nil
	}
	return "", nil
}

// OrganizationSettings reads those of an organization's settings of these names that are set and have no faults, in one
// call for up to 100.
func (c Configuration) OrganizationSettings(ctx context.Context, organization string, names []string) (map[string]string, error) {
	items, err := c.named(ctx, organization, parameter.Setting, names)
	if err != nil {
		return nil, fmt.Errorf("read settings of %s: %w", organization, err)
	}
	settings := make(map[string]string, len(items))
	for _, item := range items {
		if fact := factOf(item); fact.Usable() {
			settings[fact.Name] = fact.Value
		}
	}
	return settings, nil
}

// named reads an organization's items of a kind by names, each once.
func (c Configuration) named(ctx context.Context, organization string, kind parameter.Kind, names []string) ([]Item, error) {
	asked := make(map[string]bool, len(names))
	keys := make([]Item, 0, len(names))
	for _, name := range names {
		if !asked[name] {
			asked[name] = true
			keys = append(keys, key(organization, parameter.Path{Kind: kind, Name: name}.String()))
		}
	}
	return c.getAll(ctx, keys)
}

func keyOf(item Item) access.Key {
	k := access.Key{Hash: textOf(item, "hash"), Origin: textOf(item, "origin")}
	for _, scope := range textsOf(item, "scopes") {
		k.Scopes = append(k.Scopes, access.Scope(scope))
	}
	return k
}

// checkedOf never fails: a source that was kept in a form this version cannot read cannot be used.
func checkedOf(item Item) access.Checked {
	checked := access.Checked{
		Path: pathOf(item), Version: numberOf(item, "version"), Modified: instantOf(item, "modified"), Revision: textOf(item, "revision"),
		Faults: faultsOf(item), DependsOn: textsOf(item, "dependsOn"), Means: textOf(item, "organization"),
	}
	switch checked.Kind {
	case parameter.Key:
		checked.Key = keyOf(item)
		checked.Key.Organization, checked.Key.Name = checked.Organization, checked.Name
	case parameter.Source:
		err := json.Unmarshal([]byte(textOf(item, "source")), &checked.Source)
		if err == nil {
			err = json.Unmarshal([]byte(textOf(item, "proofs")), &checked.Proofs)
		}
		if err != nil {
			checked.Faults.Add("", "is kept in a form that this version of crmhook cannot read (%v): write the parameter again", err)
		}
		checked.Source.Organization, checked.Source.Name = checked.Organization, checked.Name
	}
	return checked
}
