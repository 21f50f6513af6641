package delivery

import "time"

// Why a test ends as cancelled.
const (
	// TestFailed: its one request was made, or perhaps was, by a sender that crashed at it.
	TestFailed = "a test is sent once: it failed"
	// TestUnsent: none was made.
	TestUnsent = "a test is sent once: no request was made, as the interface is invalid or gone, or what it needs could not be read"
)

// EndTest is a test that was not delivered as it ends: cancelled, so that it is in no list of what people are asked to look
// after. What is kept of it expires as that of others does.
func (d Delivery) EndTest(now time.Time) Delivery {
	if d.Attempts == 0 {
		return d.End(Cancelled, TestUnsent, now)
	}
	return d.End(Cancelled, TestFailed, now)
}
