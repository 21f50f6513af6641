package endtoend_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	"crmhook/shared/trigger"
)

// envelope is what an event webhook posts.
type envelope struct {
	Type, Timestamp, Sequence string
	Record                    struct{ Entity, ID string }
	Data, Previous            map[string]any
}

// Each change of a record is told by itself, with the data as of the change.
func TestEventsArriveEachByItself(t *testing.T) {
	c := openAPI(t)
	c.event("orders", "/events", `"events":["order.*"],"includePrevious":true`)
	c.want(http.StatusCreated, http.MethodPut, c.path("order", "1"), `{"total":"1.00","note":"a"}`)
	c.want(http.StatusOK, http.MethodPatch, c.path("order", "1"), `{"total":"2.00"}`, "Content-Type", "application/merge-patch+json")
	c.want(http.StatusNoContent, http.MethodDelete, c.path("order", "1"), "")
	c.want(http.StatusCreated, http.MethodPut, c.path("ticket", "1"), `{"total":"3.00"}`)
	got := map[string]envelope{}
	ids := map[string]bool{}
	for _, r := range c.arrive("/events", 3) {
		var e envelope
		if err := json.Unmarshal(r.Body, &e); err != nil {
			t.Fatal(err)
		}
		got[e.Type], ids[r.Headers.Get("Webhook-Id")] = e, true
	}
	for kind, total := range map[string]string{"order.created": "1.00", "order.updated": "2.00", "order.deleted": "2.00"} {
		e := got[kind]
		if e.Record.Entity != "order" || e.Record.ID != "1" || e.Data["total"] != total || e.Sequence == "" || e.Timestamp == "" {
			t.Errorf("%s: got %+v", kind, e)
		}
	}
	if previous := fmt.Sprint(got["order.updated"].Previous); previous != "map[total:1.00]" || len(ids) != 3 {
		t.Errorf("previous %s, %d ids", previous, len(ids))
	}
}

// A card of CaptainWallet goes to the interface that its source names.
func TestALoyaltyCardIsTold(t *testing.T) {
	c := openAPI(t)
	c.event("wallet", "/wallet", `"events":["loyaltycard.updated"],"origins":["agent-console"]`)
	c.own("sources/CaptainWallet", `{"interface":"wallet"}`)
	c.want(http.StatusCreated, http.MethodPut, c.path("loyaltycard", "12345"), `{"points":7}`)
	c.ended(c.send("CaptainWallet/LoyaltyCard/SendUpdate", "SourceId=3", `{"LoyaltyCardId":"12345"}`), trigger.Applied)
	var e envelope
	if err := json.Unmarshal(c.arrive("/wallet", 1)[0].Body, &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "loyaltycard.updated" || e.Record.ID != "12345" || fmt.Sprint(e.Data["points"]) != "7" {
		t.Errorf("got %+v", e)
	}
}

// event writes an event webhook and waits until it works.
func (c *caller) event(name, path, rest string) {
	c.Helper()
	c.interfaceOf(name, fmt.Sprintf(`{"type":"event-webhook","url":"%s%s",%s}`, c.receiver.URL(), path, rest))
}

// interfaceOf writes an interface of any type and waits until it works.
func (c *caller) interfaceOf(name, text string) {
	c.Helper()
	c.write(name, text)
	c.tell(name, "Update")
	c.until("interface "+name+" to be active", func() (bool, error) {
		state, _, err := c.stage.State(c.Context(), c.organization, name)
		return state == "active", err
	})
}
