package table

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/rule"
)

// Limits keeps how often rules have fired for contacts, in the checkpoints' table: like a checkpoint, a count says what
// scan has done with a change, so that reading it again does the same. Its items never expire:
//
//	<organization>#limit#<rule>#<generation>#<contact>  count  firings, fired, revision
//
// Each has a partition of its own, so that a rule that fires for many contacts at once writes to many partitions.
type Limits struct{ Table }

// NewLimits are the counts on a table.
func NewLimits(client *dynamodb.Client, name string) Limits {
	return Limits{Table{Client: client, Name: name}}
}

const (
	counterKey    = "count"
	insertCounter = `INSERT INTO %s VALUE {'pk':?,'sk':?,'firings':?,'fired':?,'revision':?}`
	updateCounter = `UPDATE %s SET firings = ? SET fired = ? SET revision = ? WHERE pk = ? AND sk = ? AND revision = ?`
)

func counterPartition(k rule.CounterKey) string {
	return strings.Join([]string{k.Organization, "limit", k.ID, k.Generation, k.Contact}, "#")
}

// Counters reads the counters of distinct keys, strongly consistent, 100 a call; one that was never written counts nothing.
func (l Limits) Counters(ctx context.Context, keys []rule.CounterKey) (map[rule.CounterKey]rule.Counter, error) {
	wanted := make([]Item, len(keys))
	counters := make(map[rule.CounterKey]rule.Counter, len(keys))
	named := make(map[string]rule.CounterKey, len(keys))
	for i, k := range keys {
		pk := counterPartition(k)
		wanted[i], named[pk], counters[k] = key(pk, counterKey), k, rule.Counter{CounterKey: k}
	}
	items, err := l.getAll(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read limits: %w", err)
	}
	for _, item := range items {
		k := named[textOf(item, "pk")]
		fired, err := firingsOf(textsOf(item, "fired"))
		if err != nil {
			return nil, fmt.Errorf("read the limits of rule %s: %w", k.Key, err)
		}
		counters[k] = rule.Counter{CounterKey: k, Firings: numberOf(item, "firings"), Fired: fired, Revision: numberOf(item, "revision")}
	}
	return counters, nil
}

// SaveCounters writes counters, 25 a call, each on the condition that its revision is still the one that was read, and
// answers for each whether it was. Their keys must be distinct.
func (l Limits) SaveCounters(ctx context.Context, counters []rule.Counter) ([]bool, error) {
	statements := make([]statement, len(counters))
	for i, c := range counters {
		pk, sk := text(counterPartition(c.CounterKey)), text(counterKey)
		firings, fired, next := number(c.Firings), texts(firingTexts(c.Fired)), number(c.Revision+1)
		if c.Revision == 0 {
			statements[i] = statement{insertCounter, []types.AttributeValue{pk, sk, firings, fired, next}}
		} else {
			statements[i] = statement{updateCounter, []types.AttributeValue{firings, fired, next, pk, sk, number(c.Revision)}}
		}
	}
	saved, err := l.execute(ctx, statements)
	if err != nil {
		return nil, fmt.Errorf("save limits: %w", err)
	}
	return saved, nil
}

// firingTexts are firings as they are kept, short since there may be many: the milliseconds of the change and of the
// counting, whether the conditions held, and the change.
func firingTexts(fired []rule.Firing) []string {
	kept := make([]string, len(fired))
	for i, f := range fired {
		kept[i] = fmt.Sprintf("%d %d %t %s", f.At.UnixMilli(), f.Counted.UnixMilli(), f.Held, f.Source)
	}
	return kept
}

func firingsOf(kept []string) ([]rule.Firing, error) {
	var fired []rule.Firing
	for _, one := range kept {
		parts := strings.SplitN(one, " ", 4)
		if len(parts) != 4 {
			return nil, fmt.Errorf("a firing is kept as %q", one)
		}
		at, err := strconv.ParseInt(parts[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a firing is kept as %q: %w", one, err)
		}
		counted, err := strconv.ParseInt(parts[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("a firing is kept as %q: %w", one, err)
		}
		fired = append(fired, rule.Firing{
			At: time.UnixMilli(at).UTC(), Counted: time.UnixMilli(counted).UTC(), Held: parts[2] == "true", Source: parts[3],
		})
	}
	return fired, nil
}
