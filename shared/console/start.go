package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"crmhook/shared/job"
	"crmhook/shared/refusal"
)

// start starts an execution of what waits, of certain contacts, or of all.
func (s *site) start(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	name, schedule, of := v.path("name"), form.Get("schedule"), "now"
	body := startBody(schedule, "", nil)
	switch form.Get("what") {
	case string(job.Identifiers):
		of = "identifiers"
		identifiers := field{Kind: commas}.encode(form.Get("identifiers"), true)
		if identifiers == nil {
			identifiers = json.RawMessage("[]")
		}
		body = startBody(schedule, "identifiers", identifiers)
	case string(job.All):
		of, body = "all", startBody(schedule, "all", json.RawMessage("true"))
	}
	err = v.started(name, body)
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		return v.showExecutions(http.StatusUnprocessableEntity, executionsPage{
			Chosen: schedule, Identifiers: form.Get("identifiers"), startFaults: placeFaults(of, r.Faults),
		})
	}
	return err
}

// askAll says what a full copy means before it is begun.
func (s *site) askAll(v *visit) error {
	is, err := v.theInterface("executions", "")
	if err != nil {
		return err
	}
	return v.sure(surePage{
		Heading: "Send all contacts?", Name: is.Name,
		Text:   "Every contact of this organization that matches the filter is sent, changed or not, over as many runs as it takes.",
		To:     v.link(nil, v.organization, "interfaces", is.Name, "executions"),
		Hidden: []hidden{{"what", string(job.All)}, {"schedule", v.query("schedule")}},
		Button: "Send all contacts", Back: v.link(nil, v.organization, "interfaces", is.Name, "executions"),
	})
}

// startBody is what starts an execution, as the API takes it: of a schedule where it is named, and of what else is named.
func startBody(schedule, name string, value json.RawMessage) []byte {
	d := newDocument()
	if schedule != "" {
		d.put("schedule", quoted(schedule))
	}
	if name != "" {
		d.put(name, value)
	}
	return d.text()
}

// started starts an execution and leads to it.
func (v *visit) started(name string, body []byte) error {
	begun, err := v.Manage.Start(v.http.Context(), v.who(), name, body)
	if err != nil {
		return err
	}
	return v.done("started", "interfaces", name, "executions", begun.ID)
}

func (v *visit) startedFile(name, schedule string, file []byte) error {
	begun, err := v.Manage.StartFile(v.http.Context(), v.who(), name, schedule, file)
	if err != nil {
		return err
	}
	return v.done("started", "interfaces", name, "executions", begun.ID)
}

// upload starts an execution of a file's contacts: the file itself, as the page's script sends it, or a form with the file.
func (s *site) upload(v *visit) error {
	media, _, _ := mime.ParseMediaType(v.http.Header.Get("Content-Type"))
	schedule := v.query("schedule")
	var file []byte
	var err error
	if media == "application/octet-stream" {
		file, err = v.body(mostUpload)
	} else {
		var form url.Values
		form, file, err = v.formWithFile()
		schedule = form.Get("schedule")
	}
	if err != nil {
		return err
	}
	err = v.startedFile(v.path("name"), schedule, file)
	if r := refusal.Of(err); r != nil && len(r.Faults) > 0 {
		return v.showExecutions(http.StatusUnprocessableEntity, executionsPage{Chosen: schedule, startFaults: placeFaults("file", r.Faults)})
	}
	return err
}

// formWithFile reads a form that may hold a file.
func (v *visit) formWithFile() (url.Values, []byte, error) {
	v.http.Body = http.MaxBytesReader(nil, v.http.Body, mostUpload+mostForm)
	err := v.http.ParseMultipartForm(mostUpload + mostForm)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, nil, tooLarge(mostUpload)
	case errors.Is(err, http.ErrNotMultipart):
		return v.http.PostForm, nil, nil
	case err != nil:
		return nil, nil, refusal.New(http.StatusBadRequest, "the form could not be read")
	}
	part, _, err := v.http.FormFile("file")
	if err != nil {
		return v.http.PostForm, nil, nil
	}
	text, err := io.ReadAll(part)
	if err != nil {
		return nil, nil, fmt.Errorf("read uploaded file: %w", err)
	}
	return v.http.PostForm, text, nil
}

// sample sends one sample to the receiver of an interface, whatever its state. One that is refused shows the page again.
func (s *site) sample(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	d, record := newDocument(), strings.TrimSpace(form.Get("record"))
	if record != "" {
		d.put("record", quoted(record))
	}
	begun, err := s.Manage.Test(v.http.Context(), v.who(), v.path("name"), d.text())
	switch r := refusal.Of(err); {
	case err == nil:
		return v.goTo(v.link(nil, v.organization, "deliveries", begun.ID))
	case r != nil && slices.Contains([]int{http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity}, r.Status):
		return v.showRefusedSample(r, record)
	}
	return err
}

// showRefusedSample shows the interface with what is wrong beside the record of the sample, which it keeps.
func (v *visit) showRefusedSample(r *refusal.Refusal, record string) error {
	is, err := v.theInterface("general", "form")
	if err != nil {
		return err
	}
	faults := r.Faults
	if len(faults) == 0 {
		faults.Add("record", "%s", r.Detail)
	}
	form := v.written(&is)
	return v.showGeneral(r.Status, "Not sent: "+is.Name, is, form, field{Value: record, Faults: faults})
}
