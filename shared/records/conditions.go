package records

import (
	"net/http"

	"crmhook/shared/fault"
	"crmhook/shared/precondition"
	"crmhook/shared/record"
	"crmhook/shared/refusal"
)

// conditions are what a request expects of the record before it.
type conditions struct{ precondition.Conditions }

// conditions reads the request's preconditions and notes what is wrong with them.
func (r Request) conditions(faults *fault.List) conditions {
	return conditions{precondition.Read(r.IfMatch, r.IfNoneMatch, faults)}
}

// check refuses a change of a record that is not as the caller expects it.
func (c conditions) check(now record.Record) error {
	if !c.Given() {
		return nil
	}
	tag, err := now.ETag()
	if err != nil {
		return err
	}
	switch c.Check(now.Exists(), tag) {
	case precondition.Match:
		return refusal.New(http.StatusPreconditionFailed, "the record is not in the state that If-Match names: read it again and decide anew")
	case precondition.NoneMatch:
		return refusal.New(http.StatusPreconditionFailed, "the record is there in a state that If-None-Match excludes")
	case precondition.None:
	}
	return nil
}
