package console

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"crmhook/shared/fault"
	"crmhook/shared/refusal"
)

// schedulePage is the form of one schedule.
type schedulePage struct {
	interfacePage
	ETag  string
	Index string
	// Schedule is its name as it is written.
	Schedule      string
	Before, After []field
	Start, End    date
	Left          fault.List
	All           int
}

// number is the schedule that the path names; -1 for a new one.
func (v *visit) number(schedules []json.RawMessage) (int, error) {
	text := v.path("schedule")
	if text == "new" {
		return -1, nil
	}
	i, err := strconv.Atoi(text)
	if err != nil || i < 0 || i >= len(schedules) {
		return 0, refusal.New(http.StatusNotFound, "there is no such schedule: it may have been removed meanwhile")
	}
	return i, nil
}

// aSchedule reads the interface and the schedule of the path; a new one is an empty document.
func (v *visit) aSchedule() (is interfacePage, list []json.RawMessage, i int, d *document, err error) {
	if is, err = v.theInterface("schedules", ""); err != nil {
		return is, nil, 0, nil, err
	}
	list, ok := schedulesOf(is.Written)
	if !ok {
		return is, nil, 0, nil, refusal.New(http.StatusConflict, "the interface's JSON cannot be shown in forms: mend it first")
	}
	if i, err = v.number(list); err != nil {
		return is, nil, 0, nil, err
	}
	if d = newDocument(); i >= 0 {
		if d, ok = readDocument(list[i]); !ok {
			return is, nil, 0, nil, refusal.New(http.StatusConflict, "the schedule is no JSON object: mend it as JSON")
		}
	}
	return is, list, i, d, nil
}

func (s *site) schedule(v *visit) error {
	is, list, i, d, err := v.aSchedule()
	if err != nil {
		return err
	}
	return v.showSchedule(http.StatusOK, is, d, i, len(list), nil, is.Faults)
}

// showSchedule shows the form; i is -1 for a new one, which faults name by the place that it would have.
func (v *visit) showSchedule(status int, is interfacePage, d *document, i, count int, sent url.Values, faults fault.List) error {
	p := schedulePage{interfacePage: is, ETag: is.ETag, Index: strconv.Itoa(i), Start: dateOf("start", d), End: dateOf("end", d)}
	p.Schedule = rowOf(0, d.text(), nil).Name
	at := i
	if i < 0 {
		p.Index, at = "new", count
		if sent == nil {
			faults = nil
		}
	}
	if sent != nil {
		p.ETag, p.Start, p.End = sent.Get("etag"), sentDate("start", sent), sentDate("end", sent)
	} else {
		faults = rowOf(i, d.text(), faults).Faults
	}
	p.All = len(faults)
	p.Before, p.After = scheduleForm(prefixOf(at))
	left := fill(p.After, d, sent, fill(p.Before, d, sent, faults))
	for _, found := range left {
		switch {
		case strings.HasPrefix(found.Location, prefixOf(at)+"start"):
			p.Start.Faults = append(p.Start.Faults, found)
		case strings.HasPrefix(found.Location, prefixOf(at)+"end"):
			p.End.Faults = append(p.End.Faults, found)
		default:
			p.Left = append(p.Left, found)
		}
	}
	title := is.Name + ": new schedule"
	if i >= 0 {
		title = is.Name + ": schedule " + p.Schedule
	}
	if status != http.StatusOK {
		title = unsaved(title)
	}
	return v.show(status, "schedule", title, p)
}

// mostUpload is how large a file may be (SecuTix Contact Webhook V2 set-up, File to upload).
const mostUpload = 4 << 20

// saveSchedule writes a schedule into its interface; where an immediate execution is asked for, it runs at once.
func (s *site) saveSchedule(v *visit) error {
	form, file, err := v.formWithFile()
	if err != nil {
		return err
	}
	is, list, i, d, err := v.aSchedule()
	if err != nil {
		return err
	}
	at := i
	if i < 0 {
		at = len(list)
	}
	before, after := scheduleForm(prefixOf(at))
	for _, f := range before {
		f.write(d, form.Get(f.Prefix+f.Name))
	}
	sentDate("start", form).write(d)
	sentDate("end", form).write(d)
	for _, f := range after {
		f.write(d, form.Get(f.Prefix+f.Name))
	}
	if i < 0 {
		list = append(list, d.text())
	} else {
		list[i] = d.text()
	}
	faulty := func(faults fault.List) error {
		return v.showSchedule(http.StatusUnprocessableEntity, is, d, i, at, form, faults)
	}
	if err := v.putSchedules(is, list, form.Get("etag"), "saved", faulty); err != nil || v.answer.status != http.StatusSeeOther || form.Get("do") != "immediate" {
		return err
	}
	return v.runSchedule(is.Name, d, file)
}

// putSchedules writes the list of an interface's schedules.
func (v *visit) putSchedules(is interfacePage, list []json.RawMessage, etag, done string, faulty func(fault.List) error) error {
	d, ok := readDocument(is.Written)
	if !ok {
		return refusal.New(http.StatusConflict, "the interface's JSON cannot be shown in forms: mend it first")
	}
	d.put("schedules", listOf(list))
	return v.put(is, d.text(), etag, done, faulty, "interfaces", is.Name, "schedules")
}

// runSchedule starts what was just saved: for the file's contacts, else for what a run of the schedule takes.
func (v *visit) runSchedule(name string, d *document, file []byte) error {
	var of string
	// What was saved was checked, so the name is a string.
	_ = json.Unmarshal(d.get([]string{"name"}), &of)
	if len(file) > 0 {
		return v.startedFile(name, of, file)
	}
	return v.started(name, startBody(of, "", nil))
}

func (s *site) removeSchedule(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	is, list, i, _, err := v.aSchedule()
	if err != nil {
		return err
	}
	if i < 0 {
		return v.nothing()
	}
	return v.putSchedules(is, slices.Delete(list, i, i+1), form.Get("etag"), "deleted", func(faults fault.List) error {
		is.Tab, is.View = "general", "json"
		return v.showUnsaved(is, textForm(pretty(is.Written), is.ETag, faults))
	})
}
