package control_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/manage"
)

// needs are the operations that need more than to look, by their ids.
func needs() map[string]access.Need {
	return map[string]access.Need{
		"putInterface": access.Alter, "deleteInterface": access.Alter, "putRule": access.Alter, "deleteRule": access.Alter,
		"putSecret": access.Alter, "deleteSecret": access.Alter, "startExecution": access.Alter, "testInterface": access.Alter, "eraseContact": access.Alter,
		"cancelExecution": access.Redo, "replayDelivery": access.Redo, "dismissDelivery": access.Redo, "replayDeliveries": access.Redo,
		"dismissDeliveries": access.Redo, "replayTrigger": access.Redo, "replaySetAside": access.Redo, "dismissSetAside": access.Redo,
	}
}

// TestWhoMayDoWhat asks each operation with each key. Whoever is let in is told of a query that nothing takes.
func TestWhoMayDoWhat(t *testing.T) {
	t.Parallel()
	w := open(t, &manage.Handler{})
	for path, item := range ours(t, described(t)) {
		for method, operation := range item {
			id, method := operation["operationId"].(string), strings.ToUpper(method)
			need, target := needs()[id], strings.NewReplacer("{organization}", "demo", "{", "a", "}", "").Replace(path)+"?nobody-knows=1"
			if need == "" {
				if need = access.Look; method != http.MethodGet {
					t.Errorf("%s: this test does not know what it needs", id)
				}
			}
			for token, may := range map[string]bool{
				token: true, "token-of-other": false, "token-of-sender": false,
				"token-of-reader": need == access.Look, "token-of-replayer": need == access.Redo,
			} {
				want := http.StatusForbidden
				if may {
					want = http.StatusUnprocessableEntity
				}
				if got := w.do(method, target, "", "Authorization: Bearer "+token); got.status != want {
					t.Errorf("%s with %s: got %d %.200s, want %d", id, token, got.status, got.body, want)
				}
			}
		}
	}
}

func TestOurTroubleIsToldToTheLogAlone(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(w *world){
		"keys":   func(w *world) { w.keys.down = true },
		"eraser": func(*world) {},
	} {
		w := open(t, &manage.Handler{})
		breakIt(w)
		got := w.do("POST", "/organizations/demo/contacts/down/erase", "").is(http.StatusServiceUnavailable)
		if strings.Contains(string(got.body), "secret-detail") || got.header.Get("Retry-After") != "5" {
			t.Errorf("%s: got %s with %v", name, got.body, got.header)
		}
		if strings.Count(w.log.String(), `"level":"ERROR"`) != 1 || !strings.Contains(w.log.String(), "secret-detail") {
			t.Errorf("%s: the log does not tell of it once: %s", name, w.log)
		}
	}
}

func TestAShareThatIsUsedUp(t *testing.T) {
	t.Parallel()
	w := open(t, &manage.Handler{})
	w.keys.full = true
	if got := w.do("GET", "/organizations/demo/interfaces", "").is(http.StatusTooManyRequests); got.header.Get("Retry-After") != "2" {
		t.Errorf("Retry-After is %q, want 2: whole seconds, and not too early", got.header.Get("Retry-After"))
	}
}

func TestTheLogSaysWhoAskedWhat(t *testing.T) {
	t.Parallel()
	w := open(t, &manage.Handler{})
	w.do("GET", "/organizations/demo/interfaces/a%20b", "", "Authorization: Bearer token-of-reader").is(http.StatusUnprocessableEntity)
	for _, want := range []string{`"route":"/organizations/{organization}/interfaces/{name}"`, `"organization":"demo"`, `"key":"operator/key"`, `"status":422`} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, w.log)
		}
	}
	if strings.Contains(w.log.String(), "token-of") || strings.Contains(w.log.String(), "a b") {
		t.Errorf("the log tells too much: %s", w.log)
	}
}

func TestErasureIsHandedOver(t *testing.T) {
	t.Parallel()
	w := open(t, &manage.Handler{})
	got := w.do("POST", "/organizations/demo/contacts/A%201%25/erase", "").is(http.StatusOK).object()
	want := map[string]any{
		"record": true, "directory": 2.0, "deliveries": 0.0, "bodies": 0.0, "answers": 3.0, "cancelled": 0.0, "triggers": 0.0, "setAside": 0.0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the answer differs (-want +got):\n%s", diff)
	}
	if w.eraser.who != (manage.Who{Organization: "demo", By: "key"}) || len(w.eraser.ids) != 1 || w.eraser.ids[0] != "A 1%" {
		t.Errorf("%+v erased %q", w.eraser.who, w.eraser.ids)
	}
}
