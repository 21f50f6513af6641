package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"crmhook/shared/access"
	"crmhook/shared/change"
	"crmhook/shared/fault"
	"crmhook/shared/records"
	"crmhook/shared/refusal"
)

// request is the input of every operation: the request as it came. The operations read it themselves, because what may be
// asked is only looked at once it is clear that the caller may ask.
type request struct {
	http   *http.Request
	answer *answer
}

// Resolve is of huma.Resolver.
func (r *request) Resolve(ctx huma.Context) []error {
	asked, w := humago.Unwrap(ctx)
	r.http = asked
	r.answer, _ = w.(*answer)
	return nil
}

func (r *request) path(name string) string { return r.http.PathValue(name) }

// key is the record that the path names.
func (r *request) key() change.Key {
	return change.Key{Organization: r.path("organization"), Entity: r.path("entity"), ID: r.path("id")}
}

// record is the request as one about a record.
func (r *request) record(by access.Key, body []byte) records.Request {
	return records.Request{
		Key: r.key(), Origin: by.Origin, IfMatch: r.http.Header.Values("If-Match"), IfNoneMatch: r.http.Header.Values("If-None-Match"), Body: body,
	}
}

// body reads a body of at most so many bytes.
func (r *request) body(most int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.http.Body, most))
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refusal.New(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", most)
	case err != nil:
		return nil, refusal.New(http.StatusBadRequest, "the body ended before its end")
	}
	return body, nil
}

// admit lets in whoever has a key of the organization in the path, or, where there is none, a key of any.
func (c Config) admit(ctx context.Context, r *request, scope access.Scope) (access.Key, error) {
	organization, token := r.path("organization"), bearer(r.http.Header.Get("Authorization"))
	var key access.Key
	var err error
	if organization != "" {
		key, err = c.Gate.Key(ctx, token, organization, scope)
	} else {
		key, err = c.Gate.Own(ctx, token, scope)
	}
	r.answer.organization, r.answer.key = key.Organization, key.Name
	return key, err
}

// admitWith is admit for a request with a JSON body; 413 comes before it is asked who sends so much, and what kind of text
// it is does not matter to those who may not send any.
func (c Config) admitWith(ctx context.Context, r *request, scope access.Scope, most int64, types ...string) (access.Key, []byte, error) {
	body, err := r.body(most)
	if err != nil {
		return access.Key{}, nil, err
	}
	key, err := c.admit(ctx, r, scope)
	if err != nil {
		return access.Key{}, nil, err
	}
	return key, body, checkType(r.http.Header.Values("Content-Type"), types)
}

// bearer is the token of an Authorization header, "" where it holds none.
func bearer(header string) string {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// checkType refuses a body that is said to be no JSON; one of which nothing is said is read as JSON.
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
