package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"crmhook/shared/receiver"
)

const (
	// told is the contact that the shop tells of, by its place; newName is what it says.
	told    = 2
	newName = "Example-Renamed"
	// domain is the demo's shop, customer and database are what the demo's organization is called in CRM360.
	domain             = "demo.myshopify.com"
	customer, database = "Demo", "Main"
)

// webshop's interface is the shop's own: it does not want to hear what the shop said itself.
func (s *show) webshop() string { return "webshop-" + s.run }

// sourceID is the shop's number of this run, 0 to 32767.
func (s *show) sourceID() int {
	year, month, day := s.began.UTC().Date()
	return int(s.began.Sub(time.Date(year, month, day, 0, 0, 0, 0, time.UTC)) / (3 * time.Second))
}

func email(contact string) string { return strings.ToLower(contact) + "@example.com" }

// openShop says how the shop's requests are proven: with a secret that only the shop and crmhook know.
func (s *show) openShop(ctx context.Context) error {
	s.secret = rand.Text()
	name := "shop-" + s.run
	if err := s.stage.PutSecret(ctx, organization, name, s.secret); err != nil {
		return err
	}
	source := fmt.Sprintf(`{"verify":"shopify","secrets":[%q],"shopDomains":[%q],"matchByEmail":true}`, name, domain)
	path := fmt.Sprintf("organizations/%s/sources/Shopify-%d", organization, s.sourceID())
	if err := s.stage.PutString(ctx, path, source); err != nil {
		return err
	}
	return s.stage.PutString(ctx, "customers/"+customer+"/"+database, organization)
}

// tell lets the shop say that a customer has another name.
func (s *show) tell(ctx context.Context) error {
	id := s.contacts[told]
	s.screen.title("A shop tells crmhook that a customer has another name.")
	body, err := json.Marshal(map[string]any{
		"id": 706405506930370084 + s.sourceID(), "email": email(id), "first_name": "Jane", "last_name": newName,
		"updated_at": time.Now().Format(time.RFC3339), "tags": "vip",
	})
	if err != nil {
		return err
	}
	var answer struct{ ID string }
	if err := s.wait(ctx, 3*time.Minute, "crmhook to read how the shop proves itself", func() (bool, error) {
		status, text, err := s.call(ctx, body, s.sign(body))
		if err != nil || status != http.StatusAccepted {
			return false, err
		}
		return true, json.Unmarshal(text, &answer)
	}); err != nil {
		return err
	}
	s.screen.line("POST …/QueueProcess/%s/%s/Shopify/Customer/Update   answered 202, trigger %s", customer, database, answer.ID)
	s.promise(answer.ID != "", "the shop's request, signed with the shop's secret, was taken in")
	if err := s.refused(ctx, body); err != nil {
		return err
	}
	if err := s.contactChanged(ctx, id); err != nil {
		return err
	}
	return s.agent(ctx)
}

// refused shows what becomes of a request that anybody could make, and of one with mistakes.
func (s *show) refused(ctx context.Context, body []byte) error {
	status, _, err := s.call(ctx, bytes.Replace(body, []byte("Jane"), []byte("Eve"), 1), s.sign(body))
	if err != nil {
		return err
	}
	s.screen.line("the same with one word changed                              answered %d", status)
	s.promise(status == http.StatusUnauthorized, "a request whose signature does not fit was refused")
	wrong := []byte(`{"id":1,"email":"nobody","updated_at":"yesterday"}`)
	status, text, err := s.call(ctx, wrong, s.sign(wrong))
	if err != nil {
		return err
	}
	var problem struct {
		Errors []struct{ Location, Message string }
	}
	if err := json.Unmarshal(text, &problem); err != nil {
		return fmt.Errorf("read the answer to a request with mistakes: %w", err)
	}
	s.screen.line("one with two mistakes in it                                 answered %d:", status)
	for _, fault := range problem.Errors {
		s.screen.line("  %s: %s", fault.Location, fault.Message)
	}
	s.promise(status == http.StatusBadRequest && len(problem.Errors) == 2, "both mistakes of a request were named")
	return nil
}

// contactChanged waits until the contact has the new name in the CRM.
func (s *show) contactChanged(ctx context.Context, id string) error {
	began := time.Now()
	var found struct {
		Origin string
		Data   struct {
			IndividualContact struct{ IndividualLastname string }
			Identifiers       []struct{ Identifier string }
		}
	}
	err := s.wait(ctx, time.Minute, "the contact to change", func() (bool, error) {
		answer, err := s.stage.Call(ctx, http.MethodGet, "/organizations/"+organization+"/records/contact/"+id,
			map[string]string{"Authorization": "Bearer " + s.stage.DemoToken}, nil)
		if err != nil || answer.Status != http.StatusOK {
			return false, err
		}
		err = json.Unmarshal(answer.Body, &found)
		return found.Data.IndividualContact.IndividualLastname == newName, err
	})
	if err != nil {
		return err
	}
	s.screen.line("%s, found by its e-mail address, is called %s now, %d ms later. The change's origin is %s.",
		id, newName, time.Since(began).Milliseconds(), found.Origin)
	s.promise(found.Origin == "inbound:Shopify" && len(found.Data.Identifiers) == 1, "the contact knows the shop's number for it, and who changed it")
	s.screen.line("Whether other systems hear of it, and the shop itself does not, is seen in part 5.")
	s.screen.line("Meanwhile an agent makes a customer in the console, and another program one over the API.")
	return nil
}

// echo looks at who heard of the new name.
func (s *show) echo(context.Context) error {
	id := s.contacts[told]
	s.screen.title("Who heard that %s is called %s?", id, newName)
	heard := func(name string) int { return len(s.naming(name)) }
	s.screen.line("%-18s %d request", s.newsletter(), heard(s.newsletter()))
	s.screen.line("%-18s %d requests: its interface ignores what comes from inbound:Shopify", s.webshop(), heard(s.webshop()))
	s.promise(heard(s.newsletter()) == 1, "%s heard once of what the shop said", s.newsletter())
	s.promise(heard(s.webshop()) == 0 && s.have(s.webshop()), "%s, the shop's own, heard of all contacts, and not of what it said itself", s.webshop())
	return nil
}

// naming are an interface's requests that have the new name in them.
func (s *show) naming(name string) []receiver.Request {
	var found []receiver.Request
	for _, r := range s.taken(name) {
		if bytes.Contains(r.Body, []byte(newName)) {
			found = append(found, r)
		}
	}
	return found
}

func (s *show) sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(s.secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// call makes the shop's request.
func (s *show) call(ctx context.Context, body []byte, signature string) (int, []byte, error) {
	path := fmt.Sprintf("/ProcessManagement/Connector/Standard/QueueProcess/%s/%s/Shopify/Customer/Update?SourceId=%d", customer, database, s.sourceID())
	answer, err := s.stage.Call(ctx, http.MethodPost, path, map[string]string{
		"Content-Type": "application/json", "X-Shopify-Topic": "customers/update", "X-Shopify-Shop-Domain": domain,
		"X-Shopify-Hmac-Sha256": signature,
	}, body)
	return answer.Status, answer.Body, err
}
