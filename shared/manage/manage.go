// Package manage is what operators and their tools do with an organization's interfaces, rules, executions, deliveries and
// triggers. It checks what is asked, records who asked, writes configuration to Parameter Store through the same code as
// configure, and leaves what takes long to dispatch as a job. It must not know HTTP, where anything is kept, nor whether a
// caller may ask: package gate says that.
package manage

import (
	"context"
	"io"
	"log/slog"
	"time"

	"crmhook/shared/page"
)

// Who asks, and of which organization: the name is the key's, as access.Key.By gives it.
type Who struct {
	Organization string
	By           string
}

// Page is a part of a list. Next is the position to go on after, as page.List takes it; empty at the end.
type Page[T any] struct {
	Items []T
	Next  string
}

// pageOf is a page of what is kept as it is shown.
func pageOf[K, S any](kept []K, next string, show func(K) S) Page[S] {
	page := Page[S]{Items: make([]S, len(kept)), Next: next}
	for i, k := range kept {
		page.Items[i] = show(k)
	}
	return page
}

// List asks for a part of a list.
type List = page.List

// Dispatch starts a run of dispatch beside the one of each minute, so that what is asked for begins at once. It does not
// wait for it.
type Dispatch interface {
	Start(ctx context.Context) error
}

// Handler is the use case. Every field is required.
type Handler struct {
	Configuration
	Runs
	Ledger
	Audit    Audit
	Dispatch Dispatch
	Random   io.Reader
	Log      *slog.Logger
	Now      func() time.Time
}
