package receiver

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Forever is an Answer's Times that never ends.
const Forever = -1

// Answer is how requests are answered.
type Answer struct {
	// Status is 200 where it is 0.
	Status int
	// Times is how many requests are answered so: 1 where it is 0, or Forever.
	Times int
	// Hang is how long the receiver waits before it answers; a request that is given up meanwhile ends.
	Hang time.Duration
	// RetryAfter and Location are headers, left out where they are empty.
	RetryAfter string
	Location   string
	Body       string
	// Endless goes on with the body until the other side or the receiver ends.
	Endless bool
	// Broken closes the connection instead of answering.
	Broken bool
}

// Script sets how the path's requests are answered from now on: by the answers in their order, and with 200 after
// them. A path that ends with a slash means all below it; of several that fit the longest counts.
func (r *Receiver) Script(path string, answers ...Answer) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.scripts[path] = slices.Clone(answers)
}

// Statuses are answers of one request each.
func Statuses(statuses ...int) []Answer {
	answers := make([]Answer, len(statuses))
	for i, status := range statuses {
		answers[i] = Answer{Status: status}
	}
	return answers
}

// next takes the path's answer.
func (r *Receiver) next(path string) Answer {
	r.mu.Lock()
	defer r.mu.Unlock()
	script := ""
	for pattern := range r.scripts {
		if matches(pattern, path) && len(pattern) > len(script) {
			script = pattern
		}
	}
	answers := r.scripts[script]
	if len(answers) == 0 {
		return Answer{Status: http.StatusOK}
	}
	answer := answers[0]
	switch {
	case answer.Times == Forever:
	case answer.Times > 1:
		answers[0].Times--
	default:
		r.scripts[script] = answers[1:]
	}
	if answer.Status == 0 {
		answer.Status = http.StatusOK
	}
	return answer
}

// write gives the answer and reports whether it began.
func (r *Receiver) write(w http.ResponseWriter, request *http.Request, answer Answer) bool {
	if !r.hang(request, answer.Hang) {
		return false
	}
	if answer.Broken {
		hangUp(w)
		return false
	}
	if answer.RetryAfter != "" {
		w.Header().Set("Retry-After", answer.RetryAfter)
	}
	if answer.Location != "" {
		w.Header().Set("Location", answer.Location)
	}
	w.WriteHeader(answer.Status)
	_, err := io.WriteString(w, answer.Body)
	for answer.Endless && err == nil && request.Context().Err() == nil {
		_, err = io.WriteString(w, strings.Repeat("endless ", 1<<10))
	}
	return true
}

func hangUp(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// hang reports whether the request is still there afterwards.
func (r *Receiver) hang(request *http.Request, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-request.Context().Done():
	case <-r.closed:
	}
	return false
}
