package mail_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"crmhook/shared/awstest"
	"crmhook/shared/mail"
	"crmhook/shared/mailtest"
)

func TestTheEmulator(t *testing.T) {
	endpoint, settings := awstest.Endpoint(t), awstest.Config(t)
	mailtest.Run(t, func(t *testing.T) mailtest.House {
		name := awstest.Name("mail")
		ses, verified := sesv2.NewFromConfig(settings), name+"@example.com"
		must(ses.CreateEmailIdentity(t.Context(), &sesv2.CreateEmailIdentityInput{EmailIdentity: aws.String(verified)}))(t)
		queue, topic := subscribed(t, settings, name)
		return mailtest.House{
			Mailer:   mail.Mailer{SES: ses, SNS: sns.NewFromConfig(settings), Topic: topic},
			Verified: verified, NoReplyTo: true,
			Mails:   func(t *testing.T) []mailtest.Mail { return mails(t, endpoint, verified) },
			Notices: func(t *testing.T) []mailtest.Notice { return notices(t, sqs.NewFromConfig(settings), queue) },
		}
	})
}

func must[T any](value T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return value
	}
}

// subscribed makes a topic and a queue that gets its notices.
func subscribed(t *testing.T, settings aws.Config, name string) (queue, topic string) {
	t.Helper()
	queues, topics := sqs.NewFromConfig(settings), sns.NewFromConfig(settings)
	topic = *must(topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String(name)}))(t).TopicArn
	queue = *must(queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name)}))(t).QueueUrl
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		must(queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String(queue)}))(t)
		must(topics.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: aws.String(topic)}))(t)
	})
	arn := must(queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queue), AttributeNames: []sqstypes.QueueAttributeName{sqstypes.QueueAttributeNameQueueArn},
	}))(t).Attributes["QueueArn"]
	must(queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: aws.String(queue), Attributes: map[string]string{
		"Policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"sns.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` +
			arn + `"}]}`,
	}}))(t)
	must(topics.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: aws.String(topic), Protocol: aws.String("sqs"), Endpoint: aws.String(arn),
	}))(t)
	return queue, topic
}

// mails reads the emulator's box.
func mails(t *testing.T, endpoint, from string) []mailtest.Mail {
	t.Helper()
	request := must(http.NewRequestWithContext(t.Context(), http.MethodGet, strings.TrimSuffix(endpoint, "/")+"/_ministack/ses/messages", nil))(t)
	response := must(http.DefaultClient.Do(request))(t)
	defer func() { _ = response.Body.Close() }()
	var box struct {
		Messages map[string][]struct {
			Source, Subject, BodyText, BodyHTML string
			To                                  []string
		} `json:"messages"`
	}
	if err := json.NewDecoder(response.Body).Decode(&box); err != nil {
		t.Fatal(err)
	}
	var sent []mailtest.Mail
	for _, account := range box.Messages {
		for _, m := range account {
			if strings.Contains(m.Source, from) {
				sent = append(sent, mailtest.Mail{From: m.Source, To: m.To, Subject: m.Subject, Text: m.BodyText, HTML: m.BodyHTML})
			}
		}
	}
	return sent
}

func notices(t *testing.T, queues *sqs.Client, queue string) []mailtest.Notice {
	t.Helper()
	out := must(queues.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(queue), MaxNumberOfMessages: 10, WaitTimeSeconds: 2,
	}))(t)
	var got []mailtest.Notice
	for _, message := range out.Messages {
		var envelope struct{ TopicArn, Subject, Message string }
		if err := json.Unmarshal([]byte(*message.Body), &envelope); err != nil {
			t.Fatal(err)
		}
		got = append(got, mailtest.Notice{Topic: envelope.TopicArn, Subject: envelope.Subject, Text: envelope.Message})
	}
	return got
}
