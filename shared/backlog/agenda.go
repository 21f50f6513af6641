package backlog

import "time"

// Purpose is what an entry of the agenda asks dispatch for.
type Purpose string

// Run: an execution is due. Sweep: the rows of a deleted interface are to be removed. WarningDigest and StopDigest:
// what was not mailed for an hour is to be mailed. Work: there are jobs to work off (package job).
const (
	Run           Purpose = "run"
	Sweep         Purpose = "sweep"
	WarningDigest Purpose = "digest-warning"
	StopDigest    Purpose = "digest-stopped"
	Work          Purpose = "work"
)

// Entry says that something of a lane is due at a time. dispatch reads only the entries whose time has come, so that a
// run costs nothing for interfaces that are not due or have nothing waiting. Entries of the same lane, purpose and
// time are one.
type Entry struct {
	Lane
	Purpose Purpose
	// Due is in whole seconds.
	Due time.Time
	// Token is new with each writing of an entry; dispatch removes an entry only if nobody wrote it again since it was
	// read, so that a record added meanwhile is not forgotten.
	Token string
}
