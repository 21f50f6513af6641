package tabletest

import (
	"context"
	"sort"
	"time"

	"crmhook/shared/notice"
)

// gathering is what waits to be mailed about an interface.
type gathering struct {
	sent    time.Time
	notices map[string]notice.Notice
}

func gatheringKey(n notice.Notice) string {
	return n.Organization + "#" + n.Interface + "#" + string(n.Kind)
}

func (l *Ledger) gathering(n notice.Notice) *gathering {
	g := l.notices[gatheringKey(n)]
	if g == nil {
		g = &gathering{notices: map[string]notice.Notice{}}
		l.notices[gatheringKey(n)] = g
	}
	return g
}

// ClaimHour lets a mail go; see table.Ledger.
func (l *Ledger) ClaimHour(_ context.Context, n notice.Notice, now time.Time) (bool, time.Time, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["ClaimHour"]++
	g, claimed := l.gathering(n), false
	err := l.write(n, func() {
		if claimed = g.sent.IsZero() || !g.sent.After(kept(now.Add(-notice.Every))); claimed {
			g.sent = kept(now)
		}
	})
	if claimed || err != nil {
		return claimed, time.Time{}, err
	}
	return false, g.sent.Add(notice.Every), nil
}

// Gather keeps a notice for the digest; see table.Ledger.
func (l *Ledger) Gather(_ context.Context, n notice.Notice) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Gather"]++
	return l.write(n, func() { l.gathering(n).notices[n.Delivery] = n })
}

// Gathered reads the notices that wait; see table.Ledger.
func (l *Ledger) Gathered(_ context.Context, n notice.Notice) ([]notice.Notice, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.Kill.Alive(); err != nil {
		return nil, err
	}
	l.Calls["Gathered"]++
	var list []notice.Notice
	for _, n := range l.gathering(n).notices {
		list = append(list, n)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Delivery < list[j].Delivery })
	return list, nil
}

// Forget removes notices whose digest has gone; see table.Ledger.
func (l *Ledger) Forget(_ context.Context, notices []notice.Notice) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.Calls["Forget"] += calls(len(notices), 25)
	for _, n := range notices {
		if err := l.write(n, func() { delete(l.gathering(n).notices, n.Delivery) }); err != nil {
			return err
		}
	}
	return nil
}
