package inbound

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/parameter"
	"crmhook/shared/refusal"
)

// allowed checks what the organization's settings have a say in: where content is mailed to, and messages that leave the
// house. The day's count is exact only in apply; here it spares the sender a trigger that would fail.
func (d *door) allowed(ctx context.Context) error {
	names := d.settingsNeeded()
	if len(names) == 0 {
		return nil
	}
	set, err := d.Settings.OrganizationSettings(ctx, d.organization, names)
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	if d.trigger.Email != "" && !listed(set[parameter.EmailRecipients], d.trigger.Email) {
		d.faults.AddValue("query.Email", d.trigger.Email, "is not one of the organization's settings/%s", parameter.EmailRecipients)
	}
	if email := d.plan.Email; email != nil && !listed(set[parameter.Senders], email.From) {
		d.faults.AddValue("SenderEmail", email.From, "is not one of the organization's settings/%s", parameter.Senders)
	}
	if sms := d.plan.SMS; sms != nil && !contains(set[parameter.SMSCountries], sms.Country) {
		d.faults.AddValue("MobilePhoneNumber", sms.Country, "is a number of a country that is not in the organization's settings/%s", parameter.SMSCountries)
	}
	if d.plan.Email != nil || d.plan.SMS != nil {
		if err := d.within(ctx, set[parameter.DailyMessages]); err != nil {
			return err
		}
	}
	if len(d.faults.List) > 0 {
		return refusal.Faulty(http.StatusBadRequest, d.faults.List)
	}
	return nil
}

func (d *door) settingsNeeded() []string {
	var names []string
	if d.trigger.Email != "" {
		names = append(names, parameter.EmailRecipients)
	}
	if d.plan.Email != nil {
		names = append(names, parameter.Senders, parameter.DailyMessages)
	}
	if d.plan.SMS != nil {
		names = append(names, parameter.SMSCountries, parameter.DailyMessages)
	}
	return names
}

// within checks the day's limit.
func (d *door) within(ctx context.Context, setting string) error {
	most, _ := strconv.Atoi(setting)
	if most == 0 {
		d.faults.Add("", "the organization sends no messages: set settings/%s to how many may leave in a day", parameter.DailyMessages)
		return nil
	}
	count, err := d.Counts.Count(ctx, d.organization, parameter.DailyMessages, d.now.Format(time.DateOnly))
	if err != nil {
		return fmt.Errorf("read the day's count: %w", err)
	}
	if count >= most {
		d.faults.Add("", "the organization has sent the %d messages of today (UTC): raise settings/%s, or send it tomorrow", most, parameter.DailyMessages)
	}
	return nil
}

// contains reports whether a list separated by commas has the word, whose case does not count.
func contains(list, word string) bool {
	for entry := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(entry), word) {
			return true
		}
	}
	return false
}
