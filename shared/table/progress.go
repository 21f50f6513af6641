package table

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"crmhook/shared/backlog"
)

// Advance adds what one invocation did to an execution's counts, one write unit. Of invocations that end deliveries at once
// the last to write says when. What a failed call added stays.
func (l Ledger) Advance(ctx context.Context, lane backlog.Lane, id string, p backlog.Progress) error {
	c := counting{add: Item{}, set: Item{}}
	for name, n := range map[string]int{
		"sent": p.Sent, "delivered": p.Delivered, "failed": p.Failed, "stopped": p.Stopped, "skipped": p.Skipped, "ended": p.Ended,
	} {
		c.add[name] = number(int64(n))
	}
	if !p.EndedAt.IsZero() {
		c.set["endedAt"] = instant(p.EndedAt)
	}
	if p.Attempts > 0 {
		c.streak(p)
	}
	expression, values := c.expression()
	// Where there is none the ledger has forgotten it, or its writer died before the row: nothing to count for.
	if _, err := l.alter(ctx, lane, id, expression, "", values, neverTwice); err != nil {
		return fmt.Errorf("advance execution: %w", err)
	}
	return nil
}

// counting is an update in the making: by attribute what is added and what is set, what is set only where it is not there,
// and what is removed.
type counting struct {
	add, set Item
	first    string
	gone     string
}

// streak counts the attempts that failed in a row.
func (c *counting) streak(p backlog.Progress) {
	c.set["timedOut"], c.set["lastAttempt"] = flag(p.TimedOut), instant(p.At)
	if p.Streak > 0 {
		c.set["streakSince"] = instant(p.Since)
	}
	if !p.Reset {
		c.add["streak"], c.first = number(int64(p.Streak)), "streakSince"
		return
	}
	c.set["streak"], c.set["lastSuccess"] = number(int64(p.Streak)), instant(p.SuccessAt)
	if p.Streak == 0 {
		c.gone = "streakSince"
	}
}

func (c *counting) expression() (string, Item) {
	var adds, sets []string
	values := Item{}
	for _, name := range slices.Sorted(maps.Keys(c.add)) {
		adds, values[":"+name] = append(adds, name+" :"+name), c.add[name]
	}
	for _, name := range slices.Sorted(maps.Keys(c.set)) {
		value := ":" + name
		if values[value] = c.set[name]; name == c.first {
			value = "if_not_exists(" + name + ", " + value + ")"
		}
		sets = append(sets, name+" = "+value)
	}
	expression := "ADD " + strings.Join(adds, ", ")
	if len(sets) > 0 {
		expression += " SET " + strings.Join(sets, ", ")
	}
	if c.gone != "" {
		expression += " REMOVE " + c.gone
	}
	return expression, values
}

// neverTwice has a call that adds be repeated only where DynamoDB has surely not done what it said. What is not counted dispatch
// finds out by looking at the rows; what is counted twice nobody does, and an execution would be over too early.
func neverTwice(o *dynamodb.Options) { o.Retryer = throttledOnly{o.Retryer} }

type throttledOnly struct{ aws.Retryer }

// IsErrorRetryable is true of what was refused for want of throughput.
func (throttledOnly) IsErrorRetryable(err error) bool {
	return retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorRetryable(err) == aws.TrueTernary
}
