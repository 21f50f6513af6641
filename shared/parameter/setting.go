package parameter

// Settings that functions ask for by name. Of an organization:
const (
	// EmailRecipients are who the content of triggers may be mailed to, Senders whom mails may come from, separated by
	// commas; an entry without @ is a domain.
	EmailRecipients = "emailRecipients"
	Senders         = "senders"
	// SMSCountries are the ISO 3166 two-letter codes of where text messages may go, separated by commas.
	SMSCountries = "smsCountries"
	// DailyMessages is how many text messages and mails may leave in a day (UTC).
	DailyMessages = "dailyMessages"
)

// MailFrom is the stage's verified sender of crmhook's own mails.
const MailFrom = "mailFrom"
