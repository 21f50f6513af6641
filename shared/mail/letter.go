package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"
)

// Letter is a mail to one person.
type Letter struct {
	// From must be verified with SES. Alias, which may be empty, is the name shown beside it.
	From, Alias string
	To          string
	// ReplyTo may be empty: answers go to From.
	ReplyTo string
	Subject string
	// HTML and Text are the same in two forms; one of them may be empty.
	HTML, Text string
}

// Post mails a letter and answers SES's id of it. Control characters of the subject and of the alias become blanks; the
// alias is encoded (RFC 2047) where it is not ASCII. An address that is not exactly one address in ASCII, as a@example.com,
// is an error, and so is a letter without content: nothing is sent then. Errors show no address but From.
func (m Mailer) Post(ctx context.Context, letter Letter) (messageID string, err error) {
	if err := letter.check(); err != nil {
		return "", fmt.Errorf("send mail: %w", err)
	}
	sent, err := m.SES.SendEmail(ctx, letter.email())
	if err != nil {
		return "", fmt.Errorf("send mail: %w", quiet(err, letter.From))
	}
	return aws.ToString(sent.MessageId), nil
}

func (l Letter) check() error {
	switch {
	case !isAddress(l.From):
		return errors.New("the sender must be one e-mail address")
	case !isAddress(l.To):
		return errors.New("the recipient must be one e-mail address")
	case l.ReplyTo != "" && !isAddress(l.ReplyTo):
		return errors.New("the address for answers must be one e-mail address")
	case l.HTML == "" && l.Text == "":
		return errors.New("the letter must have a text or HTML")
	}
	return nil
}

// isAddress reports whether text is one address and nothing else: what stands in a header cannot become another one.
func isAddress(text string) bool {
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	parsed, err := netmail.ParseAddress(text)
	return err == nil && parsed.Name == "" && parsed.Address == text
}

func (l Letter) email() *sesv2.SendEmailInput {
	body := &types.Body{}
	if l.HTML != "" {
		body.Html = content(l.HTML)
	}
	if l.Text != "" {
		body.Text = content(l.Text)
	}
	input := &sesv2.SendEmailInput{
		FromEmailAddress: aws.String(named(l.Alias, l.From)),
		Destination:      &types.Destination{ToAddresses: []string{l.To}},
		Content:          &types.EmailContent{Simple: &types.Message{Subject: content(line(l.Subject)), Body: body}},
	}
	if l.ReplyTo != "" {
		input.ReplyToAddresses = []string{l.ReplyTo}
	}
	return input
}

// named is an address with a name as it stands in a header: in ASCII, on one line.
func named(name, address string) string {
	if name = line(name); name == "" {
		return address
	}
	return (&netmail.Address{Name: name, Address: address}).String()
}
