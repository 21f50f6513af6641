// Package proof checks what a platform shows of itself: a signature over the request, a login or a token, as its source
// says. It also takes out of a request what must not be kept of it. It must not know where sources and secrets are kept,
// nor what a request is about.
package proof

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
	"net/url"
	"time"

	"crmhook/shared/access"
)

// Request is what a proof is about.
type Request struct {
	// Entity and Action have the handler table's spelling, as Customer and Update.
	Entity, Action string
	// Headers have names in lower case.
	Headers map[string]string
	Query   url.Values
	// Body is raw, as it was signed.
	Body []byte
}

// Result is what a proof is worth.
type Result struct {
	Good bool
	// At is the time that was signed, zero when none was.
	At time.Time
	// Reason says for the log why a proof is not good. It holds nothing of the request.
	Reason string
	// Damaged says of a proof that is not good that the body holds characters that stand for lost bytes: text that was not
	// UTF-8 was damaged on its way, and no signature can fit any more. It tells nothing about the source.
	Damaged bool
}

// Fresh is how far a signed time may be from now.
const Fresh = 5 * time.Minute

// leastTries is how many secrets are tried at least: a source with none, and no source, cost as much as a rotation.
const leastTries = 2

// Verify checks the request against the source, with the values of its secrets. Every secret is tried, compared in
// constant time, whatever the others gave; a source that proves nothing, the zero Source above all, costs as much. An
// empty secret proves nothing.
func Verify(s access.Source, secrets []string, r Request, now time.Time) Result {
	p := proofOf(s, r)
	matched := false
	for i := range max(leastTries, len(secrets)) {
		secret := ""
		if i < len(secrets) {
			secret = secrets[i]
		}
		if p.matches(secret) && secret != "" {
			matched = true
		}
	}
	result := Result{Reason: p.missing}
	switch {
	case p.missing != "":
	case !matched:
		result.Reason = "the " + p.what + " is wrong"
	default:
		result = p.accepted(s, r, now)
	}
	result.Damaged = !result.Good && damaged(r.Body)
	return result
}

// proof is what a request shows, ready to be compared.
type proof struct {
	// what is shown: a signature, a login, a token.
	what string
	// missing says what the request or the source lacks; then nothing matches.
	missing string
	// algorithm signs, signed is what, signature is what was shown.
	algorithm func() hash.Hash
	signed    []byte
	signature []byte
	// shown is a login or token, before is what stands before the secret in it. Without a plain one it is a signature.
	plain         bool
	shown, before string
	// check is what must hold besides.
	check func(access.Source, Request, time.Time) Result
}

// matches always signs the whole body, so that its cost tells nothing of the kind of proof.
func (p proof) matches(secret string) bool {
	mac := hmac.New(p.algorithm, []byte(secret))
	mac.Write(p.signed)
	expected := mac.Sum(nil)
	if p.plain {
		shown, wanted := sha256.Sum256([]byte(p.shown)), sha256.Sum256([]byte(p.before+secret))
		return hmac.Equal(shown[:], wanted[:])
	}
	return hmac.Equal(expected, p.signature)
}

func (p proof) accepted(s access.Source, r Request, now time.Time) Result {
	if p.check == nil {
		return Result{Good: true}
	}
	return p.check(s, r, now)
}

func proofOf(s access.Source, r Request) proof {
	p := proof{what: "signature", algorithm: sha256.New, signed: r.Body}
	switch s.Verify {
	case access.Shopify:
		p.signature, p.missing = decoded(r.Headers["x-shopify-hmac-sha256"], "base64")
		p.check = shopify
	case access.Zendesk:
		p.signature, p.missing = decoded(r.Headers["x-zendesk-webhook-signature"], "base64")
		p.signed = append([]byte(r.Headers[zendeskTime]), r.Body...)
		p.check = zendesk
	case access.HMAC:
		p.signature, p.missing = ownSignature(s, r)
		if s.Algorithm == "sha512" {
			p.algorithm = sha512.New
		}
	case access.Basic:
		p.what, p.plain, p.before = "login", true, s.Login+":"
		p.shown, p.missing = login(r.Headers["authorization"])
	case access.Token:
		p.what, p.plain = "token", true
		p.shown, p.missing = token(r.Query)
	default:
		p.missing = "no source proves such requests"
	}
	return p
}

// damaged reports whether bytes were lost before the body came here.
func damaged(body []byte) bool { return bytes.ContainsRune(body, '\ufffd') }
