// Package sms sends text messages to phones through SNS. It must not know who they are for, nor why they are sent.
package sms

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

// Bounds of SNS: a sender's name has 1 to 11 letters and digits, one of them a letter; a text, which is cut into as many
// messages as it needs, 1,600 characters.
const (
	MostSender = 11
	MostText   = 1600
)

// Publisher is what SNS does for a Sender.
type Publisher interface {
	Publish(context.Context, *sns.PublishInput, ...func(*sns.Options)) (*sns.PublishOutput, error)
}

// Sender sends text messages.
type Sender struct{ SNS Publisher }

// Send sends the text to a number in E.164, as +33612345678, and answers SNS's id of it. SenderID is the name shown as the
// sender, where the recipient's country allows one; empty: a number of SNS. Messages are sent as transactional: what
// delivers best. What SNS would refuse is an error without a call. Errors show nothing of the number.
func (s Sender) Send(ctx context.Context, to, senderID, text string) (messageID string, err error) {
	if err := check(to, senderID, text); err != nil {
		return "", fmt.Errorf("send SMS: %w", err)
	}
	attributes := map[string]types.MessageAttributeValue{"AWS.SNS.SMS.SMSType": attribute("Transactional")}
	if senderID != "" {
		attributes["AWS.SNS.SMS.SenderID"] = attribute(senderID)
	}
	sent, err := s.SNS.Publish(ctx, &sns.PublishInput{
		PhoneNumber: aws.String(to), Message: aws.String(text), MessageAttributes: attributes,
	})
	if err != nil {
		return "", fmt.Errorf("send SMS: %w", quiet(err, to))
	}
	return aws.ToString(sent.MessageId), nil
}

func attribute(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
}

func check(to, senderID, text string) error {
	switch {
	case !isNumber(to):
		return errors.New("the number must be in E.164: + and 5 to 15 digits")
	case senderID != "" && !isSender(senderID):
		return fmt.Errorf("the sender must be 1 to %d letters and digits, one of them a letter", MostSender)
	case strings.TrimSpace(text) == "" || !utf8.ValidString(text):
		return errors.New("the text must be UTF-8 and more than blanks")
	case utf8.RuneCountInString(text) > MostText:
		return fmt.Errorf("the text must have at most %d characters", MostText)
	}
	return nil
}

func isNumber(text string) bool {
	digits, ok := strings.CutPrefix(text, "+")
	return ok && len(digits) >= 5 && len(digits) <= 15 && digits[0] != '0' && strings.Trim(digits, "0123456789") == ""
}

func isSender(text string) bool {
	letter := false
	for _, r := range text {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z':
			letter = true
		case r < '0' || r > '9':
			return false
		}
	}
	return letter && len(text) <= MostSender
}

// quietError is an error whose text shows no number.
type quietError struct {
	err  error
	text string
}

func (e quietError) Error() string { return e.text }
func (e quietError) Unwrap() error { return e.err }

// quiet keeps the number, which SNS quotes, out of an error's text.
func quiet(err error, to string) error {
	text := strings.ReplaceAll(err.Error(), to, "(the number)")
	return quietError{err: err, text: strings.ReplaceAll(text, strings.TrimPrefix(to, "+"), "(the number)")}
}
