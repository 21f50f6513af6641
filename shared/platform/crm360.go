package platform

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/phone"
	"crmhook/shared/trigger"
)

// longestSMS is how many characters SNS takes as one message, longestSender how many a sender's name has.
const (
	longestSMS    = 1600
	longestSender = 11
)

// crm360Sms reads CRM360's Sms Send: Message to MobilePhoneNumber, which is one of MobilePhoneCountryIso3 unless it names its
// country itself. Sender, where there is one, has 1 to 11 letters and digits, a letter at least. Field names match without
// regard to case; other fields are kept under external.Crm360 of the message.
func crm360Sms(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	to, country := crm360Number(r)
	sms := SMS{To: to, Country: country, Sender: crm360Sender(r), Text: crm360Text(r)}
	sms.Message = crm360Message(r, "sms", to, []string{"MobilePhoneNumber", "MobilePhoneCountryIso3", "Sender", "Message"})
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	if sms.Sender != "" {
		sms.Message["sender"] = sms.Sender
	}
	return Plan{People: somebodyBy(directory.Phone, to), SMS: &sms}, nil
}

// somebodyBy is whoever has the address of a message that is sent; the message goes out whether there is anybody or not.
func somebodyBy(kind directory.Kind, value string) []Person {
	return []Person{{Find: []Lookup{{Kind: kind, Value: value}}, Optional: true}}
}

// crm360Number reads the number in E.164 and the country that it is of, which smsCountries must list.
func crm360Number(r document.Reader) (to, country string) {
	number, iso := named(r, "MobilePhoneNumber"), named(r, "MobilePhoneCountryIso3")
	given, of := strings.TrimSpace(r.Need(number).ID(number)), strings.TrimSpace(r.Text(iso))
	_, known := phone.Alpha2(of)
	switch {
	case of != "" && !known:
		r.Fault(iso, "must be a country's ISO 3166 code, as FRA")
		return "", ""
	case given == "":
		return "", ""
	case of == "" && !strings.HasPrefix(given, "+") && !strings.HasPrefix(given, "00"):
		r.Fault(iso, "must be given, as FRA: MobilePhoneNumber does not begin with + and a country's code")
		return "", ""
	}
	to, err := phone.E164(given, of)
	if err != nil {
		r.Fault(number, "%s", err)
		return "", ""
	}
	if country = phone.Country(to); country == "" {
		r.Fault(number, "must be a number of a country")
	}
	return to, country
}

func crm360Sender(r document.Reader) string {
	name := named(r, "Sender")
	sender := strings.TrimSpace(r.Text(name))
	letters := 0
	for i := range len(sender) {
		if c := sender[i] | 0x20; c >= 'a' && c <= 'z' {
			letters++
		} else if sender[i] < '0' || sender[i] > '9' {
			r.Fault(name, "must be letters and digits without accents")
			return ""
		}
	}
	if len(sender) > longestSender || sender != "" && letters == 0 {
		r.Fault(name, "must be 1 to %d letters and digits, a letter among them", longestSender)
	}
	return sender
}

func crm360Text(r document.Reader) string {
	name := named(r, "Message")
	text := r.Need(name).Text(name)
	if n := utf8.RuneCountInString(text); n > longestSMS {
		r.Fault(name, "must be at most %d characters long, found %d", longestSMS, n)
	}
	if strings.ContainsRune(text, 0) {
		r.Fault(name, `must be without NUL (\u0000)`)
	}
	if text != "" && strings.TrimSpace(text) == "" {
		r.Fault(name, "must not be blank")
	}
	return text
}

// crm360Message is what the record of a message has of it: the channel and category ids as they came, and the fields beyond
// those that were read.
func crm360Message(r document.Reader, channel, to string, read []string) map[string]any {
	message := map[string]any{"channel": channel, "platform": "Crm360", "to": to}
	used := make([]string, 0, len(read)+2)
	for _, field := range read {
		used = append(used, named(r, field))
	}
	for _, id := range [][2]string{{"Crm360EventChannelId", "channelId"}, {"Crm360EventCategoryId", "categoryId"}} {
		spelled, name := named(r, id[0]), id[1]
		used = append(used, spelled)
		if _, number := r.Value(spelled).(json.Number); number {
			message[name] = r.Value(spelled)
		} else if id := r.ID(spelled); id != "" {
			message[name] = id
		}
	}
	if rest := details(r, used...); len(rest) > 0 {
		message["external"] = map[string]any{"Crm360": rest}
	}
	return message
}
