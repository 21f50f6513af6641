package web

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/fault"
	"crmhook/shared/refusal"
)

// ProblemType is the media type of a Problem.
const ProblemType = "application/problem+json"

// troubleFor is when to try again what failed through us.
const troubleFor = 5 * time.Second

// Problem is an answer that something was not done, as RFC 9457 has it.
type Problem struct {
	Type   string     `json:"type" enum:"about:blank" doc:"Always about:blank: the status says what kind of problem it is."`
	Title  string     `json:"title" doc:"The status in words." example:"Unprocessable Entity"`
	Status int        `json:"status" doc:"The HTTP status." example:"422"`
	Detail string     `json:"detail,omitempty" doc:"What is wrong, and what to do." example:"the request has faults; nothing was done"`
	Errors fault.List `json:"errors,omitempty" nullable:"false" doc:"Everything that is wrong with the request."`

	allow      []string
	retryAfter time.Duration
}

// ProblemOf is the problem of a refusal. Of what is not one nothing is told: it is our own trouble.
func ProblemOf(err error) *Problem {
	r := refusal.Of(err)
	if r == nil {
		r = refusal.New(http.StatusServiceUnavailable,
			"something on our side does not work just now; whether the request was carried out is not known: send it again")
		r.RetryAfter = troubleFor
	}
	return &Problem{
		Type: "about:blank", Title: http.StatusText(r.Status), Status: r.Status, Detail: r.Detail, Errors: r.Faults,
		allow: r.Allow, retryAfter: r.RetryAfter,
	}
}

// Error is of error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// GetStatus is of huma.StatusError.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType is of huma.ContentTypeFilter.
func (p *Problem) ContentType(string) string { return ProblemType }

// RetryAfter is a time to wait as the header of that name says it, in whole seconds.
func RetryAfter(wait time.Duration) string { return strconv.Itoa(int(math.Ceil(wait.Seconds()))) }

// GetHeaders is of huma.HeadersError.
func (p *Problem) GetHeaders() http.Header {
	header := http.Header{}
	if len(p.allow) > 0 {
		header.Set("Allow", strings.Join(p.allow, ", "))
	}
	if p.retryAfter > 0 {
		header.Set("Retry-After", RetryAfter(p.retryAfter))
	}
	if p.Status == http.StatusUnauthorized {
		header.Set("WWW-Authenticate", `Bearer realm="crmhook"`)
	}
	return header
}
