package endtoend_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/receiver"
	"crmhook/shared/trigger"
)

func TestStoppedDeliveriesAreReplayedAndDismissed(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,"retriesBeforeStop":0,`+schedule(100, 1))
	id := o.stopped("crm", "/in", "C1")
	one := o.into(http.StatusOK, http.MethodGet, o.at("/deliveries/"+id), "")
	log, _ := one["log"].([]any)
	if one["status"] != "stopped" || len(log) != 1 || log[0].(map[string]any)["answer"] != "<script>alert('closed')</script>" {
		t.Errorf("the stopped delivery is %v", one)
	}
	o.want(http.StatusAccepted, http.MethodPost, o.at("/deliveries/"+id+"/replay"), "")
	o.arrive("/in", 2)
	o.becomes(o.at("/deliveries/"+id), "status", "replayed")
	o.want(http.StatusConflict, http.MethodPost, o.at("/deliveries/"+id+"/replay"), "")

	id = o.stopped("crm", "/in", "C2")
	o.want(http.StatusNoContent, http.MethodPost, o.at("/deliveries/"+id+"/dismiss"), "")
	o.becomes(o.at("/deliveries/"+id), "status", "dismissed")

	o.receiver.Script("/in", receiver.Answer{Status: 500, Times: 3})
	for _, contact := range []string{"C3", "C4", "C5"} {
		o.contact(contact, `{"role":"MEMBER"}`)
	}
	o.until("three stopped deliveries", func() (bool, error) { return len(o.list(o.at("/deliveries?status=stopped&interface=crm"))) == 3, nil })
	many := o.at("/deliveries/replay")
	if counted := o.into(http.StatusAccepted, http.MethodPost, many+"?dryRun=true", `{"interface":"crm"}`); counts(counted, "matched", "id") != "3 <nil>" {
		t.Errorf("counted %v, want 3 and no id", counted)
	}
	if of := o.list(o.at("/deliveries?record=C4")); len(of) != 1 || of[0]["status"] != "stopped" {
		t.Errorf("deliveries of C4: %v", of)
	}
	before := len(receiver.At(o.receiver.Requests(), "/in"))
	o.into(http.StatusAccepted, http.MethodPost, many, `{"interface":"crm"}`)
	o.arrive("/in", before+3)
	o.until("no delivery to be stopped", func() (bool, error) { return len(o.list(o.at("/deliveries?status=stopped"))) == 0, nil })
	o.want(http.StatusUnprocessableEntity, http.MethodGet, o.at("/deliveries"), "")
	o.quiet("crm")
}

// TestWhatIsStartedByHandNeedsNoRunToBeDue: a schedule that runs only when asked sends the contacts that it names, and what was
// stopped is replayed at once, as an execution of its own.
func TestWhatIsStartedByHandNeedsNoRunToBeDue(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", strings.Replace(immediate, `"batchSize"`, `"identifiers":["C1"],"batchSize"`, 1))
	o.contact("C1", `{"role":"MEMBER"}`)
	o.contact("C2", `{"role":"MEMBER"}`)
	o.waits("crm", 2)
	o.receiver.Script("/in", receiver.Answer{Status: 500, Times: 1})
	runs := o.at("/interfaces/crm/executions")
	o.into(http.StatusAccepted, http.MethodPost, runs, `{"schedule":"by hand"}`)
	o.until("the delivery to be stopped", func() (bool, error) { return len(o.list(o.at("/deliveries?status=stopped"))) == 1, nil })
	stopped := o.list(o.at("/deliveries?status=stopped"))[0]
	if fmt.Sprint(stopped["records"]) != "[contact/C1]" {
		t.Errorf("the schedule by hand sent %v, want the contact that it names alone", stopped["records"])
	}
	o.want(http.StatusAccepted, http.MethodPost, o.at("/deliveries/"+stopped["id"].(string)+"/replay"), "")
	if requests := o.arrive("/in", 2); fmt.Sprint(requests[1].Contacts) != "[C1]" {
		t.Errorf("the replay sent %v", requests[1].Contacts)
	}
	replayed := o.list(runs + "?limit=2")[0]
	if replayed["startedBy"] != "replay" {
		t.Errorf("the latest execution is %v, want the replay's", replayed)
	}
	o.becomes(runs+"/"+replayed["id"].(string), "status", "done")
}

// TestAnEventsReplayKeepsItsID so that a receiver that has it after all drops it.
func TestAnEventsReplayKeepsItsID(t *testing.T) {
	o := openControl(t)
	o.save("events", "event-webhook", "/in", `"events":["contact.*"],"retryDelaySeconds":1,"retriesBeforeStop":0`)
	id := o.stopped("events", "/in", "C1")
	o.want(http.StatusAccepted, http.MethodPost, o.at("/deliveries/"+id+"/replay"), "")
	requests := o.arrive("/in", 2)
	if was, is := requests[0].Headers.Get("Webhook-Id"), requests[1].Headers.Get("Webhook-Id"); was != is || string(requests[0].Body) != string(requests[1].Body) {
		t.Errorf("the replay has the id %s, the first had %s; same body: %v", is, was, string(requests[0].Body) == string(requests[1].Body))
	}
	o.becomes(o.at("/deliveries/"+id), "status", "replayed")
	replays := o.list(o.at("/deliveries?interface=events&limit=1"))
	if len(replays) != 2 || replays[0]["replayOf"] != id {
		t.Errorf("the list shows %v, want the replay first, with replayOf %s", replays, id)
	}
}

// TestAFailedTriggerIsReplayed once what it failed for is mended: a card has no interface to go to.
func TestAFailedTriggerIsReplayed(t *testing.T) {
	o := openControl(t)
	o.own("sources/CaptainWallet", `{"interface":"wallet"}`)
	o.want(http.StatusCreated, http.MethodPut, o.path("loyaltycard", "12345"), `{"points":7}`)
	id := o.send("CaptainWallet/LoyaltyCard/SendUpdate", "SourceId=3", `{"LoyaltyCardId":"12345"}`)
	o.ended(id, trigger.Failed)
	failed := o.list(o.at("/triggers?status=failed"))
	if len(failed) != 1 || failed[0]["id"] != id || failed[0]["kept"] != true || !strings.Contains(fmt.Sprint(failed[0]["cause"]), "wallet") {
		t.Fatalf("failed triggers: %v", failed)
	}
	o.save("wallet", "event-webhook", "/cards", `"events":["loyaltycard.updated"]`)
	// SQS may have tried it again by itself meanwhile.
	if answer := o.call(http.MethodPost, o.at("/triggers/"+id+"/replay"), ""); answer.Status != http.StatusAccepted && answer.Status != http.StatusConflict {
		t.Errorf("replay: got %d %.300s", answer.Status, answer.Body)
	}
	o.becomes(o.at("/triggers/"+id), "status", "applied")
	o.arrive("/cards", 1)
	o.want(http.StatusConflict, http.MethodPost, o.at("/triggers/"+id+"/replay"), "")
}

// TestWhatWasSetAsideGoesWhenItIsDismissedOrRunsAgain: the one contact cannot be read, the other could not for a while.
func TestWhatWasSetAsideGoesWhenItIsDismissedOrRunsAgain(t *testing.T) {
	o := openControl(t)
	o.save("crm", "contact-webhook-v2", "/in", `"details":["GENERAL"],`+schedule(100, 10))
	for _, id := range []string{"C1", "C2"} {
		_, err := o.stage.DB.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: &o.stage.RecordsTable, Item: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: o.organization + "#contact"}, "sk": &types.AttributeValueMemberS{Value: id},
			"data": &types.AttributeValueMemberS{Value: "text"},
		}})
		if err != nil {
			t.Fatal(err)
		}
	}
	o.until("two changes to be set aside", func() (bool, error) { return len(o.list(o.at("/setaside?limit=1"))) == 2, nil })
	for _, item := range o.list(o.at("/setaside?limit=1")) {
		at := o.at("/setaside/" + item["id"].(string))
		if item["subject"] == "contact/C1" {
			o.want(http.StatusConflict, http.MethodPost, at+"/replay", "")
			o.want(http.StatusNoContent, http.MethodPost, at+"/dismiss", "")
			o.want(http.StatusNotFound, http.MethodPost, at+"/dismiss", "")
			continue
		}
		o.contact("C2", `{"role":"MEMBER"}`)
		o.want(http.StatusAccepted, http.MethodPost, at+"/replay", "")
	}
	if left := o.list(o.at("/setaside?limit=1")); len(left) != 0 {
		t.Errorf("still set aside: %v", left)
	}
	o.arrive("/in", 1)
	if entries := o.list(o.at("/audit?limit=2")); len(entries) < 2 || entries[0]["by"] == "" {
		t.Errorf("the audit is %v", entries)
	}
}
