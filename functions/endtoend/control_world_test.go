package endtoend_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// operator is a caller with a key of scope manage.
type operator struct{ *caller }

func openControl(t *testing.T) *operator {
	t.Helper()
	o := &operator{openAPI(t)}
	o.manager(o.token)
	return o
}

// manager writes a key with the scope manage besides the others.
func (o *operator) manager(token string) {
	o.Helper()
	sum := sha256.Sum256([]byte(token))
	o.own("keys/key", fmt.Sprintf(`{"sha256":%q,"scopes":["records:read","records:write","triggers","messages","manage"],"origin":"api"}`, hex.EncodeToString(sum[:])))
}

// anotherOrganization is a key of scope manage of another organization.
func (o *operator) anotherOrganization() string {
	o.Helper()
	token := rand.Text()
	sum := sha256.Sum256([]byte(token))
	o.parameter("organizations/"+o.organization+"-else/keys/key", fmt.Sprintf(`{"sha256":%q,"scopes":["manage"],"origin":"api"}`, hex.EncodeToString(sum[:])))
	return token
}

func (o *operator) at(path string) string { return "/organizations/" + o.organization + path }

// into calls the API and reads the answer.
func (o *operator) into(status int, method, path, body string, headers ...string) map[string]any {
	o.Helper()
	answer := o.want(status, method, path, body, headers...)
	if len(answer.Body) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(answer.Body))
	decoder.UseNumber()
	var found map[string]any
	if err := decoder.Decode(&found); err != nil {
		o.Fatalf("%s %s: answer %.300s is no JSON object: %v", method, path, answer.Body, err)
	}
	return found
}

// list is every item of a list, page by page.
func (o *operator) list(path string) []map[string]any {
	o.Helper()
	var all []map[string]any
	for cursor := ""; ; {
		at := path
		if cursor != "" {
			at += "&cursor=" + cursor
		}
		page := o.into(http.StatusOK, http.MethodGet, at, "")
		items, _ := page["items"].([]any)
		for _, item := range items {
			all = append(all, item.(map[string]any))
		}
		next, more := page["next"].(string)
		if !more {
			return all
		}
		cursor = next
	}
}

// save writes an interface of the receiver's through the API. Its parameter goes when the test ends.
func (o *operator) save(name, kind, path, rest string) {
	o.Helper()
	answer := o.call(http.MethodPut, o.at("/interfaces/"+name), fmt.Sprintf(`{"type":%q,"url":"%s%s",%s}`, kind, o.receiver.URL(), path, rest))
	if answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
		o.Fatalf("save %s: got %d %.500s", name, answer.Status, answer.Body)
	}
	o.Cleanup(func() {
		_ = o.stage.DeleteParameter(context.WithoutCancel(o.Context()), o.stage.Parameter(o.organization, "interfaces", name))
	})
}

// putContacts writes contacts F0, F1, … as another program would.
func (o *operator) putContacts(n int) {
	o.Helper()
	contacts := make([]stage.Contact, n)
	for i := range contacts {
		contacts[i] = stage.Contact{ID: fmt.Sprintf("F%d", i), Data: map[string]any{"role": "MEMBER"}}
	}
	if err := o.stage.PutContacts(o.Context(), o.organization, contacts); err != nil {
		o.Fatal(err)
	}
}

// counts are an answer's fields in one line.
func counts(of map[string]any, fields ...string) string {
	texts := make([]string, len(fields))
	for i, field := range fields {
		texts[i] = fmt.Sprint(of[field])
	}
	return strings.Join(texts, " ")
}

// becomes waits until something that the API shows has a value.
func (o *operator) becomes(path, field string, want any) map[string]any {
	o.Helper()
	ctx, cancel := context.WithTimeout(o.Context(), patience)
	defer cancel()
	var found map[string]any
	err := stage.Wait(ctx, fmt.Sprintf("%s of %s to be %v", field, path, want), func() (bool, error) {
		found = o.into(http.StatusOK, http.MethodGet, path, "")
		return fmt.Sprint(found[field]) == fmt.Sprint(want), nil
	})
	if err != nil {
		o.Fatalf("%v; it is %v", err, found)
	}
	return found
}

// stopped has the receiver refuse a contact's only attempt, and returns the delivery's id.
func (o *operator) stopped(name, path, contact string) string {
	o.Helper()
	before := len(receiver.At(o.receiver.Requests(), path))
	o.receiver.Script(path, receiver.Answer{Status: 500, Times: 1, Body: "<script>alert('closed')</script>"})
	o.contact(contact, `{"role":"MEMBER"}`)
	o.arrive(path, before+1)
	var id string
	o.until("a stopped delivery of "+name, func() (bool, error) {
		for _, d := range o.list(o.at("/deliveries?status=stopped&interface=" + name)) {
			if records, _ := d["records"].([]any); len(records) > 0 && records[0] == "contact/"+contact {
				id, _ = d["id"].(string)
			}
		}
		return id != "", nil
	})
	return id
}
