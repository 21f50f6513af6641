package awstest

import (
	"context"
	"maps"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// Calls counts calls by operation, such as BatchGetItem. What the SDK tries again counts once.
type Calls struct {
	mu sync.Mutex
	by map[string]int
}

// Count counts the calls of all clients that are made from the configuration afterwards.
func Count(config *aws.Config) *Calls {
	calls := &Calls{by: map[string]int{}}
	config.APIOptions = append(config.APIOptions, func(stack *middleware.Stack) error {
		return stack.Serialize.Add(middleware.SerializeMiddlewareFunc("CountCalls", calls.count), middleware.Before)
	})
	return calls
}

func (c *Calls) count(ctx context.Context, in middleware.SerializeInput, next middleware.SerializeHandler) (middleware.SerializeOutput, middleware.Metadata, error) {
	c.mu.Lock()
	c.by[awsmiddleware.GetOperationName(ctx)]++
	c.mu.Unlock()
	return next.HandleSerialize(ctx, in)
}

// Take is the counts since the last Take.
func (c *Calls) Take() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	taken := maps.Clone(c.by)
	clear(c.by)
	return taken
}
