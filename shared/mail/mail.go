// Package mail tells people: by e-mail through SES, and by a notice on an SNS topic. It must not know what about.
package mail

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
)

// Sender is what SES does for a Mailer.
type Sender interface {
	SendEmail(context.Context, *sesv2.SendEmailInput, ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error)
}

// Publisher is what SNS does for a Mailer.
type Publisher interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// MostRecipients is how many addresses SES takes for one mail; more get several mails.
const MostRecipients = 50

// Mailer sends e-mails and notices. SES is needed for Send and Post; SNS and Topic, the topic's ARN, for Notice.
type Mailer struct {
	SES   Sender
	SNS   Publisher
	Topic string
}

// Send mails the text to all addresses, which see each other. From must be verified with SES. Control characters of
// the subject become blanks. Where several mails are needed and one fails, the others are sent and the error says so.
func (m Mailer) Send(ctx context.Context, from string, to []string, subject, text string) error {
	if len(to) == 0 {
		return errors.New("send mail: no recipient")
	}
	var faults []error
	for first := 0; first < len(to); first += MostRecipients {
		some := to[first:min(first+MostRecipients, len(to))]
		if _, err := m.SES.SendEmail(ctx, email(from, some, subject, text)); err != nil {
			faults = append(faults, fmt.Errorf("send mail to %d of %d recipients: %w", len(some), len(to), quiet(err, from)))
		}
	}
	return errors.Join(faults...)
}

func email(from string, to []string, subject, text string) *sesv2.SendEmailInput {
	return &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(from),
		Destination:      &types.Destination{ToAddresses: to},
		Content: &types.EmailContent{Simple: &types.Message{
			Subject: content(line(subject)),
			Body:    &types.Body{Text: content(text)},
		}},
	}
}

func content(text string) *types.Content {
	return &types.Content{Data: aws.String(text), Charset: aws.String("UTF-8")}
}

// Notice publishes the text on the topic. What SNS would refuse is made to fit: the subject becomes printable ASCII of
// at most MostSubject characters ("?" for another one), a text over MostNotice bytes is cut and says so, an empty one
// is the subject.
func (m Mailer) Notice(ctx context.Context, subject, text string) error {
	_, err := m.SNS.Publish(ctx, &sns.PublishInput{
		TopicArn: aws.String(m.Topic),
		Subject:  aws.String(plain(subject)),
		Message:  aws.String(fitting(text, plain(subject))),
	})
	if err != nil {
		return fmt.Errorf("publish notice: %w", err)
	}
	return nil
}
