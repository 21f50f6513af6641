package proof_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"crmhook/shared/access"
	"crmhook/shared/proof"
)

// The signatures of {"id":1} with dummy-secret, as openssl dgst gives them.
const (
	body          = `{"id":1}`
	hexSHA256     = "5eb4ffd9d34636b6df965bbdcc5e11130e102af773e44f36189975247bd218f5"
	base64SHA256  = "XrT/2dNGNrbfllu9zF4REw4QKvdz5E82GJl1JHvSGPU="
	base64SHA512  = "jJFcN7BGpPtgfDGkihMK8mZN14GB5wk9aZqFHG8CYt6mGUXgQDtlhNso2SPdRsNPlNGqPeSLbZwMsRZXcSSwnQ=="
	zendeskSHA256 = "0jnnkL5BDqaJCubeIiqlv6vMcebHsX7TAWbixUaWhUE="
	signedAt      = "2026-12-01T10:00:00Z"
)

func now() time.Time { return time.Date(2026, 12, 1, 10, 2, 0, 0, time.UTC) }

func sign(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func basic(text string) map[string]string {
	return map[string]string{"authorization": "Basic " + base64.StdEncoding.EncodeToString([]byte(text))}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	signed := func(name, value string) proof.Request {
		return proof.Request{Headers: map[string]string{name: value}, Body: []byte(body)}
	}
	zendesk := func(signature, at string) proof.Request {
		return proof.Request{Headers: map[string]string{
			"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": at,
		}, Body: []byte(body)}
	}
	own := access.Source{Verify: access.HMAC, Header: "X-Signature", Algorithm: "sha256", Encoding: "hex", Prefix: "sha256="}
	plain := access.Source{Verify: access.HMAC, Header: "Signature", Algorithm: "sha256", Encoding: "base64"}
	long := access.Source{Verify: access.HMAC, Header: "Signature", Algorithm: "sha512", Encoding: "base64"}
	zen := access.Source{Verify: access.Zendesk}
	login := access.Source{Verify: access.Basic, Login: "mailjet"}
	token := access.Source{Verify: access.Token}
	at := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		source  access.Source
		request proof.Request
		want    proof.Result
	}{
		{"hmac", own, signed("x-signature", "sha256="+hexSHA256), proof.Result{Good: true}},
		{"hmac, capitals", own, signed("x-signature", "sha256="+strings.ToUpper(hexSHA256)), proof.Result{Good: true}},
		{"hmac, base64", plain, signed("signature", base64SHA256), proof.Result{Good: true}},
		{"hmac, base64 without padding", plain, signed("signature", strings.TrimRight(base64SHA256, "=")), proof.Result{Good: true}},
		{"hmac, sha512", long, signed("signature", base64SHA512), proof.Result{Good: true}},
		{"hmac, no prefix", own, signed("x-signature", hexSHA256), proof.Result{Reason: "the signature is missing, or begins otherwise than the source says"}},
		{"hmac, no header", own, signed("signature", hexSHA256), proof.Result{Reason: "the signature is missing, or begins otherwise than the source says"}},
		{"hmac, not hexadecimal", own, signed("x-signature", "sha256="+base64SHA256), proof.Result{Reason: "the signature is missing or cannot be read"}},
		{"hmac, empty", plain, signed("signature", ""), proof.Result{Reason: "the signature is missing or cannot be read"}},
		{"hmac, another algorithm", long, signed("signature", base64SHA256), proof.Result{Reason: "the signature is wrong"}},
		{"hmac, cut", plain, signed("signature", base64SHA256[:40]), proof.Result{Reason: "the signature is wrong"}},
		{"hmac, of another body", plain, signed("signature", sign("dummy-secret", `{"id":2}`)), proof.Result{Reason: "the signature is wrong"}},
		{"hmac, of another secret", plain, signed("signature", sign("another", body)), proof.Result{Reason: "the signature is wrong"}},
		{"hmac, of the empty secret", plain, signed("signature", sign("", body)), proof.Result{Reason: "the signature is wrong"}},
		{"zendesk", zen, zendesk(zendeskSHA256, signedAt), proof.Result{Good: true, At: at}},
		{"zendesk, another time", zen, zendesk(zendeskSHA256, "2026-12-01T10:00:01Z"), proof.Result{Reason: "the signature is wrong"}},
		{"zendesk, no time", zen, zendesk(base64SHA256, ""), proof.Result{Reason: "the signature's time cannot be read"}},
		{"zendesk, signed otherwise", zen, zendesk(base64SHA256, signedAt), proof.Result{Reason: "the signature is wrong"}},
		{"zendesk, at the edge of old", zen, zendesk(sign("dummy-secret", "2026-12-01T09:57:00Z"+body), "2026-12-01T09:57:00Z"), proof.Result{Good: true, At: at.Add(-3 * time.Minute)}},
		{"zendesk, old", zen, zendesk(sign("dummy-secret", "2026-12-01T09:56:59Z"+body), "2026-12-01T09:56:59Z"), proof.Result{At: at.Add(-181 * time.Second), Reason: "the signature's time is over 5 minutes away"}},
		{"zendesk, ahead", zen, zendesk(sign("dummy-secret", "2026-12-01T10:07:01Z"+body), "2026-12-01T10:07:01Z"), proof.Result{At: at.Add(421 * time.Second), Reason: "the signature's time is over 5 minutes away"}},
		{"basic", login, proof.Request{Headers: basic("mailjet:dummy-secret")}, proof.Result{Good: true}},
		{"basic, another login", login, proof.Request{Headers: basic("mailjot:dummy-secret")}, proof.Result{Reason: "the login is wrong"}},
		{"basic, another password", login, proof.Request{Headers: basic("mailjet:dummy-secre")}, proof.Result{Reason: "the login is wrong"}},
		{"basic, no password", login, proof.Request{Headers: basic("mailjet:")}, proof.Result{Reason: "the login is wrong"}},
		{"basic, no header", login, proof.Request{}, proof.Result{Reason: "the login is missing or cannot be read"}},
		{"basic, bearer", login, proof.Request{Headers: map[string]string{"authorization": strings.Replace(basic("mailjet:dummy-secret")["authorization"], "Basic", "Bearer", 1)}}, proof.Result{Reason: "the login is missing or cannot be read"}},
		{"token", token, proof.Request{Query: url.Values{"Token": {"dummy-secret"}}}, proof.Result{Good: true}},
		{"token, another", token, proof.Request{Query: url.Values{"token": {"dummy-secrets"}}}, proof.Result{Reason: "the token is wrong"}},
		{"token, empty", token, proof.Request{Query: url.Values{"token": {""}}}, proof.Result{Reason: "the token is wrong"}},
		{"token, twice", token, proof.Request{Query: url.Values{"token": {"dummy-secret"}, "TOKEN": {"dummy-secret"}}}, proof.Result{Reason: "the token is missing or given more than once"}},
		{"no source", access.Source{}, signed("signature", sign("", body)), proof.Result{Reason: "no source proves such requests"}},
		{"a kind of proof that is not known", access.Source{Verify: "other"}, signed("signature", base64SHA256), proof.Result{Reason: "no source proves such requests"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, secrets := range [][]string{{"dummy-secret"}, {"other", "dummy-secret"}, {"dummy-secret", "", "other"}} {
				if diff := cmp.Diff(test.want, proof.Verify(test.source, secrets, test.request, now())); diff != "" {
					t.Errorf("with %d secrets: result (-want +got):\n%s", len(secrets), diff)
				}
			}
			for _, secrets := range [][]string{nil, {""}, {"other"}, {"other", "Dummy-secret", ""}} {
				if got := proof.Verify(test.source, secrets, test.request, now()); got.Good || got.Reason == "" {
					t.Errorf("without the secret: %+v, want a reason and nothing good", got)
				}
			}
		})
	}
}

