package delivery

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"
)

// encoding is Crockford's base 32 in lower case: ids sort by time and can be read aloud.
var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewExecution makes an execution's id of 26 letters and digits: the time in milliseconds and 80 random bits, so that
// ids sort by time and two runs at once never share one.
func NewExecution(now time.Time, random io.Reader) (string, error) {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], uint64(now.UnixMilli())<<16)
	if _, err := io.ReadFull(random, id[6:]); err != nil {
		return "", fmt.Errorf("make an execution id: %w", err)
	}
	return encoding.EncodeToString(id[:]), nil
}

// ID is the id of an execution's n-th delivery, from 0. It holds no full stop, which separates the parts of a signature.
func ID(execution string, n int) string { return fmt.Sprintf("%s-%05d", execution, n) }

// ExecutionOf is the execution that a delivery's id belongs to.
func ExecutionOf(id string) string {
	execution, _, _ := strings.Cut(id, "-")
	return execution
}
