package endtoend_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"crmhook/shared/stage"
	"crmhook/shared/trigger"
)

// caller is an organization with a customer, a key and a shop, and the API that it calls.
type caller struct {
	*world
	token, secret string
}

const shopDomain = "e2e.myshopify.com"

// openAPI makes an organization that may call the API.
func openAPI(t *testing.T) *caller {
	t.Helper()
	c := &caller{world: open(t), token: rand.Text(), secret: rand.Text()}
	c.key("key", c.token, "api")
	c.parameter("customers/"+c.organization+"/Main", c.organization)
	c.shop("Shopify")
	return c
}

// key writes a key with all scopes.
func (c *caller) key(name, token, origin string) {
	c.Helper()
	sum := sha256.Sum256([]byte(token))
	c.own("keys/"+name, fmt.Sprintf(`{"sha256":%q,"scopes":["records:read","records:write","triggers","messages"],"origin":%q}`, hex.EncodeToString(sum[:]), origin))
}

// shop writes a source of Shopify that signs with the caller's secret.
func (c *caller) shop(source string) {
	c.Helper()
	name := c.stage.Parameter(c.organization, "secrets", "shop")
	if err := c.stage.PutSecret(c.Context(), c.organization, "shop", c.secret); err != nil {
		c.Fatal(err)
	}
	c.forget(name)
	c.tellOf(name)
	c.own("sources/"+source, fmt.Sprintf(`{"verify":"shopify","secrets":["shop"],"shopDomains":[%q],"matchByEmail":true}`, shopDomain))
}

// own writes a parameter of the organization.
func (c *caller) own(name, value string) {
	c.Helper()
	c.parameter("organizations/"+c.organization+"/"+name, value)
}

// parameter writes a parameter below the stage and tells configure of it. It goes when the test ends.
func (c *caller) parameter(name, value string) {
	c.Helper()
	if err := c.stage.PutString(c.Context(), name, value); err != nil {
		c.Fatal(err)
	}
	full := "/crmhook/" + c.stage.Stage + "/" + name
	c.forget(full)
	c.tellOf(full)
}

func (c *caller) forget(full string) {
	c.Cleanup(func() { _ = c.stage.DeleteParameter(context.WithoutCancel(c.Context()), full) })
}

// tellOf hands configure the event that Parameter Store sends of a parameter.
func (c *caller) tellOf(full string) {
	c.Helper()
	event, err := os.ReadFile("../../events/parameter-change.json")
	if err != nil {
		c.Fatal(err)
	}
	c.invoke("configure", strings.ReplaceAll(string(event), "/crmhook/local/organizations/sample/interfaces/crm", full))
}

// sample is a sample of events/.
func (c *caller) sample(name string) []byte {
	c.Helper()
	text, err := os.ReadFile("../../events/" + name + ".json")
	if err != nil {
		c.Fatal(err)
	}
	return text
}

// call calls the API with the caller's key.
func (c *caller) call(method, path string, body string, headers ...string) stage.Answer {
	c.Helper()
	all := map[string]string{"Authorization": "Bearer " + c.token}
	if body != "" {
		all["Content-Type"] = "application/json"
	}
	for i := 0; i+1 < len(headers); i += 2 {
		all[headers[i]] = headers[i+1]
	}
	answer, err := c.stage.Call(c.Context(), method, path, all, []byte(body))
	if err != nil {
		c.Fatal(err)
	}
	return answer
}

// want calls the API and fails the test where the status is another.
func (c *caller) want(status int, method, path, body string, headers ...string) stage.Answer {
	c.Helper()
	answer := c.call(method, path, body, headers...)
	if answer.Status != status {
		c.Fatalf("%s %s: got %d: %.500s; want %d", method, path, answer.Status, answer.Body, status)
	}
	return answer
}

// queueProcess is the path of an action, such as Shopify/Customer/Update.
func (c *caller) queueProcess(action, query string) string {
	return "/ProcessManagement/Connector/Standard/QueueProcess/" + c.organization + "/Main/" + action + "?" + query
}

// send sends a trigger with the caller's key and returns its id.
func (c *caller) send(action, query, body string, headers ...string) string {
	c.Helper()
	answer := c.want(http.StatusAccepted, http.MethodPost, c.queueProcess(action, query), body, headers...)
	var accepted struct{ ID string }
	if err := json.Unmarshal(answer.Body, &accepted); err != nil || accepted.ID == "" {
		c.Fatalf("%s: answer %s", action, answer.Body)
	}
	return accepted.ID
}

// sign makes the headers of a request of the shop.
func (c *caller) sign(topic string, body []byte) map[string]string {
	mac := hmac.New(sha256.New, []byte(c.secret))
	mac.Write(body)
	return map[string]string{
		"Content-Type": "application/json", "X-Shopify-Topic": topic, "X-Shopify-Shop-Domain": shopDomain,
		"X-Shopify-Hmac-Sha256": base64.StdEncoding.EncodeToString(mac.Sum(nil)),
	}
}

// ended waits until the ledger has a trigger with a status.
func (c *caller) ended(id string, status trigger.Status) map[string]any {
	c.Helper()
	var found map[string]any
	c.until(fmt.Sprintf("trigger %s to be %s", id, status), func() (bool, error) {
		var err error
		found, err = c.stage.Trigger(c.Context(), c.organization, id)
		return found["status"] == string(status), err
	})
	return found
}

// get reads a record's data.
func (c *caller) get(entity, id string) map[string]any {
	c.Helper()
	answer := c.want(http.StatusOK, http.MethodGet, c.path(entity, id), "")
	var is struct{ Data map[string]any }
	decoder := json.NewDecoder(bytes.NewReader(answer.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&is); err != nil {
		c.Fatal(err)
	}
	return is.Data
}

func (c *caller) path(entity, id string) string {
	return "/organizations/" + c.organization + "/records/" + entity + "/" + id
}

// patch merges into a record, again after what the answer says where others write it all the time.
func (c *caller) patch(entity, id, body string) error {
	headers := map[string]string{"Authorization": "Bearer " + c.token, "Content-Type": "application/merge-patch+json"}
	for {
		answer, err := c.stage.Call(c.Context(), http.MethodPatch, c.path(entity, id), headers, []byte(body))
		if err != nil || answer.Status == http.StatusOK {
			return err
		}
		if answer.Status != http.StatusServiceUnavailable {
			return fmt.Errorf("got %d %.300s", answer.Status, answer.Body)
		}
		heed(answer)
	}
}

// heed waits as long as an answer says.
func heed(answer stage.Answer) {
	seconds, _ := strconv.Atoi(answer.Headers.Get("Retry-After"))
	time.Sleep(time.Duration(max(seconds, 1)) * time.Second)
}

// since is how long ago a time was, for figures.
func since(begun time.Time) time.Duration { return time.Since(begun).Round(time.Millisecond) }

func basic(login, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(login+":"+password))
}
