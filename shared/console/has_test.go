package console_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/hours"
	"crmhook/shared/job"
	"crmhook/shared/manage"
	"crmhook/shared/refusal"
)

// has is what an organization has, as the use case shows it: interfaces are really checked and saved, the rest is listed as
// it is. calls are what was asked for beside reading.
type has struct {
	summaries  map[string]manage.Summary
	rules      map[string]manage.Rule
	secrets    []manage.Secret
	executions []manage.Execution
	deliveries []manage.Delivery
	triggers   []manage.Trigger
	aside      []manage.SetAside
	recorded   []manage.Recorded
	names      []string
	next       string
	version    int
	calls      []string
	bounds     [2]string
	files      [][]byte
	refuse     error
}

func newHas() *has {
	return &has{summaries: map[string]manage.Summary{}, rules: map[string]manage.Rule{}}
}

func (h *has) call(who manage.Who, format string, args ...any) {
	h.calls = append(h.calls, who.By+": "+fmt.Sprintf(format, args...))
}

// put checks and keeps an interface's text.
func (h *has) put(name, text string) manage.Interface {
	h.version++
	parsed, faults := hook.Parse([]byte(text), hook.Context{Secrets: map[string][]string{"crm-password": {"crm.example.com"}}, FirstSeen: start})
	is := manage.Interface{
		Name: name, Type: hook.TypeOf([]byte(text)), State: hook.Invalid, Faults: faults, ETag: fmt.Sprintf(`"%d-x"`, h.version), Hook: parsed,
		Configuration: json.RawMessage(text),
	}
	if parsed != nil {
		is.State = parsed.State
	}
	s := h.summaries[name]
	is.Waiting, is.WaitingAsOf, is.NextExecution, is.LastExecution = s.Waiting, s.WaitingAsOf, s.NextExecution, s.LastExecution
	s.Interface = is
	h.summaries[name] = s
	return is
}

// bounded notes the times of a list.
func (h *has) bounded(l manage.List) {
	h.bounds = [2]string{l.Since.Format(time.RFC3339), l.Until.Format(time.RFC3339)}
}

func unreadable() error {
	var faults fault.List
	faults.Add("body", "is no JSON")
	return refusal.Faulty(http.StatusBadRequest, faults)
}

func missing() error { return refusal.New(http.StatusNotFound, "there is none of this name") }

func (h *has) Organizations(context.Context, manage.List) (manage.Page[string], error) {
	return manage.Page[string]{Items: h.names, Next: h.next}, nil
}

func (h *has) Overview(context.Context, string, manage.List) (manage.Page[manage.Summary], error) {
	var list []manage.Summary
	for _, name := range slices.Sorted(maps.Keys(h.summaries)) {
		list = append(list, h.summaries[name])
	}
	return manage.Page[manage.Summary]{Items: list, Next: h.next}, nil
}

func (h *has) Recorded(_ context.Context, _ string, l manage.List) (manage.Page[manage.Recorded], error) {
	h.bounded(l)
	return manage.Page[manage.Recorded]{Items: h.recorded, Next: h.next}, nil
}

func (h *has) Interface(_ context.Context, _, name string) (manage.Interface, error) {
	s, ok := h.summaries[name]
	if !ok {
		return manage.Interface{}, missing()
	}
	return s.Interface, nil
}

func (h *has) PutInterface(_ context.Context, who manage.Who, name string, w manage.Write) (manage.Saved[manage.Interface], error) {
	was, there := h.summaries[name]
	if there && (len(w.IfNoneMatch) > 0 || !slices.Equal(w.IfMatch, []string{was.ETag})) {
		return manage.Saved[manage.Interface]{}, refusal.New(http.StatusPreconditionFailed, "it is another state")
	}
	if !json.Valid(w.Body) {
		return manage.Saved[manage.Interface]{}, unreadable()
	}
	before := maps.Clone(h.summaries)
	is := h.put(name, string(w.Body))
	if len(is.Faults) > 0 {
		h.summaries = before
		return manage.Saved[manage.Interface]{}, refusal.Faulty(http.StatusUnprocessableEntity, is.Faults)
	}
	h.call(who, "put %s %s", name, w.Body)
	return manage.Saved[manage.Interface]{Is: is, Created: !there}, nil
}

func (h *has) Interfaces(context.Context, string, manage.List) (manage.Page[manage.Interface], error) {
	var list []manage.Interface
	for _, name := range slices.Sorted(maps.Keys(h.summaries)) {
		list = append(list, h.summaries[name].Interface)
	}
	return manage.Page[manage.Interface]{Items: list}, nil
}

func (h *has) Fared(_ context.Context, _, name string) ([hours.Shown]hours.Counts, error) {
	return h.summaries[name].Hours, nil
}

func (h *has) DeleteInterface(_ context.Context, who manage.Who, name string, w manage.Write) error {
	if !slices.Equal(w.IfMatch, []string{h.summaries[name].ETag}) {
		return refusal.New(http.StatusPreconditionFailed, "it is another state")
	}
	delete(h.summaries, name)
	h.call(who, "delete %s", name)
	return nil
}

func (h *has) Rules(context.Context, string, manage.List) (manage.Page[manage.Rule], error) {
	var list []manage.Rule
	for _, id := range slices.Sorted(maps.Keys(h.rules)) {
		list = append(list, h.rules[id])
	}
	return manage.Page[manage.Rule]{Items: list, Next: h.next}, nil
}

func (h *has) Rule(_ context.Context, _, id string) (manage.Rule, error) {
	r, ok := h.rules[id]
	if !ok {
		return r, missing()
	}
	return r, nil
}

