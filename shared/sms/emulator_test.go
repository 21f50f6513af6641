package sms_test

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/sns"

	"crmhook/shared/awstest"
	"crmhook/shared/mailtest"
	"crmhook/shared/sms"
)

func TestTheEmulator(t *testing.T) {
	endpoint, settings := awstest.Endpoint(t), awstest.Config(t)
	mailtest.RunTexts(t, func(*testing.T) mailtest.Phone {
		number := "+336" + strconv.Itoa(10_000_000+rand.IntN(90_000_000))
		return mailtest.Phone{
			Sender: sms.Sender{SNS: sns.NewFromConfig(settings)}, Number: number,
			Texts: func(t *testing.T) []mailtest.Text { return texts(t, endpoint, number) },
		}
	})
}

// texts reads the emulator's box.
func texts(t *testing.T, endpoint, number string) []mailtest.Text {
	t.Helper()
	address := strings.TrimSuffix(endpoint, "/") + "/_ministack/sns/sms-messages?phoneNumber=" + url.QueryEscape(number)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var box struct {
		Messages map[string][]struct {
			PhoneNumber, Message string
			MessageAttributes    map[string]struct{ StringValue string }
		} `json:"sms_messages"`
	}
	if err := json.NewDecoder(response.Body).Decode(&box); err != nil {
		t.Fatal(err)
	}
	var sent []mailtest.Text
	for _, m := range box.Messages[number] {
		sent = append(sent, mailtest.Text{
			To: m.PhoneNumber, Text: m.Message,
			SenderID: m.MessageAttributes["AWS.SNS.SMS.SenderID"].StringValue, Type: m.MessageAttributes["AWS.SNS.SMS.SMSType"].StringValue,
		})
	}
	return sent
}
