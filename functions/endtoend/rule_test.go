package endtoend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
)

// A rule calls its webhook when a contact gets a tag, as often as its limit says, however many changes there are at once.
func TestARuleFiresAsOftenAsItsLimitSays(t *testing.T) {
	const most = 3
	c := openAPI(t)
	c.interfaceOf("campaign", fmt.Sprintf(`{"type":"rule-webhook","url":"%s/campaign"}`, c.receiver.URL()))
	c.interfaceOf("others", fmt.Sprintf(`{"type":"rule-webhook","url":"%s/others"}`, c.receiver.URL()))
	c.own("rules/vip", fmt.Sprintf(`{"name":"Very important","description":"became very important","event":{"type":"tag.added"},
		"conditions":"role=MEMBER","then":["campaign"],"else":["others"],"limits":{"maxPerContact":%d}}`, most))
	c.want(http.StatusCreated, http.MethodPut, c.path("contact", "C1"), `{"role":"MEMBER","email":"jane@example.com"}`)
	c.want(http.StatusCreated, http.MethodPut, c.path("contact", "C2"), `{"role":"GUEST","tags":["a"],"phone":"+33600000000"}`)
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			if err := c.patch("contact", "C1", fmt.Sprintf(`{"tags":["t%d"]}`, i)); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	var other map[string]any
	if err := json.Unmarshal(c.arrive("/others", 1)[0].Body, &other); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"id": "vip", "name": "Very important", "contactId": "C2", "description": "became very important", "email": nil, "phone": "+33600000000", "company": nil,
	}
	if fmt.Sprint(other) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", other, want)
	}
	c.arrive("/campaign", most)
	c.want(http.StatusOK, http.MethodPatch, c.path("contact", "C1"), `{"tags":["last"]}`, "Content-Type", "application/merge-patch+json")
	c.want(http.StatusOK, http.MethodPatch, c.path("contact", "C2"), `{"tags":["last"]}`, "Content-Type", "application/merge-patch+json")
	c.arrive("/others", 2) // What comes after the last change of C1 has come, so that one was read too.
	ids := map[string]bool{}
	for _, r := range c.receiver.Requests() {
		if r.Path == "/campaign" {
			ids[r.Headers.Get("Webhook-Id")] = true
		}
	}
	if len(ids) != most {
		t.Errorf("the rule fired %d times for one contact, want %d", len(ids), most)
	}
}
