package console

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/manage"
	"crmhook/shared/page"
	"crmhook/shared/refusal"
	"crmhook/shared/web"
)

// visit is one request and what is known of who makes it.
type visit struct {
	*site
	http    *http.Request
	answer  *answer
	session access.Session
	// key allows what the page needs; organization is the one that the page is about, empty for none.
	key          access.Key
	organization string
}

func (v *visit) path(name string) string  { return v.http.PathValue(name) }
func (v *visit) query(name string) string { return v.http.URL.Query().Get(name) }
func (v *visit) who() manage.Who          { return manage.Who{Organization: v.organization, By: v.key.By()} }
func (v *visit) may(n access.Need) bool   { return v.key.May(v.organization, n) }

// root leads from the page to the console's first one, relative to where the page is in the browser. It begins with a dot,
// so that nothing that follows is ever taken for a scheme or a host.
func (v *visit) root() string {
	rest, below := strings.CutPrefix(v.http.URL.Path, "/console/")
	if !below {
		return "./console/"
	}
	if depth := strings.Count(rest, "/"); depth > 0 {
		return strings.Repeat("../", depth)
	}
	return "./"
}

// link is a relative link to a page of the console by the segments of its path, and a query.
func (v *visit) link(query url.Values, segments ...string) string {
	for i, segment := range segments {
		segments[i] = url.PathEscape(segment)
	}
	target := v.root() + strings.Join(segments, "/")
	if len(query) > 0 {
		target += "?" + query.Encode()
	}
	return target
}

// goTo leads the browser to another page by a GET.
func (v *visit) goTo(target string) error {
	v.answer.header.Set("Location", target)
	v.answer.status = http.StatusSeeOther
	return nil
}

// done leads to a page of the organization that says what was done.
func (v *visit) done(what string, segments ...string) error {
	return v.goTo(v.link(url.Values{"done": {what}}, append([]string{v.organization}, segments...)...))
}

// nothing refuses a path that leads nowhere.
func (v *visit) nothing() error {
	return refusal.New(http.StatusNotFound, "there is nothing at this address")
}

// mostForm is how large a form may be without a file: two parameters of 8 KB, percent-encoded.
const mostForm = 64 << 10

// form reads what was sent; more than the bound is refused with 413.
func (v *visit) form() (url.Values, error) {
	v.http.Body = http.MaxBytesReader(nil, v.http.Body, mostForm)
	err := v.http.ParseForm()
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, refusal.New(http.StatusRequestEntityTooLarge, "what was sent has more than %d bytes", mostForm)
	case err != nil:
		return nil, refusal.New(http.StatusBadRequest, "the form could not be read")
	}
	return v.http.PostForm, nil
}

// list is the part of a list that the page shows. parts name the list, so that a cursor of another one is refused.
func (v *visit) list(parts ...string) (manage.List, error) {
	l := manage.List{}
	cursor := v.query("cursor")
	if cursor == "" {
		return l, nil
	}
	position, ok := page.Position(v.listed(parts), cursor)
	if !ok {
		return l, refusal.New(http.StatusBadRequest, "this page of the list is not known: begin at its first page")
	}
	l.After = position
	return l, nil
}

func (v *visit) listed(parts []string) []string {
	return append([]string{"console", v.organization}, parts...)
}

// pager leads to the next page of a list and back to the first.
type pager struct{ Next, First string }

// pager is that of a list as list named it; the query's other values are kept.
func (v *visit) pager(next string, parts ...string) pager {
	var p pager
	query := v.http.URL.Query()
	query.Del("done")
	if query.Get("cursor") != "" {
		query.Del("cursor")
		p.First = "?" + query.Encode()
	}
	if next != "" {
		query.Set("cursor", page.Cursor(v.listed(parts), next))
		p.Next = "?" + query.Encode()
	}
	return p
}

// at reads a time of a form: empty, RFC 3339, or a local one that counts as UTC.
func at(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, text == ""
}

// body reads a whole body of at most so many bytes.
func (v *visit) body(most int64) ([]byte, error) {
	text, err := web.Read(v.http.Body, most)
	if r := refusal.Of(err); r != nil && r.Status == http.StatusRequestEntityTooLarge {
		return nil, tooLarge(most)
	}
	return text, err
}

// tooLarge refuses a file.
func tooLarge(most int64) error {
	return refusal.New(http.StatusRequestEntityTooLarge, "the file has more than %d MB: split it", most>>20)
}

// messagePage says why a request is not done; Back leads to the form that it came from, where there was one.
type messagePage struct {
	*refusal.Refusal
	Back string
}

// fail shows why a request is not done; our own trouble goes to the log and is not shown.
func (v *visit) fail(err error) {
	r := refusal.Of(err)
	if r == nil {
		v.answer.trouble = err
		r = refusal.New(http.StatusInternalServerError, "something on our side failed: try again; if it stays so, the log of the function says why")
	}
	if r.RetryAfter > 0 {
		v.answer.header.Set("Retry-After", web.RetryAfter(r.RetryAfter))
	}
	v.answer.body.Reset()
	v.answer.packed = nil
	p := messagePage{Refusal: r}
	if form := v.from(); form != "" && v.http.Method != http.MethodGet {
		p.Back = v.root() + form
	}
	if wrong := v.show(r.Status, "message", titleOf(r.Status), p); wrong != nil {
		v.answer.trouble = wrong
		v.answer.body.Reset()
		v.answer.body.WriteString(titleOf(r.Status))
		v.answer.header.Set("Content-Type", "text/plain; charset=utf-8")
	}
}

func titleOf(status int) string {
	switch status {
	case http.StatusForbidden:
		return "Not allowed"
	case http.StatusNotFound:
		return "Not found"
	case http.StatusConflict:
		return "Not possible now"
	case http.StatusTooManyRequests:
		return "Too many requests"
	case http.StatusUnprocessableEntity, http.StatusBadRequest:
		return "Not understood"
	case http.StatusRequestEntityTooLarge:
		return "Too large"
	}
	return "Something failed"
}
