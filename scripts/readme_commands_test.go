package scripts_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"crmhook/shared/receiver"
	"crmhook/shared/stage"
)

// TestTheReadmesCommandsWork runs the README's commands as they are written, over the local stack, for an organization and
// with a receiver of the test's own: those that write an interface, a contact and a secret, and those that look at what
// became of them. The contact must arrive.
func TestTheReadmesCommandsWork(t *testing.T) {
	t.Parallel()
	outputs := os.Getenv("CRMHOOK_OUTPUTS")
	if outputs == "" {
		t.Skip("needs the local stack: scripts/test brings it up and sets CRMHOOK_OUTPUTS")
	}
	if exec.CommandContext(t.Context(), "aws", "--version").Run() != nil {
		t.Skip("needs the AWS command line, which the commands use")
	}
	s, err := stage.Load(outputs)
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 4)
	if _, err := rand.Read(random); err != nil {
		t.Fatal(err)
	}
	r, err := receiver.Start("")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	reader := reader{T: t, organization: "readme-" + hex.EncodeToString(random), folder: t.TempDir(), stage: s, outputs: outputs, receiver: r}
	if err := s.PutInterface(t.Context(), reader.organization, "wrong", `{"type":"contact-webhook-v1","url":"http://shop.example.com/?id={contactNumber}"}`); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(reader.clean)
	// The token of the outputs is one of demo's, which has the contact after the first commands.
	if err := s.PutContacts(t.Context(), "demo", []stage.Contact{{ID: "4711", Data: map[string]any{"role": "MEMBER"}}}); err != nil {
		t.Fatal(err)
	}
	reader.demoInterface()
	for _, block := range blocks(t) {
		if strings.Contains(block, "scripts/up") {
			continue // the stack is up
		}
		said := reader.run(block)
		for part, want := range map[string]string{
			`"interface#"`:  `(?m)^interface#first\tactive\tNone\ninterface#wrong\tinvalid\t.*\$\{contactNumber\}`,
			"#executions":   `(?m)^\w+\t\d{13}\t1\t\w+\t\w+$`,
			"put-parameter": `"Version": 1`,
			"sqs":           `"ApproximateNumberOfMessages": "\d+"`,
			"QueueProcess":  `^\{"id":"\w{26}"\}$`,
			"PATCH":         `"email":"jane@example.com"`,
			"/executions\"": `^\{"id":"\w{26}"\}\s*\{"id":"\w{26}"\}\s*$`,
		} {
			if strings.Contains(block, part) && !regexp.MustCompile(want).MatchString(said) {
				t.Errorf("%s\nsays %q, want %s", block, said, want)
			}
		}
	}
}

// demoInterface makes the interface of the organization demo that the commands with the token start executions of.
func (r *reader) demoInterface() {
	r.Helper()
	at, headers := "/organizations/demo/interfaces/first", map[string]string{"Authorization": "Bearer " + r.stage.DemoToken, "Content-Type": "application/json"}
	body := `{"type":"contact-webhook-v1","url":"` + r.receiver.URL() + `/?demo=${contactNumber}","schedules":[{"name":"by hand","launch":"manual"}]}`
	answer, err := r.stage.Call(r.Context(), http.MethodPut, at, headers, []byte(body))
	if err != nil || answer.Status != http.StatusCreated && answer.Status != http.StatusOK {
		r.Fatalf("make an interface: %d %s (%v)", answer.Status, answer.Body, err)
	}
	r.Cleanup(func() { _, _ = r.stage.Call(context.WithoutCancel(r.Context()), http.MethodDelete, at, headers, nil) })
}

// blocks are the README's shell commands.
func blocks(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, found := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme(t), -1) {
		list = append(list, found[1])
	}
	if len(list) < 8 {
		t.Fatalf("README.md has %d blocks of commands, want at least 8", len(list))
	}
	return list
}

// reader is someone who follows the README.
type reader struct {
	*testing.T
	organization, folder, outputs string
	stage                         *stage.Stage
	receiver                      *receiver.Receiver
	// names are the block that says what the others use.
	names string
}

// run runs a block in a folder of its own, where .crmhook/outputs.json is the stack's and events the repository's, and
// returns what it printed.
func (r *reader) run(block string) string {
	r.Helper()
	if strings.HasPrefix(block, "export ") {
		r.names = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+`).ReplaceAllString(block, r.stage.Endpoint)
		r.link()
	}
	switch {
	case strings.Contains(block, "put-item"):
		r.checked("first", "wrong")
	case strings.Contains(block, "#executions"):
		r.arrived("changed=4711")
	}
	if !strings.Contains(block, "$(token)") {
		block = strings.NewReplacer("organizations/demo/", "organizations/"+r.organization+"/", `"demo`, `"`+r.organization,
			"http://127.0.0.1:8080", r.receiver.URL()).Replace(block)
	}
	ctx, cancel := context.WithTimeout(r.Context(), time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, "bash", "-euc", r.names+block)
	command.Dir = r.folder
	// Nothing of what the AWS command line reads is lent to it: the README must say all.
	command.Env = slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "AWS_") })
	command.Env = append(command.Env, "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_PAGER=")
	said, err := command.CombinedOutput()
	if err != nil {
		r.Errorf("%s\nfails: %v: %s", block, err, said)
	}
	return string(said)
}

func (r *reader) link() {
	r.Helper()
	outputs, err := filepath.Abs(r.outputs)
	if err != nil {
		r.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(r.folder, ".crmhook"), 0o700); err != nil {
		r.Fatal(err)
	}
	events, err := filepath.Abs("../events")
	if err != nil {
		r.Fatal(err)
	}
	for name, is := range map[string]string{".crmhook/outputs.json": outputs, "events": events} {
		if err := os.Symlink(is, filepath.Join(r.folder, name)); err != nil {
			r.Fatal(err)
		}
	}
}

// checked waits until configure has seen the interfaces: changes count from then.
func (r *reader) checked(names ...string) {
	r.Helper()
	r.until("the check of the interfaces", func() (bool, error) {
		for _, name := range names {
			if state, _, err := r.stage.State(r.Context(), r.organization, name); err != nil || state == "" {
				return false, err
			}
		}
		return true, nil
	})
}

func (r *reader) arrived(query string) {
	r.Helper()
	r.until("the contact's arrival", func() (bool, error) {
		return slices.ContainsFunc(r.receiver.Requests(), func(q receiver.Request) bool { return q.Query == query }), nil
	})
}

func (r *reader) until(what string, done func() (bool, error)) {
	r.Helper()
	ctx, cancel := context.WithTimeout(r.Context(), 6*time.Minute)
	defer cancel()
	if err := stage.Wait(ctx, what, done); err != nil {
		r.Fatal(err)
	}
}

func (r *reader) clean() {
	for _, name := range []string{"interfaces/first", "interfaces/wrong", "secrets/crm-password"} {
		kind, name, _ := strings.Cut(name, "/")
		if err := r.stage.DeleteParameter(context.WithoutCancel(r.Context()), r.stage.Parameter(r.organization, kind, name)); err != nil {
			r.Error(fmt.Errorf("clean up: %w", err))
		}
	}
}
