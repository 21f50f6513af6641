package access

import (
	"time"

	"crmhook/shared/setaside"
)

// SessionTime is how long somebody stays signed in.
const SessionTime = 12 * time.Hour

// Session is somebody signed in to the console. It holds for as long as its key can be used, and SessionTime at most.
type Session struct {
	// Hash is that of the session's random id, which only the browser has.
	Hash string
	// KeyHash finds the key that was signed in with.
	KeyHash string
	Expires time.Time
}

// Need is what a caller wants to do in an organization beside reading and writing records.
type Need string

// Look at things; redo (replay, dismiss, cancel); alter the configuration, start executions, erase.
const (
	Look  Need = "look"
	Redo  Need = "redo"
	Alter Need = "alter"
)

// May reports whether the key allows what is needed in an organization: its own with the scope manage, any with an
// operator's scopes, which change nothing. What was set aside of no known organization is for operators alone, whoever calls
// an organization so.
func (k Key) May(organization string, need Need) bool {
	switch {
	case organization == "":
		return false
	case k.Organization == organization && organization != setaside.Unknown:
		return k.Allows(Manage)
	case k.Organization != "":
		return false
	case need == Look:
		return k.Allows(OperateRead)
	case need == Redo:
		return k.Allows(OperateReplay)
	}
	return false
}

// By is the key's name as the audit shows it.
func (k Key) By() string {
	if k.Organization == "" {
		return "operator/" + k.Name
	}
	return k.Name
}