func TestDamagedTextIsTold(t *testing.T) {
	t.Parallel()
	for _, source := range []access.Source{{Verify: access.HMAC, Header: "Signature", Encoding: "base64"}, {Verify: access.Token}, {}} {
		request := proof.Request{Headers: map[string]string{"signature": sign("other", "x")}, Body: []byte("name=\ufffdt\ufffd")}
		if got := proof.Verify(source, []string{"dummy-secret"}, request, now()); got.Good || !got.Damaged {
			t.Errorf("%q: %+v, want it told that the body is damaged", source.Verify, got)
		}
		request.Body = []byte("name=été")
		if got := proof.Verify(source, []string{"dummy-secret"}, request, now()); got.Good || got.Damaged {
			t.Errorf("%q: %+v of a whole body", source.Verify, got)
		}
	}
	request := proof.Request{Headers: map[string]string{"signature": sign("dummy-secret", "\ufffd")}, Body: []byte("\ufffd")}
	if got := proof.Verify(access.Source{Verify: access.HMAC, Header: "Signature", Encoding: "base64"}, []string{"dummy-secret"}, request, now()); !got.Good || got.Damaged {
		t.Errorf("%+v of a body that was signed as it is", got)
	}
}

// FuzzVerify gives a proof everything but the secret: it must never be good, nor end in a panic.
func FuzzVerify(f *testing.F) {
	f.Add("shopify", "X-Shopify-Hmac-Sha256", base64SHA256, "customers/update", signedAt, "", body, "")
	f.Add("zendesk", "", zendeskSHA256, "", signedAt, "", body, "")
	f.Add("hmac", "Signature", hexSHA256, "", "", "sha256", body, "sha256=")
	f.Add("basic", "Authorization", "Basic bWFpbGpldDo=", "mailjet", "", "", "", "")
	f.Add("token", "", "dummy", "", "", "sha512", "", "")
	f.Add("", "", "", "", "", "", "", "")
	f.Fuzz(func(t *testing.T, verify, header, shown, topic, at, algorithm, body, prefix string) {
		source := access.Source{
			Verify: access.Verify(verify), Header: header, Algorithm: algorithm, Encoding: algorithm, Prefix: prefix, Login: topic,
			ShopDomains: []string{topic, at},
		}
		request := proof.Request{
			Entity: "Customer", Action: "Update", Query: url.Values{"token": {shown}}, Body: []byte(body),
			Headers: map[string]string{
				strings.ToLower(header): shown, "authorization": shown, "x-shopify-hmac-sha256": shown, "x-shopify-topic": topic,
				"x-shopify-shop-domain": at, "x-zendesk-webhook-signature": shown, "x-zendesk-webhook-signature-timestamp": at,
			},
		}
		// A secret that no seed holds and nobody finds by trying.
		secret := strings.Repeat("3f1c9a7e", 4) + sign("dummy", shown)
		for _, secrets := range [][]string{{secret}, {"", secret}, nil, {""}} {
			if got := proof.Verify(source, secrets, request, now()); got.Good || got.Reason == "" {
				t.Errorf("%+v of %+v with %d secrets", got, source, len(secrets))
			}
		}
	})
}

