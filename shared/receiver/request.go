package receiver

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Request is one that arrived.
type Request struct {
	// Number counts the receiver's requests from 1.
	Number int64
	// At is when it had arrived with its whole body, Ended when its answer was over; zero while it is under way.
	At, Ended time.Time
	Method    string
	// Path is as it came, with its percent-encoding.
	Path    string
	Query   string
	Headers http.Header
	Body    []byte
	// Contacts are the contact numbers it is about: those of a JSON array of contacts (V2), or the path's after /v1/.
	Contacts []string
	// Status is what it is answered; 0 where the receiver hung up, or the sender did while it waited.
	Status int
}

// contacts finds the contact numbers; none where the request is neither.
func contacts(path string, body []byte) []string {
	if number, ok := strings.CutPrefix(path, "/v1/"); ok && number != "" {
		if plain, err := url.PathUnescape(number); err == nil {
			return []string{plain}
		}
		return nil
	}
	var listed []struct {
		ContactNumber string `json:"contactNumber"`
	}
	if err := json.Unmarshal(body, &listed); err != nil {
		return nil
	}
	var numbers []string
	for _, contact := range listed {
		if contact.ContactNumber != "" {
			numbers = append(numbers, contact.ContactNumber)
		}
	}
	return numbers
}

// Times counts how often each contact arrived.
func Times(requests []Request) map[string]int {
	times := map[string]int{}
	for _, request := range requests {
		for _, contact := range request.Contacts {
			times[contact]++
		}
	}
	return times
}

// Taken are the requests that were answered 2xx.
func Taken(requests []Request) []Request {
	var taken []Request
	for _, request := range requests {
		if request.Status >= 200 && request.Status < 300 {
			taken = append(taken, request)
		}
	}
	return taken
}

// At are the requests whose path is the given one or, where it ends with a slash, lies under it.
func At(requests []Request, path string) []Request {
	var found []Request
	for _, request := range requests {
		if matches(path, request.Path) {
			found = append(found, request)
		}
	}
	return found
}

func matches(pattern, path string) bool {
	return pattern == path || strings.HasSuffix(pattern, "/") && strings.HasPrefix(path, pattern)
}
