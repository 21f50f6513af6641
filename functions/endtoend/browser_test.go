package endtoend_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"crmhook/shared/receiver"
)

// TestAnOperatorsDay goes through the console as a person does when a partner calls: an interface is made with faults and
// mended, contacts arrive, the receiver breaks, the warning and the stop are seen, what was stopped is replayed, a file is
// uploaded, an execution cancelled.
func TestAnOperatorsDay(t *testing.T) {
	p := openBrowser(t)
	p.signIn("not a key of anybody")
	p.sees("Sign in")
	p.shot("sign-in")
	p.signIn(p.token)
	p.sees("Interfaces")
	p.shot("overview-empty")

	p.visit("/new-interface?type=contact-webhook-v2")
	p.write("f-name", "crm")
	p.write("f-url", "ftp://crm.example.com")
	p.write("f-details", "GENERAL,NAMES")
	p.write("f-retriesBeforeStop", "99")
	p.press("Create")
	p.sees("3 faults to correct", "must be one of GENERAL")
	p.shot("interface-faults")
	p.write("f-url", p.receiver.URL()+"/in")
	p.write("f-details", "GENERAL")
	p.write("f-retriesBeforeWarning", "0")
	p.write("f-retriesBeforeStop", "1")
	p.write("f-retryDelaySeconds", "1")
	p.press("Create")
	p.sees("crm", "active")
	p.Cleanup(func() {
		_ = p.stage.DeleteParameter(t.Context(), p.stage.Parameter(p.organization, "interfaces", "crm"))
	})

	p.visit("/interfaces/crm/schedules/new")
	p.write("f-schedules-0--name", "each minute")
	p.write("f-schedules-0--frequencyMinutes", "1")
	p.shot("schedule")
	p.press("Schedule")
	p.sees("each minute")
	p.shot("schedules")

	p.contact("C1", `{"role":"MEMBER","individualContact":{"email":"jane@example.com"}}`)
	p.arrive("/in", 1)
	p.visit("/interfaces/crm")
	p.shot("interface")

	p.receiver.Script("/in", receiver.Answer{Status: 500, Times: 2, Body: "<script>document.title='broken'</script> closed for stocktaking"})
	p.contact("C2", `{"role":"MEMBER"}`)
	p.arrive("/in", 3)
	p.until("the delivery to be stopped", func() (bool, error) { return len(p.list(p.at("/deliveries?status=stopped"))) == 1, nil })
	p.visit("/deliveries?status=stopped")
	p.sees("crm", "C2")
	p.shot("deliveries")
	p.visit("")
	p.sees("crm", "1")
	p.shot("overview")
	stopped := p.list(p.at("/deliveries?status=stopped"))[0]["id"].(string)
	p.visit("/deliveries/" + stopped)
	p.sees("closed for stocktaking", "<script>", "500")
	p.shot("delivery")
	p.press("Replay")
	p.arrive("/in", 4)
	p.becomes(p.at("/deliveries/"+stopped), "status", "replayed")

	p.visit("/interfaces/crm")
	p.press("Send sample")
	p.sees("Sample to crm", "delivered")
	p.shot("sample")

	p.uploads()
	p.cancels()
	for name, path := range map[string]string{"triggers": "/triggers", "setaside": "/setaside", "rules": "/rules", "secrets": "/secrets", "audit": "/audit", "erase": "/erase"} {
		p.visit(path)
		p.shot(name)
	}
}

// uploads sends contacts that a file names.
func (p *person) uploads() {
	p.Helper()
	before := len(receiver.At(p.receiver.Requests(), "/in"))
	file := filepath.Join(p.TempDir(), "contacts.csv")
	if err := os.WriteFile(file, []byte("contactNumber;name\nC1;Jane\nC2;\n;nobody\n"), 0o600); err != nil {
		p.Fatal(err)
	}
	p.visit("/interfaces/crm/executions")
	p.do(chromedp.SetUploadFiles("#file", []string{file}))
	p.press("Upload and send")
	p.sees("Refused lines", "done")
	p.arrive("/in", before+2)
	p.shot("execution-file")
	p.visit("/interfaces/crm/executions")
	p.shot("executions")
}

// cancels ends an execution whose receiver refuses everything.
func (p *person) cancels() {
	p.Helper()
	p.save("slow", "contact-webhook-v2", "/slow", `"details":["GENERAL"],"retryDelaySeconds":600,"schedules":[{"name":"by hand","launch":"manual"}]`)
	p.receiver.Script("/slow", receiver.Answer{Status: 503, Times: 1000})
	for i := range 3 {
		p.contact(fmt.Sprintf("S%d", i), `{"role":"MEMBER"}`)
	}
	p.waits("slow", 3)
	p.visit("/interfaces/slow/executions")
	p.press("Immediate execution")
	p.arrive("/slow", 3)
	p.sees("running")
	p.shot("execution-running")
	p.press("Cancel execution")
	p.sees("cancelled")
	p.shot("execution-cancelled")
}

// TestTheConsoleOnAPhoneAndInTheDark looks at each screen as it is elsewhere: nothing is wider than the phone.
func TestTheConsoleOnAPhoneAndInTheDark(t *testing.T) {
	p := openBrowser(t)
	p.save("crm", "contact-webhook-v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,"retriesBeforeStop":0,`+schedule(100, 1))
	id := p.stopped("crm", "/in", "C1")
	p.signIn(p.token)
	for name, path := range map[string]string{
		"overview": "", "interface": "/interfaces/crm", "schedules": "/interfaces/crm/schedules", "executions": "/interfaces/crm/executions",
		"deliveries": "/deliveries?status=stopped", "delivery": "/deliveries/" + id, "triggers": "/triggers", "rules": "/rules", "audit": "/audit",
	} {
		p.dark(false)
		p.narrow(true)
		p.visit(path)
		p.fits(path)
		p.shot("phone-" + name)
		p.dark(true)
		p.narrow(false)
		p.shot("dark-" + name)
	}
}

// TestAnOperatorsKeySignsInOnce for all organizations, and is offered nothing that it may not do.
func TestAnOperatorsKeySignsInOnce(t *testing.T) {
	p := openBrowser(t)
	p.save("crm", "contact-webhook-v2", "/in", `"details":["GENERAL"],"retryDelaySeconds":1,"retriesBeforeStop":0,`+schedule(100, 1))
	id := p.stopped("crm", "/in", "C1")
	p.signIn(p.stage.OperatorToken)
	p.sees("Organizations")
	p.shot("organizations")
	p.visit("/deliveries/" + id)
	p.sees("stopped", "Replay")
	p.visit("/deliveries")
	p.press("Replay all that match …")
	p.sees("Replay 1 stopped delivery?")
	p.press("Replay all 1")
	p.arrive("/in", 2)
	p.visit("/interfaces/crm")
	p.sees("crm")
	for _, offered := range []string{"Save", "Pause", "Delete interface", "Send sample"} {
		there, err := chromedp.Run(p.tab, chromedp.Evaluate[bool](fmt.Sprintf(`[...document.querySelectorAll("button, a")].some((e) => e.innerText.trim() === %q)`, offered)))
		if err != nil {
			t.Fatal(err)
		}
		if there {
			t.Errorf("an operator is offered %q", offered)
		}
	}
	if entries := p.list(p.at("/audit?limit=1")); entries[0]["by"] != "operator/operator" || entries[0]["action"] != "replay" {
		t.Errorf("the audit begins with %v, want the operator's replay", entries[0])
	}
	p.press("Sign out")
	p.visit("/interfaces/crm")
	p.sees("Sign in")
}
