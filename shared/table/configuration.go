package table

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// Configuration keeps what configure has checked. Its items:
//
//	<organization>  interface#<name>  the interface, ready to use or invalid with its faults
//	<organization>  rule#<id>         the rule, ready to use or invalid with its faults
//	<organization>  setting#<name>    a setting; under #stage one of the stage
//	<organization>  secret#<name>     the hosts of a secret, never its value
//	<organization>  key#<name>        a key; under #stage an operator's
//	<organization>  source#<name>     what a platform's source must prove, with fingerprints of its secrets
//	<organization>  stamp             a token that is new whenever an interface or a rule of the organization was written
//	<organization>  lock#<kind>#<name>  who writes a parameter just now, and until when
//	#organizations  <organization>    that there is or was an interface or a rule of it
//	#stage          customer#<name>/<alias>  the organization that a CRM360 customer and database mean
//	#key#<hash>     <organization>#<name>    the same key, for a lookup by its token's hash, while it can be used
//	#fingerprint#<fingerprint>  holder       the organization whose sources use the secret, and which
//	#parameters     <parameter>       the version that was worked in
//	#parameters     #sweep            where a sweep over several runs goes on
type Configuration struct{ Table }

// NewConfiguration is the configuration on the table of that name.
func NewConfiguration(client *dynamodb.Client, name string) Configuration {
	return Configuration{Table{Client: client, Name: name}}
}

// Partitions that are no organization's, whose names hold no #.
const (
	stagePartition     = "#stage"
	parameterPartition = "#parameters"
)

const (
	interfacePrefix = "interface#"
	stampKey        = "stamp"
)

// Stamps reads the organizations' stamps in one batch. Whoever holds interfaces that were read after their
// organization's stamp may go on with them while the stamp is the same. Organizations without interfaces have none.
func (c Configuration) Stamps(ctx context.Context, organizations []string) (map[string]string, error) {
	keys := make([]Item, 0, len(organizations))
	stamps := make(map[string]string, len(organizations))
	for _, organization := range organizations {
		if _, twice := stamps[organization]; !twice {
			stamps[organization] = ""
			keys = append(keys, key(organization, stampKey))
		}
	}
	items, err := c.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read stamps: %w", err)
	}
	clear(stamps)
	for _, item := range items {
		stamps[textOf(item, "pk")] = textOf(item, "token")
	}
	return stamps, nil
}

// Organization reads all interfaces of an organization, in order of names.
func (c Configuration) Organization(ctx context.Context, organization string) ([]hook.Interface, error) {
	items, err := c.query(ctx, organization, "begins_with(sk, :a)", []string{interfacePrefix}, 0)
	if err != nil {
		return nil, fmt.Errorf("read interfaces of %s: %w", organization, err)
	}
	interfaces := make([]hook.Interface, len(items))
	for i, item := range items {
		interfaces[i] = interfaceOf(item)
	}
	return interfaces, nil
}

