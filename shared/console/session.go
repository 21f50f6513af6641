package console

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"crmhook/shared/access"
	"crmhook/shared/refusal"
)

// cookieName is that of the cookie that holds the session's id. It has no path of its own: the browser takes that of the
// console, wherever it is served.
const cookieName = "crmhook_session"

// idBytes are those of a session's random id.
const idBytes = 32

// signedIn finds the session of the browser; false where there is none that still holds.
func (v *visit) signedIn() (bool, error) {
	cookie, err := v.http.Cookie(cookieName)
	if err != nil || cookie.Value == "" {
		return false, nil
	}
	session, found, err := v.Sessions.Get(v.http.Context(), access.HashToken(cookie.Value))
	if err != nil {
		return false, fmt.Errorf("read session: %w", err)
	}
	if !found || !v.Now().Before(session.Expires) {
		return false, nil
	}
	v.session = session
	return true, nil
}

// admit lets in who is signed in with a key that allows what is needed in the organization; others are led to sign in.
func (v *visit) admit(need access.Need) (bool, error) {
	in, err := v.signedIn()
	if err != nil {
		return false, err
	}
	if !in {
		return false, v.askToSignIn()
	}
	key, err := v.Gate.ByHash(v.http.Context(), v.session.KeyHash, v.organization, need)
	if err != nil {
		return false, v.notAdmitted(err)
	}
	v.key = key
	v.answer.organization, v.answer.key = v.organization, key.By()
	return true, nil
}

// notAdmitted leads whose key is gone to sign in, and refuses whose key does not allow this in words of the console: the
// same whether there is such an organization or not.
func (v *visit) notAdmitted(err error) error {
	r := refusal.Of(err)
	switch {
	case r == nil:
		return fmt.Errorf("find key: %w", err)
	case r.Status == http.StatusUnauthorized:
		return v.askToSignIn()
	case r.Status == http.StatusForbidden:
		return refusal.New(http.StatusForbidden, "the key that you signed in with does not allow this here")
	}
	return err
}

// askToSignIn leads to the form, and back to the page afterwards where it was only looked at. Who followed a link from
// elsewhere may well be signed in: the browser keeps a strict cookie back from such a request, and sends it with the page's
// own reload.
func (v *visit) askToSignIn() error {
	if v.http.Method == http.MethodGet && v.http.Header.Get("Sec-Fetch-Site") == "cross-site" {
		v.organization = ""
		v.answer.header.Set("Refresh", "0")
		return v.show(http.StatusOK, "message", "One moment", messagePage{Refusal: refusal.New(http.StatusOK, "The page opens now.")})
	}
	query := url.Values{}
	if v.http.Method != http.MethodGet {
		query.Set("done", "expired")
		if form := v.from(); form != "" {
			query.Set("next", form)
		}
	} else if rest := strings.TrimPrefix(v.http.URL.Path, "/console/"); rest != v.http.URL.Path && rest != "" {
		query.Set("next", (&url.URL{Path: rest, RawQuery: v.http.URL.RawQuery}).String())
	}
	return v.goTo(v.link(query, "sign-in"))
}

// from is the page of the console that the browser says the request comes from, as next takes it; empty for none.
func (v *visit) from() string {
	u, err := url.Parse(v.http.Header.Get("Referer"))
	if err != nil || u.Host != v.http.Host {
		return ""
	}
	_, rest, below := strings.Cut(u.Path, "/console/")
	if !below || rest == "" {
		return ""
	}
	handler, _ := v.mux.Handler(&http.Request{Method: http.MethodGet, Host: v.http.Host, URL: &url.URL{Path: "/console/" + rest}})
	if _, page := handler.(handle); !page {
		return ""
	}
	query := u.Query()
	query.Del("done")
	return next((&url.URL{Path: rest, RawQuery: query.Encode()}).String())
}

// signInPage is what the form shows.
type signInPage struct {
	Next string
	// Wrong says that the key was no good.
	Wrong string
}

func (s *site) signInForm(v *visit) error {
	return v.show(http.StatusOK, "sign-in", "Sign in", signInPage{Next: next(v.query("next"))})
}

// signIn begins a session for a key that is one of those that may.
func (s *site) signIn(v *visit) error {
	form, err := v.form()
	if err != nil {
		return err
	}
	token, target := strings.TrimSpace(form.Get("key")), next(form.Get("next"))
	keys, err := s.Gate.Sign(v.http.Context(), token, v.address())
	if refused := refusal.Of(err); refused != nil && refused.Status != http.StatusTooManyRequests {
		return v.show(http.StatusUnauthorized, "sign-in", "Sign in", signInPage{Next: target, Wrong: "This is no key of scope manage, nor an operator's. Check that it was copied whole."})
	}
	if err != nil {
		return err
	}
	v.answer.key = keys[0].By()
	if err := v.dropSession(); err != nil {
		return err
	}
	return v.begin(access.HashToken(token), target)
}

// address is the caller's.
func (v *visit) address() string {
	host, _, err := net.SplitHostPort(v.http.RemoteAddr)
	if err != nil {
		return v.http.RemoteAddr
	}
	return host
}

// dropSession ends the session whose cookie came along.
func (v *visit) dropSession() error {
	cookie, err := v.http.Cookie(cookieName)
	if err != nil || cookie.Value == "" {
		return nil
	}
	if err := v.Sessions.Drop(v.http.Context(), access.HashToken(cookie.Value)); err != nil {
		return fmt.Errorf("drop session: %w", err)
	}
	return nil
}

// begin keeps a session and hands its id to the browser.
func (v *visit) begin(keyHash, target string) error {
	var random [idBytes]byte
	if _, err := io.ReadFull(v.Random, random[:]); err != nil {
		return fmt.Errorf("make a session's id: %w", err)
	}
	id := base64.RawURLEncoding.EncodeToString(random[:])
	session := access.Session{Hash: access.HashToken(id), KeyHash: keyHash, Expires: v.Now().Add(access.SessionTime)}
	if err := v.Sessions.Put(v.http.Context(), session); err != nil {
		return fmt.Errorf("keep session: %w", err)
	}
	v.setCookie(id, int(access.SessionTime/time.Second))
	return v.goTo("./" + cmp.Or(target, first))
}

func (v *visit) setCookie(id string, seconds int) {
	cookie := http.Cookie{Name: cookieName, Value: id, MaxAge: seconds, HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode}
	v.answer.header.Set("Set-Cookie", cookie.String())
}

// signOut ends the session.
func (s *site) signOut(v *visit) error {
	if err := v.dropSession(); err != nil {
		return err
	}
	v.setCookie("", -1)
	return v.goTo(v.link(url.Values{"done": {"signed-out"}}, "sign-in"))
}

// next is where to go after signing in: a path below the console, else its first page. It is written after "./".
func next(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.IsAbs() || u.Host != "" || u.Opaque != "" || strings.HasPrefix(u.Path, "/") || strings.Contains(u.Path, "\\") {
		return ""
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if segment == ".." || segment == "." {
			return ""
		}
	}
	return (&url.URL{Path: u.Path, RawQuery: u.Query().Encode()}).String()
}
