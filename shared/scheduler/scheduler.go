// Package scheduler puts messages on queues once their time has come, with one-time schedules of EventBridge Scheduler. It
// must not know what a message means.
package scheduler

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
)

// Client is what EventBridge Scheduler does for a Clock.
type Client interface {
	CreateSchedule(context.Context, *scheduler.CreateScheduleInput, ...func(*scheduler.Options)) (*scheduler.CreateScheduleOutput, error)
}

// Clock makes schedules in a group, which put messages on the live or on the bulk queue.
type Clock struct {
	Client Client
	// Group is the schedules' group, Role the ARN of the role that they send with, Live and Bulk the queues' ARNs.
	Group, Role, Live, Bulk string
}

// lateMinutes is how long Scheduler goes on trying to send a message that its queue does not take.
const lateMinutes = 12 * 60

// At sends the message at a time, to the second, and forgets the schedule then. A name (letters, digits, _ . -, at most 64)
// that there is a schedule of already is done.
func (c Clock) At(ctx context.Context, name string, at time.Time, bulk bool, body string) error {
	queue := c.Live
	if bulk {
		queue = c.Bulk
	}
	_, err := c.Client.CreateSchedule(ctx, &scheduler.CreateScheduleInput{
		Name: &name, GroupName: &c.Group,
		ScheduleExpression:    aws.String("at(" + at.UTC().Format("2006-01-02T15:04:05") + ")"),
		FlexibleTimeWindow:    &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		ActionAfterCompletion: types.ActionAfterCompletionDelete,
		Target: &types.Target{
			Arn: &queue, RoleArn: &c.Role, Input: &body,
			RetryPolicy: &types.RetryPolicy{MaximumEventAgeInSeconds: aws.Int32(lateMinutes * 60), MaximumRetryAttempts: aws.Int32(185)},
		},
	})
	var exists *types.ConflictException
	if err != nil && !errors.As(err, &exists) {
		return fmt.Errorf("create schedule: %w", err)
	}
	return nil
}
