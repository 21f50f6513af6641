// Package invoke starts another function. It must not know what for.
package invoke

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Function is a deployed function.
type Function struct {
	Client *lambda.Client
	// Name is the function's name.
	Name string
}

// Start has the function run with an empty input, and does not wait for it: Lambda has taken the call when Start returns.
func (f Function) Start(ctx context.Context) error {
	_, err := f.Client.Invoke(ctx, &lambda.InvokeInput{FunctionName: &f.Name, InvocationType: types.InvocationTypeEvent, Payload: []byte("{}")})
	if err != nil {
		return fmt.Errorf("start function %s: %w", f.Name, err)
	}
	return nil
}
