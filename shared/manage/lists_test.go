package manage_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/backlog"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/manage"
	"crmhook/shared/parameter"
)

// TestOverviewCosts has an organization with more interfaces than a page: whatever is there, a page is three calls.
func TestOverviewCosts(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	for i := range 60 {
		c.write(parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: fmt.Sprintf("i%02d", i)}, plainText)
	}
	c.sweep()
	c.table.Reset()
	first, err := c.handler().Overview(t.Context(), "demo", manage.List{})
	if err != nil || len(first.Items) != 50 || first.Next != "i49" {
		t.Fatalf("%d items, next %q, error %v; want 50 and i49", len(first.Items), first.Next, err)
	}
	got := fmt.Sprint(c.table.Calls, c.backlog.Calls, c.hours.calls, c.hours.keys)
	if want := "map[Page:1] map[States:1] 1 50"; got != want {
		t.Errorf("calls %s, want %s", got, want)
	}
	rest, err := c.handler().Overview(t.Context(), "demo", manage.List{After: first.Next})
	if err != nil || len(rest.Items) != 10 || rest.Next != "" || rest.Items[0].Name != "i50" {
		t.Errorf("%d items, next %q, error %v; want the last 10", len(rest.Items), rest.Next, err)
	}
	c.table.Reset()
	clear(c.backlog.Calls)
	if _, err := c.handler().Interfaces(t.Context(), "demo", manage.List{Limit: 200}); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(c.table.Calls, c.backlog.Calls), "map[Page:1] map[States:1]"; got != want {
		t.Errorf("calls of a list %s, want %s", got, want)
	}
}

func TestOverviewOfNothing(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	got, err := c.handler().Overview(t.Context(), "demo", manage.List{})
	if err != nil || got.Items == nil || len(got.Items) != 0 || c.hours.calls != 0 {
		t.Errorf("%+v, error %v, %d calls for hours; want an empty page and none", got, err, c.hours.calls)
	}
}

func TestOverviewTellsWhatWaits(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	idle := parameter.Path{Organization: "demo", Kind: parameter.Interface, Name: "idle"}
	c.write(crm, plainText)
	c.write(idle, plainText)
	c.sweep()
	ran, since := c.now.Add(-time.Minute), c.now.Add(-time.Hour)
	for name, waiting := range map[string]int{"crm": 7, "idle": 0} {
		lane := backlog.Lane{Organization: "demo", Interface: name, Generation: c.kept(name).Generation}
		saved, err := c.backlog.Save(t.Context(), backlog.State{Lane: lane, LastRun: ran, Waiting: waiting, Oldest: since, WaitingAsOf: ran})
		if err != nil || !saved {
			t.Fatalf("saved %v, error %v", saved, err)
		}
	}
	got, err := c.handler().Overview(t.Context(), "demo", manage.List{})
	if err != nil || len(got.Items) != 2 {
		t.Fatalf("%+v, error %v; want two", got, err)
	}
	busy, quiet := got.Items[0], got.Items[1]
	if busy.Waiting != 7 || !busy.WaitingAsOf.Equal(ran) || !busy.LastExecution.Equal(ran) || busy.Oldest == nil || !busy.Oldest.Equal(since) {
		t.Errorf("busy: %+v, want 7 that wait since %v", busy, since)
	}
	if quiet.Waiting != 0 || quiet.Oldest != nil {
		t.Errorf("quiet: %+v, want that none waits", quiet)
	}
	if want := (hours.Counts{Delivered: 1}); busy.Hours[hours.Shown-1] != want || busy.Hours[0] != (hours.Counts{}) {
		t.Errorf("hours %+v, want one delivery in the last", busy.Hours)
	}
}

func TestPositionsThatNoPageEndsWith(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	for _, after := range []string{"a/b", "\x00", "é", strings.Repeat("a", 2000)} {
		l := manage.List{After: after}
		_, err := h.Interfaces(t.Context(), "demo", l)
		refusedWith(t, err, http.StatusUnprocessableEntity, "query.cursor")
		_, err = h.Overview(t.Context(), "demo", l)
		refusedWith(t, err, http.StatusUnprocessableEntity, "query.cursor")
		_, err = h.Rules(t.Context(), "demo", l)
		refusedWith(t, err, http.StatusUnprocessableEntity, "query.cursor")
		_, err = h.Organizations(t.Context(), l)
		refusedWith(t, err, http.StatusUnprocessableEntity, "query.cursor")
	}
}

func TestOrganizations(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	if got, err := h.Organizations(t.Context(), manage.List{}); err != nil || got.Items == nil || len(got.Items) != 0 {
		t.Errorf("%+v, error %v; want none", got, err)
	}
	for _, organization := range []string{"demo", "rival"} {
		if _, err := h.PutInterface(t.Context(), manage.Who{Organization: organization, By: "anna"}, "crm", body(plainText)); err != nil {
			t.Fatal(err)
		}
	}
	first, err := h.Organizations(t.Context(), manage.List{Limit: 1})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manage.Page[string]{Items: []string{"demo"}, Next: "demo"}, first); diff != "" {
		t.Errorf("first page (-want +got):\n%s", diff)
	}
	last, err := h.Organizations(t.Context(), manage.List{Limit: 1, After: first.Next})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(manage.Page[string]{Items: []string{"rival"}}, last); diff != "" {
		t.Errorf("last page (-want +got):\n%s", diff)
	}
	if list, err := h.Interfaces(t.Context(), "demo", manage.List{}); err != nil || len(list.Items) != 1 {
		t.Errorf("interfaces of demo: %+v, error %v; want its own alone", list, err)
	}
}

func TestARulesLife(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	_, err := h.PutRule(t.Context(), anna, "vip", body(ruleText))
	refusedWith(t, err, http.StatusUnprocessableEntity, "then[0]: ")
	_, err = h.PutRule(t.Context(), anna, "-odd", body(ruleText))
	refusedWith(t, err, http.StatusUnprocessableEntity, "path.id: ")
	if _, err := h.PutInterface(t.Context(), anna, "called", body(ruleHookText)); err != nil {
		t.Fatal(err)
	}
	saved, err := h.PutRule(t.Context(), anna, "vip", body(ruleText))
	if err != nil || !saved.Created || saved.Is.ID != "vip" || saved.Is.State != string(hook.Active) || saved.Is.Faults == nil {
		t.Fatalf("saved %+v, error %v; want an active rule", saved, err)
	}
	if text, err := json.Marshal(saved.Is.Configuration); err != nil || string(text) != ruleText {
		t.Errorf("configuration %s, error %v; want %s", text, err, ruleText)
	}
	list, err := h.Rules(t.Context(), "demo", manage.List{})
	if err != nil || len(list.Items) != 1 || list.Items[0].ETag != saved.Is.ETag {
		t.Errorf("rules %+v, error %v; want the one", list, err)
	}
	refusedWith(t, h.DeleteRule(t.Context(), anna, "vip", matching("", `"1-a"`)), http.StatusPreconditionFailed)
	if err := h.DeleteRule(t.Context(), anna, "vip", matching("", saved.Is.ETag)); err != nil {
		t.Error(err)
	}
	if list, err = h.Rules(t.Context(), "demo", manage.List{}); err != nil || list.Items == nil || len(list.Items) != 0 {
		t.Errorf("rules %+v, error %v; want none", list, err)
	}
	want := []string{"anna: put-interface interface called (new)", "anna: put-rule rule vip (new)", "anna: delete-rule rule vip (version 1)"}
	if diff := cmp.Diff(want, c.trail.said()); diff != "" {
		t.Errorf("audit (-want +got):\n%s", diff)
	}
}
