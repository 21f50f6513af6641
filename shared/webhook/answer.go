package webhook

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"crmhook/shared/delivery"
)

// detailKept is the most bytes of an attempt's detail: errors may quote what the receiver sent.
const detailKept = 300

// read returns the first 64 KiB of the body. A body that ends within them is read to its end, so that the connection
// is used again; one that does not costs its connection, which is cheaper than reading on. A switch of protocols has
// no body but a connection without an end.
func read(response *http.Response) ([]byte, error) {
	if response.StatusCode == http.StatusSwitchingProtocols {
		return nil, nil
	}
	return io.ReadAll(io.LimitReader(response.Body, delivery.AnswerRead))
}

// kept is the text of a body: valid UTF-8, without credentials, of at most delivery.LastAnswerKept bytes.
func kept(body []byte, hide *strings.Replacer) string {
	return delivery.Cut(hide.Replace(valid(string(body))), delivery.LastAnswerKept)
}

func short(text string) string { return delivery.Cut(valid(text), detailKept) }

func valid(text string) string { return strings.ToValidUTF8(text, string(utf8.RuneError)) }

// answered is the cause and detail of an attempt whose status arrived. fault is what ended the reading of its body
// early, nil when nothing did.
func answered(ctx context.Context, response *http.Response, fault error, success func(int) bool) (delivery.Cause, string) {
	status := response.StatusCode
	switch {
	case fault != nil && ctx.Err() != nil:
		return delivery.Timeout, fmt.Sprintf("answered %s, %s", named(status), ended(ctx, readingBody))
	case status >= 300 && status < 400:
		return delivery.Redirect, fmt.Sprintf("answered %s%s: redirects are not followed", named(status), target(response))
	case !success(status):
		return delivery.BadStatus, "answered " + named(status)
	}
	return "", ""
}

func named(status int) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", status, http.StatusText(status)))
}

// target is where a redirect leads, without what may hold secrets.
func target(response *http.Response) string {
	to, err := url.Parse(response.Header.Get("Location"))
	if err != nil || to.String() == "" {
		return ""
	}
	return " to " + (&url.URL{Scheme: to.Scheme, Host: to.Host, Path: to.Path}).String()
}
