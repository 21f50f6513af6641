package send

import (
	"context"
	"errors"
	"sync"
	"time"
)

// send makes all requests side by side and writes down what came of each as it comes: results that come together share
// their writes, and none waits for a receiver that hangs.
func (r *round) send(ctx context.Context, jobs []*job) error {
	results := make(chan *job, len(jobs))
	var failed error
	waiting := 0
	for _, j := range jobs {
		waiting++
		go func() {
			r.request(ctx, j)
			results <- j
		}()
	}
	for waiting > 0 {
		together := r.gather(results, waiting)
		waiting -= len(together)
		failed = errors.Join(failed, r.finish(ctx, together))
	}
	return failed
}

// gather waits for one result, and a little longer for others.
func (r *round) gather(results <-chan *job, most int) []*job {
	together := []*job{<-results}
	timer := time.NewTimer(gather)
	defer timer.Stop()
	for len(together) < most {
		select {
		case j := <-results:
			together = append(together, j)
		case <-timer.C:
			return together
		}
	}
	return together
}

// request makes one attempt. A delivery with nothing to send makes none; one whose claim would end before its request
// could is left for another time, as a fault of ours.
func (r *round) request(ctx context.Context, j *job) {
	if j.nothing() {
		return
	}
	if now := r.handler.Now(); now.Add(j.request.Timeout).After(j.delivery.Claim) {
		j.fault = errors.New("reading took so long that the claim could end before the request")
		return
	}
	j.attempt = r.handler.Webhook.Do(ctx, j.request, j.delivery.Identity())
	j.attempt.Number = j.delivery.Attempts
	if !j.event() && len(j.sent) < len(j.delivery.Records) {
		for _, row := range j.sent {
			j.attempt.Records = append(j.attempt.Records, row.Record)
		}
	}
	j.request.Body = nil // Up to 5 MB that nobody needs while others still wait for their answers.
}

// each runs do for all jobs at once and joins what goes wrong.
func each(jobs []*job, do func(*job) error) error {
	errs := make([]error, len(jobs))
	var wait sync.WaitGroup
	for i, j := range jobs {
		wait.Go(func() { errs[i] = do(j) })
	}
	wait.Wait()
	return errors.Join(errs...)
}
