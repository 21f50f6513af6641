package manage

import (
	"fmt"
	"slices"

	"crmhook/shared/change"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/job"
	"crmhook/shared/schedule"
)

// job is what a body asks for.
func (a *asked) job(h *hook.Hook) job.Job {
	j := job.Job{Kind: job.Immediate, Schedule: a.text("schedule", "a schedule's name")}
	if j.Schedule != "" {
		checkSchedule(&a.faults, "schedule", h, j.Schedule)
	}
	if a.is("all") {
		j.Kind = job.All
	}
	if list := a.object["identifiers"]; list != nil {
		if j.Kind == job.All {
			a.faults.Add("all", "cannot be given with identifiers: keep one of them")
		}
		j.Kind, j.Identifiers = job.Identifiers, a.identifiers(list)
	}
	return j
}

func checkSchedule(faults *fault.List, location string, h *hook.Hook, name string) {
	if !slices.ContainsFunc(h.Schedules, called(name)) {
		faults.AddValue(location, fault.Shown(name), "is not the name of one of the interface's schedules")
	}
}

func called(name string) func(schedule.Schedule) bool {
	return func(s schedule.Schedule) bool { return s.Name == name }
}

// identifiers are the contacts that a body names.
func (a *asked) identifiers(value any) []string {
	list, ok := value.([]any)
	if n := len(list); !ok || n == 0 || n > job.MostIdentifiers {
		a.faults.Add("identifiers", "must be a list of 1 to %d contact numbers: upload a file for more", job.MostIdentifiers)
		return nil
	}
	first := map[string]int{}
	var numbers []string
	for i, value := range list {
		number, ok := value.(string)
		location := fmt.Sprintf("identifiers[%d]", i)
		before, twice := first[number]
		switch {
		case !ok || change.CheckID(change.Contact, number) != nil:
			a.faults.Add(location, "must be a contact's number as text of 1 to %d characters", change.MaxContactNumber)
		case twice:
			a.faults.AddValue(location, number, "is identifiers[%d] again: keep one of them", before)
		default:
			first[number] = i
			numbers = append(numbers, number)
		}
	}
	return numbers
}
