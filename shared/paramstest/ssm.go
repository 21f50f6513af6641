// Package paramstest is an SSM Parameter Store that lives in memory, for tests, and the suite that it passes like the
// emulator does.
package paramstest

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// SSM holds parameters in memory. Its fields are set before use.
type SSM struct {
	// Now gives the times of writes.
	Now func() time.Time
	// Before is asked before each call, with the operation's name and count of calls so far; its error is the call's.
	Before func(operation string, calls int) error
	// Lost leaves parameters out of listings though they exist, as a page that went missing would.
	Lost func(name string) bool
	// Denied makes GetParameters say of parameters that they do not exist though they do.
	Denied func(name string) bool

	mu     sync.Mutex
	held   map[string]types.Parameter
	kept   map[string]kept
	calls  map[string]int
	epochs int
}

// New is an empty store.
func New(now func() time.Time) *SSM {
	return &SSM{Now: now, held: map[string]types.Parameter{}, kept: map[string]kept{}, calls: map[string]int{}}
}

// Calls is how often each operation was called since the last Reset.
func (s *SSM) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	calls := map[string]int{}
	for operation, n := range s.calls {
		calls[operation] = n
	}
	return calls
}

// Reset forgets the calls counted.
func (s *SSM) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.calls)
}

// ExpireTokens makes all tokens given so far invalid.
func (s *SSM) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epochs++
}

func (s *SSM) called(operation string) error {
	s.calls[operation]++
	if s.Before == nil {
		return nil
	}
	return s.Before(operation, s.calls[operation])
}

// DeleteParameter removes a parameter; a later one of the same name starts again at version 1.
func (s *SSM) DeleteParameter(_ context.Context, input *ssm.DeleteParameterInput, _ ...func(*ssm.Options)) (*ssm.DeleteParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("DeleteParameter"); err != nil {
		return nil, err
	}
	if _, exists := s.held[aws.ToString(input.Name)]; !exists {
		return nil, &types.ParameterNotFound{}
	}
	delete(s.held, aws.ToString(input.Name))
	delete(s.kept, aws.ToString(input.Name))
	return &ssm.DeleteParameterOutput{}, nil
}

// DescribeParameters lists what its one filter (Path Recursive or Name Equals) lets through, in order of names.
func (s *SSM) DescribeParameters(ctx context.Context, input *ssm.DescribeParametersInput, _ ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("DescribeParameters"); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	prefix := strconv.Itoa(s.epochs) + ":"
	after, ok := strings.CutPrefix(aws.ToString(input.NextToken), prefix)
	if input.NextToken != nil && !ok {
		return nil, &types.InvalidNextToken{Message: aws.String("The specified token is not valid.")}
	}
	filter := input.ParameterFilters[0]
	if len(filter.Values) > 50 {
		return nil, &types.InvalidFilterValue{}
	}
	size := int(aws.ToInt32(input.MaxResults))
	out := &ssm.DescribeParametersOutput{}
	for _, name := range s.names(filter) {
		if name <= after {
			continue
		}
		if len(out.Parameters) == size {
			out.NextToken = aws.String(prefix + aws.ToString(out.Parameters[size-1].Name))
			break
		}
		p := s.held[name]
		out.Parameters = append(out.Parameters, types.ParameterMetadata{
			Name: p.Name, Type: p.Type, Version: p.Version, LastModifiedDate: p.LastModifiedDate, Tier: s.kept[name].tier, KeyId: s.kept[name].key,
		})
	}
	return out, nil
}

func (s *SSM) names(filter types.ParameterStringFilter) []string {
	var names []string
	for name := range s.held {
		path := aws.ToString(filter.Key) == "Path"
		if path && strings.HasPrefix(name, filter.Values[0]+"/") && (s.Lost == nil || !s.Lost(name)) || !path && slices.Contains(filter.Values, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// GetParameters reads up to ten parameters.
func (s *SSM) GetParameters(ctx context.Context, input *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("GetParameters"); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(input.Names) == 0 || len(input.Names) > 10 {
		return nil, &types.InvalidFilterValue{Message: aws.String("1 to 10 names")}
	}
	out := &ssm.GetParametersOutput{}
	for _, name := range input.Names {
		if p, exists := s.held[name]; exists && (s.Denied == nil || !s.Denied(name)) {
			out.Parameters = append(out.Parameters, p)
			continue
		}
		out.InvalidParameters = append(out.InvalidParameters, name)
	}
	return out, nil
}
