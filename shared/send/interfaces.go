package send

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/hook"
)

// interfaces keeps configurations for seconds, so that a warm function does not read them with each invocation and a
// change is still live within the minute.
type interfaces struct {
	kept map[hook.Key]keptInterface
}

type keptInterface struct {
	is    hook.Interface
	until time.Time
}

// forget has an interface be read the next time that it is asked for.
func (k *interfaces) forget(key hook.Key) { delete(k.kept, key) }

func (k *interfaces) get(ctx context.Context, c Configuration, keys []hook.Key, now time.Time) (map[hook.Key]hook.Interface, error) {
	if k.kept == nil || len(k.kept) > interfacesKept {
		k.kept = map[hook.Key]keptInterface{}
	}
	found := map[hook.Key]hook.Interface{}
	var missing []hook.Key
	for _, key := range keys {
		if _, asked := found[key]; asked {
			continue
		}
		kept, ok := k.kept[key]
		if found[key] = kept.is; !ok || !now.Before(kept.until) {
			missing = append(missing, key)
		}
	}
	if len(missing) == 0 {
		return found, nil
	}
	read, err := c.Interfaces(ctx, missing)
	if err != nil {
		return nil, fmt.Errorf("read interfaces: %w", err)
	}
	for _, key := range missing {
		found[key] = read[key]
		k.kept[key] = keptInterface{read[key], now.Add(interfaceKept)}
	}
	return found, nil
}
