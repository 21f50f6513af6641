package tabletest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// AccessAPI is the part of a configuration that says who may call.
type AccessAPI interface {
	Access(ctx context.Context, paths []parameter.Path) (map[parameter.Path]access.Checked, error)
	ChangeAccess(ctx context.Context, changes []access.Change) ([]bool, error)
	Holders(ctx context.Context, fingerprints []string) (map[string]string, error)
	KeysByHash(ctx context.Context, hash string) ([]access.Key, error)
	Sources(ctx context.Context, organization string, names []string) (map[string]access.Source, error)
	Customer(ctx context.Context, customer, alias string) (organization string, err error)
	OrganizationSettings(ctx context.Context, organization string, names []string) (map[string]string, error)
}

// wrong is a fault of whatever has one.
var wrong = fault.List{{Location: "secrets[0]", Message: "must be the name of a secret"}}

// revised is the same parameter, written anew.
func revised(was access.Checked, edit func(now *access.Checked)) access.Checked {
	now := was
	now.Version, now.Modified = was.Version+1, configurationTime.Add(time.Duration(was.Version)*time.Minute)
	now.Revision = fmt.Sprintf("r%d", now.Version)
	edit(&now)
	return now
}

// changeOf is a change of a parameter that is remembered under the revision of what is kept.
func changeOf(was, now access.Checked) access.Change {
	path, revision := now.Path, now.Revision
	if revision == "" {
		path, revision = was.Path, "gone"
	}
	return access.Change{Path: path, Was: was, Now: now, Before: was.Revision, Seen: parameter.Seen{Name: path.Full("access"), Version: now.Version, Revision: revision}}
}

// changed makes changes and demands for each whether it takes effect.
func changed(t *testing.T, api AccessAPI, changes []access.Change, want ...bool) {
	t.Helper()
	done, err := api.ChangeAccess(t.Context(), changes)
	tookEffect(t, done, err, want...)
}

