package scan

import (
	"sync"

	"crmhook/shared/shard"
)

// place is an iterator and the position it follows.
type place struct{ iterator, position string }

// places are where a warm process stopped in each shard. The zero value holds none.
type places struct {
	mu      sync.Mutex
	byShard map[string]place
}

func (p *places) get(id string) (place, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	found, ok := p.byShard[id]
	return found, ok
}

func (p *places) set(id string, at place) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byShard == nil {
		p.byShard = map[string]place{}
	}
	p.byShard[id] = at
}

func (p *places) forget(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byShard, id)
}

// keep forgets the shards that have left the stream.
func (p *places) keep(shards []shard.Shard) {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := make(map[string]place, len(shards))
	for _, s := range shards {
		if at, ok := p.byShard[s.ID]; ok {
			kept[s.ID] = at
		}
	}
	p.byShard = kept
}
