package receiver

import (
	"io"
	"net/http"
	"time"
)

// bodyRead is the most bytes of a body: the 5 MB that a webhook may have, with room to see one that is larger.
const bodyRead = 8 << 20

// ServeHTTP records the request and answers it. A body over 8 MiB is answered 413 and recorded as far as it was read.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, request.Body, bodyRead))
	path := request.URL.EscapedPath()
	answer := Answer{Status: http.StatusRequestEntityTooLarge}
	if err == nil {
		answer = r.next(path)
	}
	number := r.arrived(record(request, path, body, answer))
	begun := r.write(w, request, answer)
	r.ended(number, begun, time.Now())
}

func record(request *http.Request, path string, body []byte, answer Answer) Request {
	return Request{
		At: time.Now(), Method: request.Method, Path: path, Query: request.URL.RawQuery,
		Headers: request.Header.Clone(), Body: body, Contacts: contacts(path, body), Status: answer.Status,
	}
}