// held demands that these are kept, and nothing of the other paths.
func held(t *testing.T, api AccessAPI, paths []parameter.Path, want ...access.Checked) {
	t.Helper()
	got, err := api.Access(t.Context(), paths)
	if err != nil {
		t.Fatal(err)
	}
	wanted := map[parameter.Path]access.Checked{}
	for _, checked := range want {
		wanted[checked.Path] = checked
	}
	if diff := cmp.Diff(wanted, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func keyOf(organization, name, hash string) access.Checked {
	return revised(access.Checked{
		Path: parameter.Path{Organization: organization, Kind: parameter.Key, Name: name},
		Key:  access.Key{Organization: organization, Name: name, Hash: hash, Scopes: []access.Scope{access.Triggers, access.Manage}, Origin: "api"},
	}, func(*access.Checked) {})
}

// found demands that a hash finds these keys.
func found(t *testing.T, api AccessAPI, hash string, want ...access.Key) {
	t.Helper()
	got, err := api.KeysByHash(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("keys of hash %s (-want +got):\n%s", hash, diff)
	}
}

func keysKept(t *testing.T, api AccessAPI) {
	none := access.Checked{}
	a, b, operator := keyOf("keys", "a", "h1"), keyOf("keys-2", "b", "h1"), keyOf("", "ops", "h2")
	operator.Key.Scopes, operator.Key.Origin = []access.Scope{access.OperateRead}, ""
	paths := []parameter.Path{a.Path, b.Path, operator.Path, {Organization: "keys", Kind: parameter.Key, Name: "none"}}
	changed(t, api, []access.Change{changeOf(none, a), changeOf(none, b), changeOf(none, operator)}, true, true, true)
	held(t, api, paths, a, b, operator)
	found(t, api, "h1", a.Key, b.Key)
	found(t, api, "h2", operator.Key)
	found(t, api, "h3")
	found(t, api, "")
	another := revised(a, func(now *access.Checked) { now.Key.Hash, now.Key.Origin = "h3", "bulk" })
	changed(t, api, []access.Change{changeOf(a, another)}, true)
	found(t, api, "h1", b.Key)
	found(t, api, "h3", another.Key)
	faulty := revised(another, func(now *access.Checked) { now.Key, now.Faults = access.Key{Organization: "keys", Name: "a"}, wrong })
	changed(t, api, []access.Change{changeOf(another, faulty)}, true)
	found(t, api, "h3")
	held(t, api, paths[:1], faulty)
	good := revised(faulty, func(now *access.Checked) { now.Key, now.Faults = another.Key, nil })
	changed(t, api, []access.Change{changeOf(faulty, good)}, true)
	found(t, api, "h3", good.Key)
	changed(t, api, []access.Change{changeOf(good, none), changeOf(operator, none)}, true, true)
	found(t, api, "h3")
	found(t, api, "h2")
	found(t, api, "h1", b.Key)
	held(t, api, paths, b)
}

func sourceOf(organization, name string, fingerprints ...string) access.Checked {
	checked := access.Checked{
		Path:      parameter.Path{Organization: organization, Kind: parameter.Source, Name: name},
		DependsOn: []string{"secret#shop"},
		Source: access.Source{
			Organization: organization, Name: name, Verify: access.Shopify, Secrets: []string{"shop"}, ShopDomains: []string{"x.myshopify.com"}, MatchByEmail: true,
		},
	}
	for _, fingerprint := range fingerprints {
		checked.Proofs = append(checked.Proofs, access.Proof{Secret: "shop", Version: 3, Modified: configurationTime, Fingerprint: fingerprint})
	}
	return revised(checked, func(*access.Checked) {})
}

func sourcesKept(t *testing.T, api ConfigurationAPI) {
	none := access.Checked{}
	plain, particular, faulty := sourceOf("sources", "Shopify", "f1"), sourceOf("sources", "Shopify-7", "f1"), sourceOf("sources", "Mailjet")
	faulty.Faults, faulty.Source = wrong, access.Source{Organization: "sources", Name: "Mailjet"}
	other := sourceOf("sources-2", "Shopify")
	all := []access.Checked{plain, particular, faulty, other}
	var changes []access.Change
	var paths []parameter.Path
	for _, checked := range all {
		changes, paths = append(changes, changeOf(none, checked)), append(paths, checked.Path)
	}
	changed(t, api, changes, true, true, true, true)
	held(t, api, paths, all...)
	got, err := api.Sources(t.Context(), "sources", []string{"Shopify-7", "Shopify", "Mailjet", "Zendesk", "Shopify"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]access.Source{"Shopify": plain.Source, "Shopify-7": particular.Source}, got); diff != "" {
		t.Errorf("sources that can be used (-want +got):\n%s", diff)
	}
	dependencies, err := api.Dependencies(t.Context(), "sources", parameter.Interface, parameter.Source)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"source#Shopify": "[secret#shop]", "source#Shopify-7": "[secret#shop]", "source#Mailjet": "[secret#shop]"}, dependencyTexts(dependencies)); diff != "" {
		t.Errorf("dependencies (-want +got):\n%s", diff)
	}
	for _, checked := range all {
		changed(t, api, []access.Change{changeOf(checked, none)}, true)
	}
	held(t, api, paths)
}

