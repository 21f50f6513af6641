// Package secret says what a secret of an organization is: a value that is sent to certain hosts and to no other. It must
// not know where secrets are kept.
package secret

import (
	"errors"

	"crmhook/shared/delivery"
)

// Name names a secret of an organization.
type Name struct {
	Organization string
	Name         string
}

// String is organization/name.
func (n Name) String() string { return n.Organization + "/" + n.Name }

// Secret is a secret's value and the hosts (without port) that it may be sent to.
type Secret struct {
	Value delivery.Secret `json:"value"`
	Hosts []string        `json:"hosts"`
}

// ErrNone says that there is no such secret, or that its parameter does not hold one: trying again helps only after
// somebody wrote the parameter.
var ErrNone = errors.New("no such secret")
