package manage

import (
	"context"
	"fmt"

	"crmhook/shared/hook"
	"crmhook/shared/hours"
)

// Fared is how an interface fared in the last hours, oldest first, the last of them under way.
func (h *Handler) Fared(ctx context.Context, organization, name string) ([hours.Shown]hours.Counts, error) {
	k := hook.Key{Organization: organization, Name: name}
	counts, err := h.Hours.Hours(ctx, []hook.Key{k}, h.Now())
	if err != nil {
		return [hours.Shown]hours.Counts{}, fmt.Errorf("read counts of hours: %w", err)
	}
	return counts[k], nil
}
