package main

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"crmhook/shared/receiver"
)

const (
	organization = "demo"
	// bucket is the most contacts in one request to newsletter.
	bucket = 10
	// ticketing's interface: people are warned after the second attempt, the fourth is the last.
	attempts   = 4
	warnAfter  = 2
	retryDelay = 3 * time.Second
	recipient  = "ops@example.com"
)

func (s *show) newsletter() string { return "newsletter-" + s.run }
func (s *show) shop() string       { return "shop-" + s.run }
func (s *show) ticketing() string  { return "ticketing-" + s.run }
func (s *show) wrong() string      { return "wrong-" + s.run }

// path is where an interface's requests arrive; the receiver looks for V1's contact number under /v1/.
func (s *show) path(name string) string {
	if name == s.shop() {
		return "/v1/"
	}
	return "/" + name
}

// clean removes the interfaces of earlier runs, whose receivers are gone, and the rules that call them. Others of the organization stay.
func (s *show) clean(ctx context.Context) error {
	if err := s.remove(ctx, "rules", "vip"); err != nil {
		return err
	}
	return s.remove(ctx, "interfaces", "newsletter|shop|webshop|ticketing|journal|campaign|console|wrong")
}

// remove removes an organization's parameters of a kind that earlier runs wrote under some names.
func (s *show) remove(ctx context.Context, kind, names string) error {
	prefix := s.stage.Parameter(organization, kind, "")
	ours := regexp.MustCompile("^" + regexp.QuoteMeta(prefix) + "(" + names + ")-[0-9]{6}$")
	pages := ssm.NewGetParametersByPathPaginator(s.stage.SSM, &ssm.GetParametersByPathInput{Path: aws.String(strings.TrimSuffix(prefix, "/"))})
	var old []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("look for %s of earlier runs: %w", kind, err)
		}
		for _, p := range page.Parameters {
			if ours.MatchString(aws.ToString(p.Name)) {
				old = append(old, *p.Name)
			}
		}
	}
	for _, name := range old {
		if err := s.stage.DeleteParameter(ctx, name); err != nil {
			return fmt.Errorf("remove %s of an earlier run: %w", kind, err)
		}
	}
	return nil
}

// configure writes eight interfaces, one of them with faults, and how a shop proves itself, and waits until crmhook has checked
// the interfaces.
func (s *show) configure(ctx context.Context) error {
	s.screen.title("Eight interfaces are written, of all five types. An interface says which system is called, and how.")
	s.receiver.Script(s.path(s.ticketing()), receiver.Answer{Status: 503, Times: receiver.Forever, Body: "we are closed"})
	for _, i := range s.interfaces() {
		if err := s.stage.PutInterface(ctx, organization, i.name, i.text); err != nil {
			return err
		}
		s.screen.line("%-18s %s", i.name, i.says)
	}
	if err := s.openShop(ctx); err != nil {
		return err
	}
	if err := s.rule(ctx); err != nil {
		return err
	}
	want := map[string]string{s.wrong(): "invalid"}
	for _, name := range s.names() {
		want[name] = "active"
	}
	err := s.wait(ctx, 4*time.Minute, "crmhook to read and check them", func() (bool, error) {
		for name, state := range want {
			got, _, err := s.stage.State(ctx, organization, name)
			if err != nil || got != state {
				return false, err
			}
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return s.faults(ctx)
}

type written struct{ name, text, says string }

func (s *show) interfaces() []written {
	url := s.receiver.URL()
	only := `"filter":"contactOrigin=` + s.run
	schedule := func(bucket int) string {
		return fmt.Sprintf(`"schedules":[{"name":"each minute","frequencyMinutes":1,"bucketSize":%d}]}`, bucket)
	}
	return []written{
		{
			s.newsletter(),
			`{"type":"contact-webhook-v2","url":"` + url + s.path(s.newsletter()) + `","details":["GENERAL","ADDRESSES"],` + only + `",` + schedule(bucket),
			"gets contacts with their names and addresses, up to ten in a request",
		},
		{
			s.shop(),
			`{"type":"contact-webhook-v1","url":"` + url + s.path(s.shop()) + `${contactNumber}","method":"GET","details":["GENERAL"],` + only + `",` + schedule(1),
			"gets only the number of a contact, in the address that is called",
		},
		{
			s.webshop(),
			`{"type":"contact-webhook-v2","url":"` + url + s.path(s.webshop()) + `","details":["GENERAL"],"ignoreOrigins":["inbound:Shopify"],` + only + `",` + schedule(bucket),
			"is the shop's own: it wants to hear of what others say, not of what it said itself",
		},
		{
			s.ticketing(),
			`{"type":"contact-webhook-v2","url":"` + url + s.path(s.ticketing()) + `","details":["GENERAL"],` +
				fmt.Sprintf(`"retryDelaySeconds":%d,"retriesBeforeWarning":%d,"retriesBeforeStop":%d,"notify":["%s"],`,
					int(retryDelay.Seconds()), warnAfter-1, attempts-1, recipient) + only + `;role=VIP",` + schedule(bucket),
			"wants very important contacts only; its system is out of order",
		},
		{
			s.journal(),
			`{"type":"event-webhook","url":"` + url + s.path(s.journal()) + `","events":["contact.updated"],"includePrevious":true,` + only + `"}`,
			"is told each change of a contact by itself, and what was before",
		},
		{
			s.campaign(),
			`{"type":"rule-webhook","url":"` + url + s.path(s.campaign()) + `"}`,
			"is called by a rule, when a contact gets the tag vip",
		},
		{
			s.console(),
			`{"type":"crm-trigger","urls":{"customer":{"create":"` + url + s.path(s.console()) + `"}}}`,
			"is called when an agent makes a customer in the console",
		},
		{
			s.wrong(),
			`{"type":"contact-webhook-v1","url":"` + url + `/?data={contactNumber}","filter":"role=("}`,
			"has two mistakes in it, on purpose",
		},
	}
}

// faults shows what crmhook found wrong.
func (s *show) faults(ctx context.Context) error {
	_, text, err := s.stage.State(ctx, organization, s.wrong())
	if err != nil {
		return err
	}
	found, err := texts(text)
	if err != nil {
		return err
	}
	s.screen.line("Seven are ready. %s is not used until it is mended; the others go on without it.", s.wrong())
	s.screen.line("crmhook says of it:")
	for _, f := range found {
		s.screen.line("  %s", f)
	}
	both := len(found) == 2 && strings.HasPrefix(found[0], "url: ") && strings.Contains(found[0], "${contactNumber}") &&
		strings.HasPrefix(found[1], "filter: column 6")
	s.promise(both, "both mistakes of %s were found, each with its place and what is right", s.wrong())
	return nil
}
