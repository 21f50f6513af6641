package web

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/refusal"
)

// JSON is the media type of most bodies.
const JSON = "application/json"

// Request is the input of every operation: the request as it came. The operations read it themselves, because what may be
// asked is only looked at once it is clear that the caller may ask.
type Request struct {
	http   *http.Request
	answer *Answer
}

// Resolve is of huma.Resolver.
func (r *Request) Resolve(ctx huma.Context) []error {
	asked, w := humago.Unwrap(ctx)
	r.http, r.answer = asked, AnswerOf(w)
	return nil
}

// Path is a part of the path, decoded.
func (r *Request) Path(name string) string { return r.http.PathValue(name) }

// Header is all that a header says, nil where the request has none of the name.
func (r *Request) Header(name string) []string { return r.http.Header.Values(name) }

// Query is the query; the refusal of one that is not well formed is 400.
func (r *Request) Query() (url.Values, error) {
	query, err := url.ParseQuery(r.http.URL.RawQuery)
	if err != nil {
		var faults fault.List
		faults.Add("query", "is not well formed: write names and values percent-encoded, with & between them")
		return nil, refusal.Faulty(http.StatusBadRequest, faults)
	}
	return query, nil
}

// body reads the request's.
func (r *Request) body(most int64) ([]byte, error) { return Read(r.http.Body, most) }

// Read reads a body of at most so many bytes. Refusals: 413 for more, 400 for one that ends before its end.
func Read(from io.ReadCloser, most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, from, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refusal.New(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", most)
	case err != nil:
		return nil, refusal.New(http.StatusBadRequest, "the body ended before its end")
	}
	return body, nil
}

// Door lets a caller in whose token has what it takes in an organization; it is empty where the path names none. Else it
// answers a refusal, or our own trouble.
type Door func(ctx context.Context, token, organization string) (access.Key, error)

// Admit lets in whom the door does.
func (r *Request) Admit(ctx context.Context, door Door) (access.Key, error) {
	organization := r.Path("organization")
	key, err := door(ctx, bearer(r.http.Header.Get("Authorization")), organization)
	if err != nil {
		return access.Key{}, err
	}
	if organization == "" {
		organization = key.Organization
	}
	r.answer.Of(organization, key.By())
	return key, nil
}

// AdmitWith is Admit for a request with a body; 413 comes before it is asked who sends so much, and what kind of text it is
// does not matter to those who may not send any.
func (r *Request) AdmitWith(ctx context.Context, door Door, most int64, types ...string) (access.Key, []byte, error) {
	body, err := r.body(most)
	if err != nil {
		return access.Key{}, nil, err
	}
	key, err := r.Admit(ctx, door)
	if err != nil {
		return access.Key{}, nil, err
	}
	return key, body, checkType(r.Header("Content-Type"), types)
}

// Media is the media type that the body is said to be of, "" where nothing is said, or nothing that can be read.
func (r *Request) Media() string {
	media, _, err := mime.ParseMediaType(r.http.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return media
}

// bearer is the token of an Authorization header, "" where it holds none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// checkType refuses a body that is said to be of no type that is taken; one of which nothing is said is read as the first.
func checkType(headers, types []string) error {
	if len(headers) == 0 {
		return nil
	}
	media, parameters, err := mime.ParseMediaType(headers[0])
	charset := parameters["charset"]
	if err == nil && len(headers) == 1 && slices.Contains(types, media) && (charset == "" || strings.EqualFold(charset, "utf-8")) {
		return nil
	}
	var faults fault.List
	faults.Add("header.Content-Type", "must be %s, in UTF-8", strings.Join(types, " or "))
	return refusal.Faulty(http.StatusBadRequest, faults)
}
