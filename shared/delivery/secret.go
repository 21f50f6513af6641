package delivery

import (
	"fmt"
	"log/slog"
)

// Secret is a value that no log, error or JSON ever shows; convert it to string only where it is sent.
type Secret string

// LogValue hides the secret in logs.
func (Secret) LogValue() slog.Value { return slog.StringValue("(secret)") }

// Format hides the secret under wrong verbs too, such as %d, which would print the value. Two never ask it, %w and %p, and
// neither do fields that are not exported: keep secrets out of those.
func (Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, "(secret)") }

// String hides the secret in formatted text.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret in %#v.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret in JSON.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }
