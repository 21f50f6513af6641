// Package mailtest is SES and SNS in memory for tests of who is told what, and the suite that it and the real services
// pass. It must not know what is written.
package mailtest

import (
	"context"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	sestypes "github.com/aws/aws-sdk-go-v2/service/sesv2/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"crmhook/shared/mail"
)

// Mail is one that SES took. From is as it stands in the header, with the name.
type Mail struct {
	From    string
	To      []string
	ReplyTo []string
	Subject string
	Text    string
	HTML    string
}

// Notice is one that SNS took.
type Notice struct {
	Topic   string
	Subject string
	Text    string
}

// Topic is the ARN of the one topic that a Box has.
const Topic = "arn:aws:sns:us-east-1:000000000000:alarms"

// Box is SES and SNS: it keeps what was sent and refuses what they refuse. Make it with New; it is safe for
// concurrent use.
type Box struct {
	mu       sync.Mutex
	verified []string
	mails    []Mail
	notices  []Notice
	texts    []Text
	fault    error
}

// New returns an empty box whose SES has verified the sender addresses.
func New(verified ...string) *Box { return &Box{verified: verified} }

// Mailer sends into the box.
func (b *Box) Mailer() mail.Mailer { return mail.Mailer{SES: b, SNS: b, Topic: Topic} }

// Fail makes each further call fail with err; nil ends that.
func (b *Box) Fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = err
}

// Mails are those taken so far, in order.
func (b *Box) Mails() []Mail {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.mails)
}

// Notices are those taken so far, in order.
func (b *Box) Notices() []Notice {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.notices)
}

// SendEmail is SES's, for text and HTML.
func (b *Box) SendEmail(_ context.Context, in *sesv2.SendEmailInput, _ ...func(*sesv2.Options)) (*sesv2.SendEmailOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != nil {
		return nil, b.fault
	}
	m := Mail{
		From: aws.ToString(in.FromEmailAddress), To: slices.Clone(in.Destination.ToAddresses), ReplyTo: slices.Clone(in.ReplyToAddresses),
		Subject: aws.ToString(in.Content.Simple.Subject.Data),
		Text:    data(in.Content.Simple.Body.Text), HTML: data(in.Content.Simple.Body.Html),
	}
	if err := b.refused(m); err != nil {
		return nil, err
	}
	b.mails = append(b.mails, m)
	return &sesv2.SendEmailOutput{MessageId: aws.String(fmt.Sprintf("mail-%d", len(b.mails)))}, nil
}

func (b *Box) refused(m Mail) error {
	if len(m.To) == 0 || len(m.To) > mail.MostRecipients {
		return &sestypes.BadRequestException{Message: aws.String(fmt.Sprintf("%d recipients, want 1 to %d", len(m.To), mail.MostRecipients))}
	}
	for _, header := range slices.Concat([]string{m.From, m.Subject}, m.To, m.ReplyTo) {
		if strings.ContainsAny(header, "\r\n\x00") {
			return &sestypes.BadRequestException{Message: aws.String("Header contains control characters")}
		}
	}
	from, err := netmail.ParseAddress(m.From)
	if err != nil {
		return &sestypes.BadRequestException{Message: aws.String("Malformed sender")}
	}
	if !slices.Contains(b.verified, from.Address) {
		return &sestypes.MessageRejected{Message: aws.String(
			"Email address is not verified. The following identities failed the check: " + from.Address + ", " + strings.Join(m.To, ", "),
		)}
	}
	return nil
}

func data(content *sestypes.Content) string {
	if content == nil {
		return ""
	}
	return aws.ToString(content.Data)
}

// Publish is SNS's, to a topic or a phone.
func (b *Box) Publish(_ context.Context, in *sns.PublishInput, _ ...func(*sns.Options)) (*sns.PublishOutput, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fault != nil {
		return nil, b.fault
	}
	if in.PhoneNumber != nil {
		return b.publishText(in)
	}
	n := Notice{Topic: aws.ToString(in.TopicArn), Subject: aws.ToString(in.Subject), Text: aws.ToString(in.Message)}
	if n.Topic != Topic {
		return nil, &snstypes.NotFoundException{Message: aws.String("Topic does not exist")}
	}
	if !taken(n) {
		return nil, &snstypes.InvalidParameterException{Message: aws.String("Invalid parameter: Subject or Message")}
	}
	b.notices = append(b.notices, n)
	return &sns.PublishOutput{MessageId: aws.String(fmt.Sprintf("notice-%d", len(b.notices)))}, nil
}

// taken reports whether SNS takes the notice: a short subject of printable ASCII, and a text of at most 256 KB.
func taken(n Notice) bool {
	for _, r := range n.Subject {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return n.Subject != "" && n.Subject[0] != ' ' && len(n.Subject) < 100 &&
		n.Text != "" && len(n.Subject)+len(n.Text) <= 256<<10
}
