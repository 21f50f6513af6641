package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"crmhook/shared/parameter"
)

// copyByMail mails the content to where the request asked for.
func (j *job) copyByMail(ctx context.Context) error {
	if j.trigger.Email == "" {
		return nil
	}
	from, err := j.handler.Settings.Setting(ctx, parameter.MailFrom)
	if err != nil {
		return fmt.Errorf("read setting: %w", err)
	}
	if from == "" {
		return fmt.Errorf("the content cannot be mailed: the stage has no settings/%s", parameter.MailFrom)
	}
	_, err = j.once(ctx, "copy/"+j.trigger.Name()+"/"+j.trigger.Event, nil, func() (string, error) {
		subject := "[crmhook] trigger: " + j.trigger.Organization + " " + j.trigger.Name()
		return "sent", j.handler.Mailer.Send(ctx, from, []string{j.trigger.Email}, subject, content(j))
	})
	return err
}

// content is the mail's text: headers, URI and body as they came, without credentials.
func content(j *job) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s\n", j.trigger.Method, j.trigger.URI)
	for _, name := range slices.Sorted(maps.Keys(j.trigger.Headers)) {
		fmt.Fprintf(&text, "%s: %s\n", name, j.trigger.Headers[name])
	}
	text.WriteString("\n")
	text.Write(j.trigger.Body)
	return text.String()
}