func (h *has) PutRule(_ context.Context, who manage.Who, id string, w manage.Write) (manage.Saved[manage.Rule], error) {
	was, there := h.rules[id]
	switch {
	case there && (len(w.IfNoneMatch) > 0 || !slices.Equal(w.IfMatch, []string{was.ETag})):
		return manage.Saved[manage.Rule]{}, refusal.New(http.StatusPreconditionFailed, "it is another state")
	case !json.Valid(w.Body):
		return manage.Saved[manage.Rule]{}, unreadable()
	case !bytes.Contains(w.Body, []byte(`"event"`)):
		var faults fault.List
		faults.Add("event", "is missing: write what the rule waits for")
		return manage.Saved[manage.Rule]{}, refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	h.version++
	h.rules[id] = manage.Rule{ID: id, State: "active", Configuration: json.RawMessage(w.Body), ETag: fmt.Sprintf(`"%d-x"`, h.version)}
	h.call(who, "put rule %s %s", id, w.Body)
	return manage.Saved[manage.Rule]{Is: h.rules[id], Created: !there}, nil
}

func (h *has) DeleteRule(_ context.Context, who manage.Who, id string, w manage.Write) error {
	h.call(who, "delete rule %s %s", id, w.IfMatch)
	return nil
}

func (h *has) Secrets(context.Context, string) ([]manage.Secret, error) { return h.secrets, nil }

func (h *has) PutSecret(_ context.Context, who manage.Who, name string, body []byte) (bool, error) {
	h.call(who, "put secret %s %s", name, body)
	return true, h.refuse
}

func (h *has) DeleteSecret(_ context.Context, who manage.Who, name string) error {
	h.call(who, "delete secret %s", name)
	return nil
}

func (h *has) Start(_ context.Context, who manage.Who, name string, body []byte) (manage.Started, error) {
	h.call(who, "start %s %s", name, body)
	return manage.Started{ID: "01run"}, h.refuse
}

func (h *has) StartFile(_ context.Context, who manage.Who, name, schedule string, file []byte) (manage.Started, error) {
	h.call(who, "file %s %s %d", name, schedule, len(file))
	h.files = append(h.files, file)
	return manage.Started{ID: "01run"}, h.refuse
}

func (h *has) Executions(context.Context, string, string, manage.List) (manage.Page[manage.Execution], error) {
	return manage.Page[manage.Execution]{Items: h.executions, Next: h.next}, nil
}

func (h *has) Execution(_ context.Context, _, _, id string) (manage.Execution, error) {
	for _, e := range h.executions {
		if e.ID == id {
			return e, nil
		}
	}
	return manage.Execution{}, missing()
}

func (h *has) Cancel(_ context.Context, who manage.Who, name, id string) error {
	h.call(who, "cancel %s %s", name, id)
	return h.refuse
}

func (h *has) Test(_ context.Context, who manage.Who, name string, body []byte) (manage.Started, error) {
	h.call(who, "test %s %s", name, body)
	return manage.Started{ID: "01test-00000"}, h.refuse
}

func (h *has) Deliveries(_ context.Context, s delivery.Selection, l manage.List) (manage.Page[manage.Delivery], error) {
	h.calls = append(h.calls, fmt.Sprintf("list %s %s %s %s %s %s", s.Organization, s.Interface, s.Record, s.Status, s.Since.Format("2006-01-02T15:04"), l.After))
	return manage.Page[manage.Delivery]{Items: h.deliveries, Next: h.next}, h.refuse
}

func (h *has) Delivery(_ context.Context, _, id string) (manage.Delivery, error) {
	for _, d := range h.deliveries {
		if d.ID == id {
			return d, nil
		}
	}
	return manage.Delivery{}, missing()
}

func (h *has) Replay(_ context.Context, who manage.Who, id string) (manage.Started, error) {
	h.call(who, "replay %s", id)
	return manage.Started{}, h.refuse
}

func (h *has) Dismiss(_ context.Context, who manage.Who, id string) error {
	h.call(who, "dismiss %s", id)
	return h.refuse
}

func (h *has) BulkMatching(_ context.Context, who manage.Who, kind job.Kind, m job.Matching, dryRun bool) (manage.Bulk, error) {
	h.call(who, "%s all %s %s dry %t", kind, m.Interface, m.Record, dryRun)
	return manage.Bulk{ID: "01bulk", Matched: 1432}, h.refuse
}

func (h *has) Triggers(_ context.Context, _, _ string, l manage.List) (manage.Page[manage.Trigger], error) {
	h.bounded(l)
	return manage.Page[manage.Trigger]{Items: h.triggers, Next: h.next}, nil
}

func (h *has) Trigger(_ context.Context, _, id string) (manage.Trigger, error) {
	for _, t := range h.triggers {
		if t.ID == id {
			return t, nil
		}
	}
	return manage.Trigger{}, missing()
}

func (h *has) ReplayTrigger(_ context.Context, who manage.Who, id string) error {
	h.call(who, "replay trigger %s", id)
	return h.refuse
}

func (h *has) SetAside(_ context.Context, _ string, l manage.List) (manage.Page[manage.SetAside], error) {
	h.bounded(l)
	return manage.Page[manage.SetAside]{Items: h.aside, Next: h.next}, nil
}

func (h *has) DismissSetAside(_ context.Context, who manage.Who, id string) error {
	h.call(who, "dismiss aside %s", id)
	return h.refuse
}

func (h *has) ReplaySetAside(_ context.Context, who manage.Who, id string) error {
	h.call(who, "replay aside %s", id)
	return h.refuse
}