// Interfaces reads interfaces by key, 100 a call; those that do not exist are left out.
func (c Configuration) Interfaces(ctx context.Context, keys []hook.Key) (map[hook.Key]hook.Interface, error) {
	interfaces := make(map[hook.Key]hook.Interface, len(keys))
	wanted := make([]Item, 0, len(keys))
	for _, k := range keys {
		if _, twice := interfaces[k]; !twice {
			interfaces[k] = hook.Interface{}
			wanted = append(wanted, key(k.Organization, interfacePrefix+k.Name))
		}
	}
	items, err := c.getAll(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	clear(interfaces)
	for _, item := range items {
		found := interfaceOf(item)
		interfaces[found.Key()] = found
	}
	return interfaces, nil
}

// Setting reads a setting of the stage; "" when it is not set or has faults.
func (c Configuration) Setting(ctx context.Context, name string) (string, error) {
	item, err := c.get(ctx, stagePartition, parameter.Path{Kind: parameter.Setting, Name: name}.String())
	if err != nil {
		return "", fmt.Errorf("read setting: %w", err)
	}
	if fact := factOf(item); item != nil && fact.Usable() {
		return fact.Value, nil
	}
	return "", nil
}

// SaveInterfaces writes interfaces and answers for each whether it was written: false where the table holds a newer
// version.
func (c Configuration) SaveInterfaces(ctx context.Context, interfaces []hook.Checked) ([]bool, error) {
	items := make([]Item, len(interfaces))
	for i, checked := range interfaces {
		item, err := interfaceItem(checked)
		if err != nil {
			return nil, fmt.Errorf("save interface %s: %w", checked.Key(), err)
		}
		items[i] = item
	}
	saved, err := c.putNotNewer(ctx, items)
	if err != nil {
		return nil, fmt.Errorf("save interfaces: %w", err)
	}
	return saved, nil
}

// RemoveInterfaces deletes interfaces, each unless it was written since it was read (the zero Modified: since it was not
// there), and answers for each whether it is gone.
func (c Configuration) RemoveInterfaces(ctx context.Context, interfaces []hook.Interface) ([]bool, error) {
	gone, err := eachWrite(len(interfaces), func(i int) (bool, error) {
		return c.removeUnchanged(ctx, key(interfaces[i].Organization, interfacePrefix+interfaces[i].Name), interfaces[i].Modified)
	})
	if err != nil {
		return nil, fmt.Errorf("remove interfaces: %w", err)
	}
	return gone, nil
}

// SaveStamps gives each organization a new stamp, and lists it.
func (c Configuration) SaveStamps(ctx context.Context, organizations []string, token string) error {
	writes := make([]types.WriteRequest, 0, 2*len(organizations))
	for _, organization := range organizations {
		item := key(organization, stampKey)
		item["token"] = text(token)
		writes = append(writes, put(key(organizationsPartition, organization)), put(item))
	}
	if err := c.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("save stamps: %w", err)
	}
	return nil
}

func interfaceItem(checked hook.Checked) (Item, error) {
	item := key(checked.Organization, interfacePrefix+checked.Name)
	item["generation"] = text(checked.Generation)
	item["version"] = number(checked.Version)
	item["modified"] = instant(checked.Modified)
	item["firstSeen"] = instant(checked.FirstSeen)
	item["type"] = text(string(checked.Type))
	item["state"] = text(string(checked.State))
	item["dependsOn"] = texts(checked.DependsOn)
	item["text"] = text(checked.Text)
	if err := setFaults(item, checked.Faults); err != nil {
		return nil, err
	}
	if checked.Hook != nil {
		kept, err := hook.Marshal(checked.Hook)
		if err != nil {
			return nil, err
		}
		item["hook"] = text(string(kept))
	}
	return item, nil
}

// interfaceOf never fails: an interface that was kept in a form this version cannot read shows as invalid, so that its
// changes wait and those of others go on.
func interfaceOf(item Item) hook.Interface {
	i := hook.Interface{
		Organization: textOf(item, "pk"), Name: strings.TrimPrefix(textOf(item, "sk"), interfacePrefix),
		Generation: textOf(item, "generation"), Version: numberOf(item, "version"), Modified: instantOf(item, "modified"),
		FirstSeen: instantOf(item, "firstSeen"), Type: hook.Type(textOf(item, "type")), State: hook.State(textOf(item, "state")), Faults: faultsOf(item),
		Text: textOf(item, "text"),
	}
	kept := textOf(item, "hook")
	if kept == "" {
		return i
	}
	ready, err := hook.Unmarshal([]byte(kept))
	if err != nil {
		i.State = hook.Invalid
		i.Faults.Add("", "is kept in a form that this version of crmhook cannot read (%v): write the parameter again", err)
		return i
	}
	i.Hook = ready
	return i
}

func setFaults(item Item, faults fault.List) error {
	if len(faults) == 0 {
		return nil
	}
	list, err := json.Marshal(faults)
	if err != nil {
		return fmt.Errorf("write faults: %w", err)
	}
	item["faults"] = text(string(list))
	return nil
}

func faultsOf(item Item) fault.List {
	kept := textOf(item, "faults")
	if kept == "" {
		return nil
	}
	var faults fault.List
	if err := json.Unmarshal([]byte(kept), &faults); err != nil {
		return fault.List{{Message: "its faults cannot be read: " + err.Error()}}
	}
	return faults
}