// FuzzVerifySigned signs any request: it must be good as it is, and no more with any byte changed.
func FuzzVerifySigned(f *testing.F) {
	f.Add("dummy-secret", body, 0)
	f.Add("é", "", 7)
	f.Fuzz(func(t *testing.T, secret, body string, at int) {
		if secret == "" {
			return
		}
		source := access.Source{Verify: access.HMAC, Header: "Signature", Algorithm: "sha256", Encoding: "base64"}
		request := proof.Request{Headers: map[string]string{"signature": sign(secret, body)}, Body: []byte(body)}
		if got := proof.Verify(source, []string{"other", secret}, request, now()); !got.Good {
			t.Errorf("%+v of a right signature", got)
		}
		request.Body = append([]byte(body), 'x')
		if at >= 0 && at < len(body) {
			request.Body[at]++
		}
		if got := proof.Verify(source, []string{secret}, request, now()); got.Good {
			t.Error("good with another body")
		}
	})
}

// BenchmarkVerify shows that what is refused costs about the same, whatever the source is and whether there is one.
func BenchmarkVerify(b *testing.B) {
	request := proof.Request{
		Headers: map[string]string{"signature": hexSHA256, "x-shopify-hmac-sha256": base64SHA256}, Query: url.Values{"token": {"dummy"}},
		Body: []byte(strings.Repeat(body, 10_000)),
	}
	sources := map[string]access.Source{
		"none": {}, "shopify": {Verify: access.Shopify}, "zendesk": {Verify: access.Zendesk}, "token": {Verify: access.Token},
		"basic": {Verify: access.Basic}, "hmac": {Verify: access.HMAC, Header: "Signature", Encoding: "hex"},
	}
	for name, source := range sources {
		b.Run(name, func(b *testing.B) {
			secrets := []string{"dummy-secret"}
			if source.Verify == access.None {
				secrets = nil
			}
			for b.Loop() {
				if proof.Verify(source, secrets, request, now()).Good {
					b.Fatal("good without a signature")
				}
			}
		})
	}
}
