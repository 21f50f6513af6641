package delivery

import "time"

// Selection says which deliveries a list shows, newest first. At least one of Interface, Record and Status is given.
type Selection struct {
	Organization string
	Interface    string
	// Record is a record's key, such as contact/4711.
	Record string
	// Status is Stopped, or Pending: those that have failed at least once and are tried again. It is empty for any.
	Status Status
	// Since is inclusive, Until exclusive, on CreatedAt; zero: no bound.
	Since, Until time.Time
}

// Listed says which list of its status a delivery is in: Stopped while it is stopped, Pending from its first failure until
// it ends, else none, so that one which succeeds at once costs no list anything.
func (d Delivery) Listed() Status {
	switch {
	case d.Status == Stopped:
		return Stopped
	case d.Status == Pending && d.LastError != "":
		return Pending
	}
	return ""
}
