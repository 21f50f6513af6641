// Package tabletest holds stateful fakes of what package table keeps, and the suites that both a fake and the real table
// on an emulator must pass. A fake can be killed at any of its writes, which is how the tests ask what a crash just
// before and just after a write leaves behind.
package tabletest

import (
	"errors"
	"sync"
)

// ErrKilled is what every call answers once the process is dead.
var ErrKilled = errors.New("killed")

// Kill decides at which write the process dies. Each write of one item has two steps: just before and just after.
// A nil Kill never kills.
type Kill struct {
	mu    sync.Mutex
	at, n int
	dead  bool
}

// At makes the n-th step from now (1 …) the last one; 0: none.
func (k *Kill) At(n int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.at, k.n, k.dead = n, 0, false
}

// Steps is how many steps there have been since At.
func (k *Kill) Steps() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.n
}

// Dead reports whether the process has died.
func (k *Kill) Dead() bool {
	if k == nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

// Alive is nil until the process is dead; fakes ask it before they read.
func (k *Kill) Alive() error {
	if k.Dead() {
		return ErrKilled
	}
	return nil
}

// Write runs one write of one item between its two steps.
func (k *Kill) Write(write func()) error {
	if k == nil {
		write()
		return nil
	}
	if err := k.step(); err != nil {
		return err
	}
	write()
	return k.step()
}

func (k *Kill) step() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return ErrKilled
	}
	if k.n++; k.n == k.at {
		k.dead = true
		return ErrKilled
	}
	return nil
}
