package endtoend_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"testing"
)

// What an agent does in the console is told by the URL of its entity and event; what other programs write is not.
func TestAgentsChangesTriggerAndOthersDoNot(t *testing.T) {
	c := openAPI(t)
	agent := rand.Text()
	c.key("console", agent, "agent-console")
	url := c.receiver.URL()
	c.interfaceOf("console", fmt.Sprintf(`{"type":"crm-trigger","urls":{
		"customer":{"create":"%[1]s/customer"},"case":{"create":"%[1]s/case?of=crm","edit":"%[1]s/case-edit"},
		"followup":{"delete":"%[1]s/followup"},"task":{"create":"%[1]s/task"}}}`, url))
	as := []string{"Authorization", "Bearer " + agent}
	write := func(status int, method, entity, id, body string, headers ...string) {
		t.Helper()
		c.want(status, method, c.path(entity, id), body, headers...)
	}
	write(http.StatusCreated, http.MethodPut, "customer", "by-api", `{"name":"Example"}`)
	write(http.StatusCreated, http.MethodPut, "customer", "A1", `{"name":"Example"}`, as...)
	write(http.StatusCreated, http.MethodPut, "case", "C1", `{"accountId":"A1"}`, as...)
	write(http.StatusOK, http.MethodPut, "case", "C1", `{"accountId":"A1","open":false}`, as...)
	write(http.StatusCreated, http.MethodPut, "followup", "F1", `{"accountId":"A1","caseId":"C1"}`, as...)
	write(http.StatusNoContent, http.MethodDelete, "followup", "F1", "", as...)
	write(http.StatusCreated, http.MethodPut, "task", "T1", `{"accountId":90071992547409931}`, as...)
	want := map[string]string{
		"/customer": "AccountID=A1", "/case": "of=crm&AccountID=A1&CaseID=C1", "/case-edit": "AccountID=A1&CaseID=C1",
		"/followup": "AccountID=A1&CaseID=C1&FollowupID=F1", "/task": "AccountID=90071992547409931&TaskID=T1",
	}
	for path, query := range want {
		if got := c.arrive(path, 1)[0]; got.Method != http.MethodGet || got.Query != query || len(got.Body) > 0 {
			t.Errorf("%s: got %s ?%s with %d bytes, want GET ?%s", path, got.Method, got.Query, len(got.Body), query)
		}
	}
	if n := len(c.receiver.Requests()); n != len(want) {
		t.Errorf("%d requests, want %d: what the API writes triggers nothing", n, len(want))
	}
}
