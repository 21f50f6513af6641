package console

import (
	"net/http"
	"strings"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/manage"
)

// executionsPage lists an interface's executions, and starts one.
type executionsPage struct {
	interfacePage
	Executions []progress
	Pager      pager
	// Live says that one runs, so that the list is asked for again.
	Live bool
	// Names are the schedules' names; Chosen and Identifiers are those of a start that was refused.
	Names       []string
	Chosen      string
	Identifiers string
	MostMB      int
	startFaults
}

// startFaults are what is wrong with a start that was refused, by its form and the control that each stands beside.
type startFaults struct {
	// Form is now, identifiers, file or all.
	Form   string
	Faults []placed
	// Beside are the messages by the id of their control.
	Beside map[string]fault.List
}

// placeFaults puts faults beside the controls of their form; those of none lead to the form's first one.
func placeFaults(form string, faults fault.List) startFaults {
	p := startFaults{Form: form, Beside: map[string]fault.List{}}
	for _, found := range faults {
		id := "schedule-" + form
		if where := strings.TrimPrefix(found.Location, "query."); where != "schedule" && (form == "identifiers" || form == "file") {
			id = form
		}
		p.Faults = append(p.Faults, placed{found, "#" + id})
		p.Beside[id] = append(p.Beside[id], found)
	}
	return p
}

// progress is an execution with how far it came.
type progress struct {
	manage.Execution
	Organization, Interface string
}

// Whole is how many records it concerns: those of a file until they were taken.
func (p progress) Whole() int { return max(p.Numbers, p.Taken+p.Merged) }

// Ended is how many of them need nothing more.
func (p progress) Ended() int { return p.Delivered + p.Stopped + p.Skipped + p.Merged }

// StoppedQuery is the list of the deliveries that it made and that are stopped.
func (p progress) StoppedQuery() string {
	s := selection{Interface: p.Interface, span: span{Since: p.At.UTC().Format(time.RFC3339)}}
	if p.EndedAt != nil {
		s.Until = p.EndedAt.UTC().Add(time.Second).Format(time.RFC3339)
	}
	return "status=stopped&" + s.Query()
}

// Running reports whether it goes on.
func (p progress) Running() bool { return p.Status == manage.Running }

func (s *site) executions(v *visit) error {
	return v.showExecutions(http.StatusOK, executionsPage{})
}

// showExecutions fills in the page; with what was refused where that is given.
func (v *visit) showExecutions(status int, p executionsPage) error {
	is, err := v.theInterface("executions", "")
	if err != nil {
		return err
	}
	list, err := v.list("executions", is.Name)
	if err != nil {
		return err
	}
	found, err := v.Manage.Executions(v.http.Context(), v.organization, is.Name, list)
	if err != nil {
		return err
	}
	p.interfacePage, p.MostMB, p.Pager = is, mostUpload>>20, v.pager(found.Next, "executions", is.Name)
	for _, e := range found.Items {
		p.Executions = append(p.Executions, progress{e, v.organization, is.Name})
		p.Live = p.Live || e.Status == manage.Running
	}
	written, _ := schedulesOf(is.Written)
	for i, raw := range written {
		p.Names = append(p.Names, rowOf(i, raw, nil).Name)
	}
	if status != http.StatusOK {
		return v.show(status, "executions", "Not started: "+is.Name, p)
	}
	return v.live("executions", is.Name+": executions", p)
}

// executionPage is one execution.
type executionPage struct {
	Is progress
	// Live says that the page is asked for again.
	Live bool
}

func (s *site) execution(v *visit) error {
	name := v.path("name")
	e, err := s.Manage.Execution(v.http.Context(), v.organization, name, v.path("id"))
	if err != nil {
		return err
	}
	return v.live("execution", "Execution of "+name, executionPage{progress{e, v.organization, name}, e.Status == manage.Running})
}

func (s *site) cancel(v *visit) error {
	name, id := v.path("name"), v.path("id")
	if err := s.Manage.Cancel(v.http.Context(), v.who(), name, id); err != nil {
		return err
	}
	return v.done("cancelled", "interfaces", name, "executions", id)
}
