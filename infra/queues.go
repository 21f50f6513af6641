package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"
)

// queues take requests over TLS only and are encrypted.
type queues struct {
	// deliveries are on their way to receivers; slow holds those of receivers that time out, so that they hold up nobody else.
	deliveries, slow awssqs.Queue
	// stopped is where SQS moves a delivery after its last receive. The function stop works on it.
	stopped awssqs.Queue
	// unreadable is where stop puts what nobody can read. A person looks at it.
	unreadable awssqs.Queue
	// stopDeadLetters holds what stop failed on again and again, scheduleDeadLetters the starts that did not happen.
	stopDeadLetters, scheduleDeadLetters awssqs.Queue
	// triggers wait for apply; bulkTriggers are those that came as a load and must not delay the others. Each has dead letters
	// of its own: a trigger that failed each time, or that nobody can read.
	triggers, bulkTriggers, triggersDeadLetters, bulkTriggersDeadLetters awssqs.Queue
}

func newQueues(stack awscdk.Stack, key awskms.IKey) queues {
	queue := func(id string, retention, visibility float64, redrive *awssqs.DeadLetterQueue) awssqs.Queue {
		props := &awssqs.QueueProps{
			RetentionPeriod:   awscdk.Duration_Days(jsii.Number(retention)),
			VisibilityTimeout: awscdk.Duration_Seconds(jsii.Number(visibility)),
			DeadLetterQueue:   redrive,
			EnforceSSL:        jsii.Bool(true),
			Encryption:        awssqs.QueueEncryption_SQS_MANAGED,
		}
		if key != nil {
			props.Encryption, props.EncryptionMasterKey = awssqs.QueueEncryption_KMS, key
		}
		return awssqs.NewQueue(stack, jsii.String(id), props)
	}
	to := func(queue awssqs.Queue, receives float64) *awssqs.DeadLetterQueue {
		return &awssqs.DeadLetterQueue{Queue: queue, MaxReceiveCount: jsii.Number(receives)}
	}
	q := queues{
		unreadable:          queue("Unreadable", deadLetterRetention, stopVisibility, nil),
		stopDeadLetters:     queue("StopDeadLetters", deadLetterRetention, stopVisibility, nil),
		scheduleDeadLetters: queue("ScheduleDeadLetters", deadLetterRetention, stopVisibility, nil),

		triggersDeadLetters:     queue("TriggersDeadLetters", deadLetterRetention, applyVisibility, nil),
		bulkTriggersDeadLetters: queue("BulkTriggersDeadLetters", deadLetterRetention, applyVisibility, nil),
	}
	q.stopped = queue("Stopped", deadLetterRetention, stopVisibility, to(q.stopDeadLetters, stopMaxReceives))
	q.deliveries = queue("Deliveries", queueRetention, sendVisibility, to(q.stopped, maxReceives))
	q.slow = queue("Slow", queueRetention, sendVisibility, to(q.stopped, maxReceives))
	q.triggers = queue("Triggers", queueRetention, applyVisibility, to(q.triggersDeadLetters, triggerMaxReceives))
	q.bulkTriggers = queue("BulkTriggers", queueRetention, applyVisibility, to(q.bulkTriggersDeadLetters, triggerMaxReceives))
	return q
}
