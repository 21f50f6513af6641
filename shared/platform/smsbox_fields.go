package platform

import (
	"strings"
	"time"
	"unicode"

	"crmhook/shared/document"
	"crmhook/shared/reach"
)

// phoneIn reads a number as these platforms write them: international, with or without + or 00. A national one (one zero) is
// taken as French, as the platforms are. One that no numbering plan knows (Smsbox's +999 are for trials) is kept, though
// nobody has it.
func phoneIn(r document.Reader, name string) string {
	given := strings.TrimSpace(r.Need(name).ID(name))
	if given == "" {
		return ""
	}
	if strings.HasPrefix(given, "+") || strings.HasPrefix(given, "0") {
		if value := reach.PhoneValue(given, "FR"); value != "" {
			return value
		}
	}
	digits := strings.TrimPrefix(strings.TrimPrefix(given, "+"), "00")
	if value := reach.PhoneValue("+"+digits, ""); value != "" {
		return value
	}
	if len(digits) < 7 || len(digits) > 15 || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		r.Fault(name, "must be a phone number with its country, as 33600000000")
		return ""
	}
	return "+" + digits
}

// moment reads a time: Unix seconds or milliseconds, RFC 3339, or date and time without a zone, which are those of Paris.
// Where none is given it is the time at the door.
func moment(r document.Reader, name string, door time.Time) time.Time {
	text := strings.TrimSpace(r.ID(name))
	if text == "" {
		return door
	}
	if strings.Trim(text, "0123456789") == "" {
		return unixMoment(r, name)
	}
	// In a query that was not encoded the + of a zone has become a blank.
	if at, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")); err == nil {
		return at
	}
	paris, err := time.LoadLocation("Europe/Paris")
	for _, layout := range []string{time.DateTime, "2006-01-02T15:04:05", "02/01/2006 15:04:05", "2006-01-02 15:04", "02/01/2006 15:04"} {
		if err != nil {
			break
		}
		if at, err := time.ParseInLocation(layout, text, paris); err == nil {
			return at
		}
	}
	r.Fault(name, "must be a time: Unix seconds, RFC 3339 or 2026-12-31 10:00:00 (Paris)")
	return time.Time{}
}

// manyMilliseconds is a number of seconds beyond the year 5000, so it is one of milliseconds.
const manyMilliseconds = 100_000_000_000

func unixMoment(r document.Reader, name string) time.Time {
	n := r.Whole(name, 1, latestSecond*1000)
	if n >= manyMilliseconds {
		return time.UnixMilli(n)
	}
	return time.Unix(n, 0)
}

// smsWord is the rules' word for what an SMS platform tells; others stay as they come.
func smsWord(event string) string {
	switch strings.ToLower(strings.TrimSpace(event)) {
	case "sent":
		return "sent"
	case "open", "opened":
		return "opened"
	case "click", "clicked":
		return "clicked"
	case "bounce", "bounced":
		return "bounced"
	case unsubscribed, "unsubscribe", "unsub", "stop", "optout", "opt-out", "opt_out":
		return unsubscribed
	}
	return event
}

const unsubscribed = "unsubscribed"

// stops reports whether an answer asks for no more messages: it has the word STOP, or begins with a word that says the same.
func stops(answer string) bool {
	words := strings.FieldsFunc(strings.ToLower(answer), func(r rune) bool { return !unicode.IsLetter(r) })
	for i, word := range words {
		if word == "stop" {
			return true
		}
		for _, begin := range []string{"stop", "unsub", "desabon", "désabon", "desinscri", "désinscri", "arret", "arrêt"} {
			if i == 0 && strings.HasPrefix(word, begin) {
				return true
			}
		}
	}
	return false
}

// smsNumber, smsTime and smsID are the names under which numbers, times and ids were seen.
func smsNumber() []string {
	return []string{
		"numero", "number", "phone", "phoneNumber", "mobile", "msisdn", "to", "dest", "destination", "recipient", "tel", "telephone", "from",
	}
}

func smsTime() []string {
	return []string{"ts", "timestamp", "time", "date", "datetime", "at", "eventDate", "updatedAt"}
}

func smsID() []string {
	return []string{"reference", "ref", "id", "messageId", "message_id", "smsId", "sms_id", "msgId", "msg_id"}
}
