package table

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// An interface's counts are an item a day: pk organization#interface#hours, sk 2026-11-24, with d00 to d23 (delivered), f00
// (failed) and s00 (stopped).
func hoursPK(k hook.Key) string { return k.Organization + "#" + k.Name + "#hours" }

func dayOf(hour time.Time) string { return hour.UTC().Format(time.DateOnly) }

func hourName(letter string, hour time.Time) string {
	return fmt.Sprintf("%s%02d", letter, hour.UTC().Hour())
}

// Count adds to the counts of the hour that a time is in, a call for each interface of which there is anything to add and
// several at once. What a failed call added stays.
func (l Ledger) Count(ctx context.Context, counts map[hook.Key]hours.Counts, at time.Time) error {
	var keys []hook.Key
	for k, c := range counts {
		if c != (hours.Counts{}) {
			keys = append(keys, k)
		}
	}
	err := eachChunk(keys, 1, func(chunk []hook.Key) error { return l.count(ctx, chunk[0], counts[chunk[0]], at) })
	if err != nil {
		return fmt.Errorf("count: %w", err)
	}
	return nil
}

func (l Ledger) count(ctx context.Context, k hook.Key, c hours.Counts, at time.Time) error {
	hour := hours.Hour(at)
	values := Item{":expires": expiry(hour.Truncate(24 * time.Hour).Add(hours.KeptFor))}
	var adds []string
	for letter, n := range map[string]int{"d": c.Delivered, "f": c.Failed, "s": c.Stopped} {
		if n != 0 {
			adds, values[":"+letter] = append(adds, hourName(letter, hour)+" :"+letter), number(int64(n))
		}
	}
	expression := "ADD " + strings.Join(adds, ", ") + " SET expires = :expires"
	_, err := l.Client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: &l.Name, Key: key(hoursPK(k), dayOf(hour)), UpdateExpression: &expression, ExpressionAttributeValues: values,
	}, neverTwice)
	return err
}

// Hours reads the counts of the hours that are shown at a time, of distinct interfaces and in the order of hours.Last, 50
// interfaces a call.
func (l Ledger) Hours(ctx context.Context, keys []hook.Key, now time.Time) (map[hook.Key][hours.Shown]hours.Counts, error) {
	last := hours.Last(now)
	days := []string{dayOf(last[0])}
	if today := dayOf(now); today != days[0] {
		days = append(days, today)
	}
	var wanted []Item
	for _, k := range keys {
		for _, day := range days {
			wanted = append(wanted, key(hoursPK(k), day))
		}
	}
	items, err := l.getAll(ctx, wanted)
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	found := make(map[string]Item, len(items))
	for _, item := range items {
		found[textOf(item, "pk")+" "+textOf(item, "sk")] = item
	}
	shown := make(map[hook.Key][hours.Shown]hours.Counts, len(keys))
	for _, k := range keys {
		var list [hours.Shown]hours.Counts
		for i, hour := range last {
			list[i] = countsOf(found[hoursPK(k)+" "+dayOf(hour)], hour)
		}
		shown[k] = list
	}
	return shown, nil
}

func countsOf(item Item, hour time.Time) hours.Counts {
	count := func(letter string) int { return int(numberOf(item, hourName(letter, hour))) }
	return hours.Counts{Delivered: count("d"), Failed: count("f"), Stopped: count("s")}
}
