package table

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
)

// Backlog keeps the rows of changed records. A row's pk is its lane and shard, its sk the record's key; it has changes,
// since and, while a delivery holds it, delivery and lease. Every write costs one write unit (a row is under 1 KB), and
// 25 go in one call.
type Backlog struct{ Table }

// NewBacklog is the backlog on a table.
func NewBacklog(client *dynamodb.Client, name string) Backlog {
	return Backlog{Table{Client: client, Name: name}}
}

func shardKey(lane backlog.Lane, shard int) string { return lane.String() + "#" + strconv.Itoa(shard) }

func rowKey(lane backlog.Lane, record string) (types.AttributeValue, types.AttributeValue) {
	return text(shardKey(lane, backlog.Shard(record))), text(record)
}

const (
	insertRow  = `INSERT INTO %s VALUE {'pk':?,'sk':?,'changes':?,'since':?}`
	countRow   = `UPDATE %s SET changes = changes + ? WHERE pk = ? AND sk = ?`
	markFree   = `UPDATE %s SET delivery = ? SET lease = ? WHERE pk = ? AND sk = ? AND delivery IS MISSING`
	markHeld   = `UPDATE %s SET delivery = ? SET lease = ? WHERE pk = ? AND sk = ? AND delivery = ?`
	deleteRow  = `DELETE FROM %s WHERE pk = ? AND sk = ? AND delivery = ? AND changes = ?`
	releaseRow = `UPDATE %s REMOVE delivery REMOVE lease WHERE pk = ? AND sk = ? AND delivery = ?`
)

// Add counts changes (rule 1): a row that is not there is made, one that is there counts on. Additions must name
// distinct rows. Most records are not waiting yet, so a row is inserted first: a record that waits already costs two
// write units.
func (b Backlog) Add(ctx context.Context, additions []backlog.Addition) error {
	// A row can come and go between the two statements, as often as its delivery ends; three rounds are never needed by
	// one record unless deliveries end within a millisecond of each other.
	for range 10 {
		rest, err := b.insert(ctx, additions)
		if err != nil || len(rest) == 0 {
			return err
		}
		if additions, err = b.count(ctx, rest); err != nil || len(additions) == 0 {
			return err
		}
	}
	return fmt.Errorf("add to backlog: %d rows came and went ten times", len(additions))
}

func (b Backlog) insert(ctx context.Context, additions []backlog.Addition) ([]backlog.Addition, error) {
	return b.each(ctx, additions, func(a backlog.Addition) statement {
		pk, sk := rowKey(a.Lane, a.Record)
		return statement{insertRow, []types.AttributeValue{pk, sk, number(a.Changes), instant(a.Since)}}
	})
}

func (b Backlog) count(ctx context.Context, additions []backlog.Addition) ([]backlog.Addition, error) {
	return b.each(ctx, additions, func(a backlog.Addition) statement {
		pk, sk := rowKey(a.Lane, a.Record)
		return statement{countRow, []types.AttributeValue{number(a.Changes), pk, sk}}
	})
}

// each runs one statement an addition and returns those that took no effect.
func (b Backlog) each(ctx context.Context, additions []backlog.Addition, of func(backlog.Addition) statement) ([]backlog.Addition, error) {
	statements := make([]statement, len(additions))
	for i, a := range additions {
		statements[i] = of(a)
	}
	done, err := b.execute(ctx, statements)
	if err != nil {
		return nil, fmt.Errorf("add to backlog: %w", err)
	}
	var rest []backlog.Addition
	for i, ok := range done {
		if !ok {
			rest = append(rest, additions[i])
		}
	}
	return rest, nil
}

// Rows reads on from the cursor, at most limit rows, and says where to go on; wrapped is true when the last shard's end
// was reached, and the next cursor is then the round's beginning. An answer may be short without having wrapped.
func (b Backlog) Rows(ctx context.Context, lane backlog.Lane, from backlog.Cursor, limit int) (rows []backlog.Row, next backlog.Cursor, wrapped bool, err error) {
	input := &dynamodb.QueryInput{
		TableName: &b.Name, KeyConditionExpression: aws.String("pk = :pk"), Limit: aws.Int32(int32(limit)), ConsistentRead: aws.Bool(true),
		ExpressionAttributeValues: Item{":pk": text(shardKey(lane, from.Shard))},
	}
	if from.After != "" {
		input.ExclusiveStartKey = key(shardKey(lane, from.Shard), from.After)
	}
	out, err := b.Client.Query(ctx, input)
	if err != nil {
		return nil, from, false, fmt.Errorf("read backlog: %w", err)
	}
	for _, item := range out.Items {
		rows = append(rows, rowOf(lane, item))
	}
	if out.LastEvaluatedKey != nil {
		return rows, backlog.Cursor{Shard: from.Shard, After: textOf(out.LastEvaluatedKey, "sk")}, false, nil
	}
	if from.Shard+1 < backlog.Shards {
		return rows, backlog.Cursor{Shard: from.Shard + 1}, false, nil
	}
	return rows, backlog.Cursor{}, true, nil
}

