package trigger

import (
	"fmt"
	"io"
	"strings"
	"time"

	"crmhook/shared/delivery"
)

// NewID makes a trigger's id of the time in milliseconds and 80 random bits: 26 letters and digits that sort by time.
func NewID(now time.Time, random io.Reader) (string, error) {
	id, err := delivery.NewExecution(now, random)
	if err != nil {
		return "", fmt.Errorf("make a trigger id: %w", err)
	}
	return id, nil
}

// alphabet are the letters and digits of an id, five bits each.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// Time is the time that an id begins with, to the millisecond: by its day the ledger finds the trigger. False: it is no
// trigger's id.
func Time(id string) (time.Time, bool) {
	if len(id) != 26 {
		return time.Time{}, false
	}
	var bits uint64
	for i := range len(id) {
		five := strings.IndexByte(alphabet, id[i])
		if five < 0 {
			return time.Time{}, false
		}
		if i < 10 {
			bits = bits<<5 | uint64(five)
		}
	}
	// Ten letters are 50 bits, the time is the first 48.
	return time.UnixMilli(int64(bits >> 2)).UTC(), true
}
