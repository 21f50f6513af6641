package manage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/parameter"
	"crmhook/shared/precondition"
	"crmhook/shared/refusal"
)

// reference is the fault of a text in which Parameter Store sees the name of another parameter, which it does not take.
const reference = `must not hold {{…}}, which Parameter Store takes for another parameter: write \u007b\u007b for {{ in a text`

// refuseText refuses a text that configure finds faults in, with all of them: 400 where it is no JSON.
func (h *Handler) refuseText(ctx context.Context, c writing, text []byte) error {
	faults, err := h.Configure.Check(ctx, c.path, string(text), c.secure)
	if err != nil {
		return err
	}
	if _, rest, opened := strings.Cut(string(text), "{{"); opened && strings.Contains(rest, "}}") {
		faults.Add("", reference)
	}
	switch {
	case len(faults) == 0:
		return nil
	case !json.Valid(text):
		return refusal.Faulty(http.StatusBadRequest, faults)
	}
	return refusal.Faulty(http.StatusUnprocessableEntity, faults)
}

// expected refuses a state that the request does not expect.
func expected(conditions precondition.Conditions, is state) error {
	switch conditions.Check(is.there(), is.etag()) {
	case precondition.Match:
		return refusal.New(http.StatusPreconditionFailed, "it is not in the state that If-Match names: read it again and decide anew")
	case precondition.NoneMatch:
		return refusal.New(http.StatusPreconditionFailed, "it is there in a state that If-None-Match excludes: read it and decide anew")
	case precondition.None:
	}
	return nil
}

// unwritten is the refusal for a parameter that Parameter Store did not take; our own trouble stays what it is.
func (c writing) unwritten(err error) error {
	switch {
	case errors.Is(err, parameter.ErrThrottled):
		return throttled()
	case errors.Is(err, parameter.ErrLarge):
		return tooLarge()
	case errors.Is(err, parameter.ErrType):
		return c.otherType()
	case errors.Is(err, parameter.ErrText):
		var faults fault.List
		faults.Add("", "is not taken by Parameter Store")
		return refusal.Faulty(http.StatusUnprocessableEntity, faults)
	}
	return fmt.Errorf("write %s: %w", c.path, err)
}

// throttledFor is when Parameter Store may take another write: it takes about three a second.
const throttledFor = time.Second

func throttled() *refusal.Refusal {
	r := refusal.New(http.StatusTooManyRequests, "Parameter Store is called too often, it takes about three writes a second: try again")
	r.RetryAfter = throttledFor
	return r
}

// refuseMany refuses a write of an organization whose share of them is used up.
func (h *Handler) refuseMany(organization string) error {
	wait, ok := h.Shares.Take(organization)
	if ok {
		return nil
	}
	r := refusal.New(http.StatusTooManyRequests, "too many writes of this organization's configuration: Parameter Store takes about three a second of all organizations together, so write slower")
	r.RetryAfter = wait
	return r
}

func tooLarge() *refusal.Refusal {
	return refusal.New(http.StatusRequestEntityTooLarge, "it must be at most %d bytes, as much as a parameter holds", parameter.MostText)
}

func (c writing) otherType() *refusal.Refusal {
	is, wanted := "SecureString", "String"
	if c.secure {
		is, wanted = wanted, is
	}
	return refusal.New(http.StatusConflict, "its parameter is a %s and cannot become a %s: delete it, then write it anew", is, wanted)
}

func missing(kind parameter.Kind) *refusal.Refusal {
	return refusal.New(http.StatusNotFound, "there is no %s of this name", kind)
}

// longestName is more than the name of a parameter may have behind its path.
const longestName = 900

// possible reports whether there may be a parameter of that name, be it one that nothing works with.
func possible(name string) bool {
	return name != "" && len(name) <= longestName && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && !strings.ContainsRune("_.-", r)
	})
}

// refusePosition refuses a position in a list of names that no page ends with.
func refusePosition(l List) error {
	if l.After == "" || possible(l.After) {
		return nil
	}
	var faults fault.List
	faults.Add("query.cursor", "must be the one that the page before named as next")
	return refusal.Faulty(http.StatusUnprocessableEntity, faults)
}