func rowOf(lane backlog.Lane, item Item) backlog.Row {
	return backlog.Row{
		Lane: lane, Record: textOf(item, "sk"), Changes: numberOf(item, "changes"), Since: instantOf(item, "since"),
		Delivery: textOf(item, "delivery"), Lease: instantOf(item, "lease"),
	}
}

// Held reads the rows of distinct records, strongly consistent, 100 a call. Rows that are not there are left out.
func (b Backlog) Held(ctx context.Context, refs []backlog.Ref) ([]backlog.Row, error) {
	keys, lanes := make([]Item, 0, len(refs)), map[string]backlog.Lane{}
	for _, ref := range refs {
		pk, sk := rowKey(ref.Lane, ref.Record)
		keys = append(keys, Item{"pk": pk, "sk": sk})
		lanes[shardKey(ref.Lane, backlog.Shard(ref.Record))] = ref.Lane
	}
	items, err := b.getAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("read rows: %w", err)
	}
	rows := make([]backlog.Row, len(items))
	for i, item := range items {
		rows[i] = rowOf(lanes[textOf(item, "pk")], item)
	}
	return rows, nil
}

// Mark gives distinct rows to deliveries (rule 2) and answers for each whether it took effect: not where the row is gone, or is
// no longer held by whom Row names.
func (b Backlog) Mark(ctx context.Context, marks []backlog.Mark) ([]bool, error) {
	statements := make([]statement, len(marks))
	for i, m := range marks {
		pk, sk := rowKey(m.Row.Lane, m.Row.Record)
		parameters := []types.AttributeValue{text(m.Delivery), instant(m.Lease), pk, sk}
		if m.Row.Delivery == "" {
			statements[i] = statement{markFree, parameters}
			continue
		}
		statements[i] = statement{markHeld, append(parameters, text(m.Row.Delivery))}
	}
	done, err := b.execute(ctx, statements)
	if err != nil {
		return done, fmt.Errorf("mark rows: %w", err)
	}
	return done, nil
}

// Settle ends what deliveries hold (rules 6 and 8): a Done row whose changes are still those seen is deleted, any other
// that the delivery still holds is released. It may be repeated. Outcomes must name
// distinct rows. The answer says which rows go again.
func (b Backlog) Settle(ctx context.Context, outcomes []backlog.Outcome) (released []bool, err error) {
	deleted := make([]bool, len(outcomes))
	released = make([]bool, len(outcomes))
	err = b.on(ctx, outcomes, deleted, func(i int) (statement, bool) {
		pk, sk := rowKey(outcomes[i].Lane, outcomes[i].Record)
		return statement{deleteRow, []types.AttributeValue{pk, sk, text(outcomes[i].Delivery), number(outcomes[i].Changes)}}, outcomes[i].Done
	})
	if err != nil {
		return nil, fmt.Errorf("delete rows: %w", err)
	}
	err = b.on(ctx, outcomes, released, func(i int) (statement, bool) {
		pk, sk := rowKey(outcomes[i].Lane, outcomes[i].Record)
		return statement{releaseRow, []types.AttributeValue{pk, sk, text(outcomes[i].Delivery)}}, !deleted[i]
	})
	if err != nil {
		return nil, fmt.Errorf("release rows: %w", err)
	}
	return released, nil
}

// on runs a statement for each outcome that wants one and notes which took effect.
func (b Backlog) on(ctx context.Context, outcomes []backlog.Outcome, done []bool, of func(i int) (statement, bool)) error {
	var statements []statement
	var indexes []int
	for i := range outcomes {
		if s, ok := of(i); ok {
			statements, indexes = append(statements, s), append(indexes, i)
		}
	}
	took, err := b.execute(ctx, statements)
	if err != nil {
		return err
	}
	for n, i := range indexes {
		done[i] = took[n]
	}
	return nil
}

// Sweep removes up to limit rows of a lane whose interface is gone, and its state and the numbers of its files once no row is
// left; more is true while there may be rows.
func (b Backlog) Sweep(ctx context.Context, lane backlog.Lane, limit int) (more bool, err error) {
	for shard := range backlog.Shards {
		rows, next, wrapped, err := b.Rows(ctx, lane, backlog.Cursor{Shard: shard}, limit)
		if err != nil {
			return true, err
		}
		writes := make([]types.WriteRequest, len(rows))
		for i, row := range rows {
			writes[i] = remove(shardKey(lane, shard), row.Record)
		}
		if err := b.writeAll(ctx, writes); err != nil {
			return true, fmt.Errorf("sweep backlog: %w", err)
		}
		if limit -= len(rows); limit <= 0 || !wrapped && next.Shard == shard {
			return true, nil
		}
	}
	if err := b.sweepNumbers(ctx, lane); err != nil {
		return true, fmt.Errorf("sweep numbers: %w", err)
	}
	return false, b.writeAll(ctx, []types.WriteRequest{remove(lane.String(), "state")})
}

// expiry is the TTL attribute's value, in seconds since 1970.
func expiry(t time.Time) types.AttributeValue { return number(t.Unix()) }

func expiryOf(item Item) time.Time {
	if n := numberOf(item, "expires"); n != 0 {
		return time.Unix(n, 0).UTC()
	}
	return time.Time{}
}
