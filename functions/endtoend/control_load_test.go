package endtoend_test

import (
	"crypto/rand"
	"os"
	"testing"
	"time"
)

// TestControlUnderLoad logs what screens, lists and a large file cost. It takes a quarter of an hour, leaves what it has
// written, and asserts no time: what it asserts is that nothing is missing.
func TestControlUnderLoad(t *testing.T) {
	if os.Getenv("CRMHOOK_LOAD") != "1" {
		t.Skip("takes a quarter of an hour for figures alone: set CRMHOOK_LOAD=1 for them")
	}
	large := openControl(t)
	small, uploads := large.beside("small"), large.beside("uploads")
	t.Run("screens", func(t *testing.T) {
		large, small := large.in(t), small.in(t)
		begun := time.Now()
		many, few := large.fill(crowd{1_000, 50, 100_000, 1_000}), small.fill(crowd{10, 10, 100, 10})
		t.Logf("%s has %d deliveries, %s has %d: written in %s", large.organization, many.deliveries, small.organization, few.deliveries, since(begun))
		compare(t, large, small, many, few)
	})
	t.Run("a large file", func(t *testing.T) {
		o := uploads.in(t)
		const contacts = 100_000
		begun := time.Now()
		o.putContacts(contacts)
		t.Logf("%d contacts written in %s", contacts, since(begun))
		o.uploaded(10_000, 1)
		o.uploaded(contacts, 100)
	})
}

// beside is an operator of another organization.
func (o *operator) beside(name string) *operator {
	o.Helper()
	world := *o.world
	world.organization += "-" + name
	other := &operator{&caller{world: &world, token: rand.Text()}}
	other.manager(other.token)
	return other
}

// in is the operator in a part of the test.
func (o *operator) in(t *testing.T) *operator {
	world := *o.world
	world.T = t
	return &operator{&caller{world: &world, token: o.token, secret: o.secret}}
}

// crowd is how much an organization has: deliveries of its first interfaces, the busy ones, and rest of all else.
type crowd struct{ interfaces, busy, deliveries, rest int }
