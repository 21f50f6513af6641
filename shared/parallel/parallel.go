// Package parallel does several things at once, within a bound: calls that wait for others, not work for the processor. It
// must not know what is done.
package parallel

import (
	"errors"
	"sync"
)

// Each runs do for 0 to n-1, at most so many at once as most says, waits for all, and joins what goes wrong in the order of the
// numbers. An error of one does not keep the others from being done.
func Each(n, most int, do func(i int) error) error {
	errs := make([]error, n)
	var wait sync.WaitGroup
	slots := make(chan struct{}, most)
	for i := range n {
		slots <- struct{}{}
		wait.Go(func() {
			defer func() { <-slots }()
			errs[i] = do(i)
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