// holders demands who holds the fingerprints f1, f2 and f3.
func holders(t *testing.T, api AccessAPI, want map[string]string) {
	t.Helper()
	got, err := api.Holders(t.Context(), []string{"f1", "f2", "f3"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("holders (-want +got):\n%s", diff)
	}
}

func claimsHeld(t *testing.T, api AccessAPI) {
	none := access.Checked{}
	one, two, other := sourceOf("claims", "Shopify", "f1", "f2", "f1"), sourceOf("claims", "Shopify-7", "f1"), sourceOf("claims-2", "Shopify", "f3", "f1")
	changed(t, api, []access.Change{changeOf(none, one)}, true)
	changed(t, api, []access.Change{changeOf(none, two), changeOf(none, other)}, true, false)
	holders(t, api, map[string]string{"f1": "claims", "f2": "claims"})
	held(t, api, []parameter.Path{other.Path})
	// What cannot be used holds nothing, and may be kept whoever holds it.
	faulty := other
	faulty.Faults = wrong
	changed(t, api, []access.Change{changeOf(none, faulty)}, true)
	// The claim is held while any of the organization's sources uses it.
	rotated := revised(one, func(now *access.Checked) { now.Proofs = sourceOf("claims", "Shopify", "f2").Proofs })
	changed(t, api, []access.Change{changeOf(one, rotated)}, true)
	good := revised(faulty, func(now *access.Checked) { now.Faults = nil })
	changed(t, api, []access.Change{changeOf(faulty, good)}, false)
	holders(t, api, map[string]string{"f1": "claims", "f2": "claims"})
	changed(t, api, []access.Change{changeOf(two, none)}, true)
	holders(t, api, map[string]string{"f2": "claims"})
	changed(t, api, []access.Change{changeOf(faulty, good)}, true)
	holders(t, api, map[string]string{"f1": "claims-2", "f2": "claims", "f3": "claims-2"})
	changed(t, api, []access.Change{changeOf(rotated, none), changeOf(good, none)}, true, true)
	holders(t, api, nil)
}

func customersKept(t *testing.T, api AccessAPI) {
	none := access.Checked{}
	customer := revised(access.Checked{Path: parameter.Path{Kind: parameter.Customer, Name: access.CustomerName("Shop", "Main")}}, func(now *access.Checked) { now.Means = "demo" })
	faulty := revised(access.Checked{Path: parameter.Path{Kind: parameter.Customer, Name: access.CustomerName("Shop", "Old")}}, func(now *access.Checked) { now.Faults = wrong })
	changed(t, api, []access.Change{changeOf(none, customer), changeOf(none, faulty)}, true, true)
	held(t, api, []parameter.Path{customer.Path, faulty.Path}, customer, faulty)
	for _, test := range []struct{ customer, alias, want string }{
		{"Shop", "Main", "demo"}, {"Shop", "Old", ""}, {"Shop", "main", ""}, {"Shop", "None", ""}, {"", "", ""},
	} {
		if got, err := api.Customer(t.Context(), test.customer, test.alias); err != nil || got != test.want {
			t.Errorf("customer %s/%s = %q, error %v; want %q", test.customer, test.alias, got, err, test.want)
		}
	}
	changed(t, api, []access.Change{changeOf(customer, none), changeOf(faulty, none)}, true, true)
	if got, err := api.Customer(t.Context(), "Shop", "Main"); err != nil || got != "" {
		t.Errorf("a customer that is gone = %q, error %v; want none", got, err)
	}
}

func accessRevisions(t *testing.T, api ConfigurationAPI) {
	none := access.Checked{}
	first := keyOf("revised", "a", "v1")
	removal := access.Change{Path: first.Path, Seen: parameter.Seen{Name: first.Full("access"), Revision: "gone"}}
	forgotten := changeOf(none, first)
	forgotten.Before = "r0"
	changed(t, api, []access.Change{forgotten}, false)
	changed(t, api, []access.Change{changeOf(none, first)}, true)
	changed(t, api, []access.Change{changeOf(none, first)}, false)
	changed(t, api, []access.Change{removal}, false)
	second := revised(first, func(now *access.Checked) { now.Key.Hash = "v2" })
	unseen := changeOf(first, second)
	unseen.Before = ""
	changed(t, api, []access.Change{unseen}, false)
	found(t, api, "v1", first.Key)
	changed(t, api, []access.Change{changeOf(first, second)}, true)
	changed(t, api, []access.Change{changeOf(first, none)}, false)
	changed(t, api, []access.Change{changeOf(first, second)}, false)
	found(t, api, "v1")
	found(t, api, "v2", second.Key)
	seen, err := api.ByName(t.Context(), []string{first.Full("access")})
	if err != nil || len(seen) != 1 || seen[0].Revision != "r2" || seen[0].Version != 2 {
		t.Errorf("remembered: %+v, error %v; want version 2 under r2", seen, err)
	}
	changed(t, api, []access.Change{changeOf(second, none)}, true)
	// Removing what is not there only takes hold of what is remembered.
	removal.Before, removal.Seen.Revision = "gone", "gone again"
	changed(t, api, []access.Change{removal}, true)
	done, err := api.Forget(t.Context(), []parameter.Seen{removal.Seen})
	tookEffect(t, done, err, true)
}

func organizationSettings(t *testing.T, api ConfigurationAPI) {
	setting := func(organization, name, value string) parameter.Fact {
		return parameter.Fact{Path: parameter.Path{Organization: organization, Kind: parameter.Setting, Name: name}, Version: 1, Modified: configurationTime, Value: value}
	}
	faulty := setting("settings", "dailyMessages", "many")
	faulty.Faults = wrong
	facts := []parameter.Fact{setting("settings", "senders", "example.com"), setting("settings-2", "smsCountries", "FR"), faulty}
	done, err := api.KeepFacts(t.Context(), facts)
	tookEffect(t, done, err, true, true, true)
	got, err := api.OrganizationSettings(t.Context(), "settings", []string{"senders", "smsCountries", "dailyMessages", "senders"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"senders": "example.com"}, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
	done, err = api.DropFacts(t.Context(), facts)
	tookEffect(t, done, err, true, true, true)
}
