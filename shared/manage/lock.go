package manage

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"crmhook/shared/parameter"
	"crmhook/shared/refusal"
	"crmhook/shared/trigger"
)

const (
	// lockedFor is how long a lock of a dead writer keeps others out: longer than any writer works.
	lockedFor = 30 * time.Second
	// worksFor is how long a writer may work at most, so that the last call that it began has ended before its lock lapses. It is
	// a length of time on the machine's clock, as a context knows no other; of Now it takes only that this goes as fast.
	worksFor = 25 * time.Second
	// unlocksWithin is how long the lock's release may take.
	unlocksWithin = 3 * time.Second
)

// locked does something while nobody else writes the parameter; 409 where somebody does.
func (h *Handler) locked(ctx context.Context, path parameter.Path, do func(ctx context.Context) error) error {
	now := h.Now()
	token, err := trigger.NewID(now, h.Random)
	if err != nil {
		return fmt.Errorf("make the lock's token: %w", err)
	}
	held, err := h.Locks.Lock(ctx, path, token, now, now.Add(lockedFor))
	if err != nil {
		return err
	}
	if !held {
		busy := refusal.New(http.StatusConflict, "somebody else is writing this %s: read it again and decide anew", path.Kind)
		busy.RetryAfter = time.Second
		return busy
	}
	defer h.unlock(ctx, path, token)
	within, cancel := context.WithTimeout(ctx, worksFor)
	defer cancel()
	return do(within)
}

// unlock lets go also where the caller has gone; what cannot be let go lapses.
func (h *Handler) unlock(ctx context.Context, path parameter.Path, token string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlocksWithin)
	defer cancel()
	if err := h.Locks.Unlock(ctx, path, token); err != nil {
		h.Log.Warn("lock stays until it lapses", slog.String("organization", path.Organization), slog.String("parameter", path.String()), slog.Any("error", err))
	}
}
