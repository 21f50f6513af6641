// Package access says who may call: the keys of organizations and operators, what a platform's source must prove, and
// which organization a CRM360 customer and database mean. It checks their parameters, naming every fault at once. It must
// not know where any of it is kept, nor how a request travels.
package access

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
)

// Scope is what a key allows.
type Scope string

// The scopes. Those of operators are for every organization.
const (
	RecordsRead   Scope = "records:read"
	RecordsWrite  Scope = "records:write"
	Triggers      Scope = "triggers"
	Messages      Scope = "messages"
	Manage        Scope = "manage"
	OperateRead   Scope = "operate:read"
	OperateReplay Scope = "operate:replay"
)

// Key is one API key. Its token is never kept, only the token's hash.
type Key struct {
	// Organization is empty for an operator's key.
	Organization string
	Name         string
	// Hash is the SHA-256 of the token in lower-case hex.
	Hash   string
	Scopes []Scope
	// Origin says whose the changes are that are made with the key.
	Origin string
}

// Allows reports whether the key has a scope.
func (k Key) Allows(scope Scope) bool { return slices.Contains(k.Scopes, scope) }

// HashToken is how a token is looked up: its SHA-256 in lower-case hex. A lookup by hash tells nothing of the token by
// the time it takes.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Verify is how a platform's requests are proven.
type Verify string

// The proofs. None proves nothing: such a source only has settings, and its requests need a key.
const (
	None    Verify = ""
	Shopify Verify = "shopify"
	Zendesk Verify = "zendesk"
	HMAC    Verify = "hmac"
	Basic   Verify = "basic"
	Token   Verify = "token"
)

// Source is what an organization says of one platform: how its requests are proven, and how its contacts are found.
type Source struct {
	Organization string `json:"-"`
	// Name is the parameter's: the platform, or {platform}-{SourceId}.
	Name   string `json:"-"`
	Verify Verify `json:"verify,omitempty"`
	// Secrets name parameters under secrets/, the current one first, then those still accepted.
	Secrets []string `json:"secrets,omitempty"`
	// ShopDomains are the shops that a Shopify source accepts.
	ShopDomains []string `json:"shopDomains,omitempty"`
	// Header carries the signature of an hmac source; Algorithm is sha256 or sha512, Encoding hex or base64, Prefix what
	// stands before the signature.
	Header    string `json:"header,omitempty"`
	Algorithm string `json:"algorithm,omitempty"`
	Encoding  string `json:"encoding,omitempty"`
	Prefix    string `json:"prefix,omitempty"`
	// Login is the user of a basic source.
	Login string `json:"login,omitempty"`
	// MatchByEmail lets a contact be found by its e-mail address where its identifier is not known.
	MatchByEmail bool `json:"matchByEmail,omitempty"`
	// Interface names the event-webhook that CaptainWallet's card updates go to.
	Interface string `json:"interface,omitempty"`
}
