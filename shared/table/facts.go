package table

import (
	"context"
	"fmt"
	"strings"

	"crmhook/shared/parameter"
)

// Facts reads the settings and secrets of an organization, those of the stage for "".
func (c Configuration) Facts(ctx context.Context, organization string) ([]parameter.Fact, error) {
	bounds := []string{string(parameter.Secret) + "#", string(parameter.Setting) + "$"}
	items, err := c.query(ctx, partition(organization), "sk BETWEEN :a AND :b", bounds, 0)
	if err != nil {
		return nil, fmt.Errorf("read settings and secrets: %w", err)
	}
	facts := make([]parameter.Fact, len(items))
	for i, item := range items {
		facts[i] = factOf(item)
	}
	return facts, nil
}

// KeepFacts writes settings and secrets' hosts and answers for each whether it was written: false where the table holds
// a newer version.
func (c Configuration) KeepFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error) {
	items := make([]Item, len(facts))
	for i, fact := range facts {
		item, err := factItem(fact)
		if err != nil {
			return nil, fmt.Errorf("keep %s: %w", fact.Path, err)
		}
		items[i] = item
	}
	kept, err := c.putNotNewer(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("keep settings and secrets: %w", err)
	}
	return kept, nil
}

// DropFacts deletes settings and secrets, each unless it was written since it was read (the zero Modified: since it was
// not there), and answers for each whether it is gone.
func (c Configuration) DropFacts(ctx context.Context, facts []parameter.Fact) ([]bool, error) {
	gone, err := eachWrite(len(facts), func(i int) (bool, error) {
		return c.removeUnchanged(ctx, key(partition(facts[i].Organization), facts[i].String()), facts[i].Modified)
	})
	if err != nil {
		return nil, fmt.Errorf("drop settings and secrets: %w", err)
	}
	return gone, nil
}

// Dependencies reads what each of an organization's interfaces, sources or rules was checked against, one query a kind.
func (c Configuration) Dependencies(ctx context.Context, organization string, kinds ...parameter.Kind) (map[parameter.Path][]string, error) {
	dependencies := map[parameter.Path][]string{}
	for _, kind := range kinds {
		items, err := c.query(ctx, organization, "begins_with(sk, :a)", []string{string(kind) + "#"}, 0, "sk", "dependsOn")
		if err != nil {
			return nil, fmt.Errorf("read dependencies of %s: %w", organization, err)
		}
		for _, item := range items {
			_, name, _ := strings.Cut(textOf(item, "sk"), "#")
			dependencies[parameter.Path{Organization: organization, Kind: kind, Name: name}] = textsOf(item, "dependsOn")
		}
	}
	return dependencies, nil
}

func partition(organization string) string {
	if organization == "" {
		return stagePartition
	}
	return organization
}

func factItem(fact parameter.Fact) (Item, error) {
	item := key(partition(fact.Organization), fact.String())
	item["version"] = number(fact.Version)
	item["modified"] = instant(fact.Modified)
	if fact.Kind == parameter.Setting {
		item["value"] = text(fact.Value)
	} else {
		item["hosts"] = texts(fact.Hosts)
	}
	return item, setFaults(item, fact.Faults)
}

// pathOf is the parameter that an item is of.
func pathOf(item Item) parameter.Path {
	kind, name, _ := strings.Cut(textOf(item, "sk"), "#")
	organization := textOf(item, "pk")
	if organization == stagePartition {
		organization = ""
	}
	return parameter.Path{Organization: organization, Kind: parameter.Kind(kind), Name: name}
}

func factOf(item Item) parameter.Fact {
	return parameter.Fact{
		Path: pathOf(item), Version: numberOf(item, "version"), Modified: instantOf(item, "modified"),
		Value: textOf(item, "value"), Hosts: textsOf(item, "hosts"), Faults: faultsOf(item),
	}
}
