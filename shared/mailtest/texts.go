package mailtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	snstypes "github.com/aws/aws-sdk-go-v2/service/sns/types"

	"crmhook/shared/sms"
)

// Text is a text message that SNS took. SenderID is empty where none was asked for; Type is Transactional or Promotional.
type Text struct {
	To       string
	SenderID string
	Type     string
	Text     string
}

// Sender sends text messages into the box.
func (b *Box) Sender() sms.Sender { return sms.Sender{SNS: b} }

// Texts are the text messages taken so far, in order.
func (b *Box) Texts() []Text {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.texts)
}

// publishText is SNS's, to a phone.
func (b *Box) publishText(in *sns.PublishInput) (*sns.PublishOutput, error) {
	t := Text{
		To: aws.ToString(in.PhoneNumber), Text: aws.ToString(in.Message),
		SenderID: aws.ToString(in.MessageAttributes["AWS.SNS.SMS.SenderID"].StringValue),
		Type:     aws.ToString(in.MessageAttributes["AWS.SNS.SMS.SMSType"].StringValue),
	}
	digits, plus := strings.CutPrefix(t.To, "+")
	if !plus || strings.Trim(digits, "0123456789") != "" || in.TopicArn != nil || t.Text == "" || len([]rune(t.Text)) > 1600 || len(t.SenderID) > 11 {
		return nil, &snstypes.InvalidParameterException{Message: aws.String("Invalid parameter: PhoneNumber Reason: " + t.To + " is not valid to publish to")}
	}
	b.texts = append(b.texts, t)
	return &sns.PublishOutput{MessageId: aws.String(fmt.Sprintf("text-%d", len(b.texts)))}, nil
}
