// Package params reads crmhook's parameters from SSM Parameter Store, listings without values, values by name, and secrets
// for senders, and writes those that people write through crmhook. It stays a small part of the calls that an account may
// make, and must not know what a parameter means.
package params

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"crmhook/shared/parameter"
)

// SSM's bounds of one call.
const (
	// PageSize is the most parameters of one page, and the most names of one Describe.
	PageSize = 50
	// ValuesSize is the most names of one Values.
	ValuesSize = 10
)

// SSM is the part of the SDK's client that Parameters calls.
type SSM interface {
	DescribeParameters(ctx context.Context, input *ssm.DescribeParametersInput, options ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error)
	GetParameters(ctx context.Context, input *ssm.GetParametersInput, options ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
}

// Parameters reads the parameters of one stage. Each method is one call of SSM, started when Pace allows it; that SSM
// throttles is for the client's retries, and then parameter.ErrThrottled.
type Parameters struct {
	Client SSM
	Stage  string
	Pace   *Pace
}

// List reads one page of all parameters of the stage, 50 at most; token is the page's before, empty for the first. The
// error is parameter.ErrToken when SSM no longer knows the token.
func (p Parameters) List(ctx context.Context, token string) (parameter.Page, error) {
	filter := types.ParameterStringFilter{Key: aws.String("Path"), Option: aws.String("Recursive"), Values: []string{parameter.Root(p.Stage)}}
	return p.describe(ctx, filter, token)
}

// Describe reads the parameters of these names, 50 at most, as far as they exist.
func (p Parameters) Describe(ctx context.Context, names []string) ([]parameter.Parameter, error) {
	filter := types.ParameterStringFilter{Key: aws.String("Name"), Option: aws.String("Equals"), Values: names}
	var found []parameter.Parameter
	for token := ""; ; {
		page, err := p.describe(ctx, filter, token)
		if err != nil {
			return nil, err
		}
		found = append(found, page.Parameters...)
		if token = page.Next; token == "" {
			return found, nil
		}
	}
}

func (p Parameters) describe(ctx context.Context, filter types.ParameterStringFilter, token string) (parameter.Page, error) {
	if err := p.Pace.Wait(ctx); err != nil {
		return parameter.Page{}, err
	}
	input := &ssm.DescribeParametersInput{MaxResults: aws.Int32(PageSize), ParameterFilters: []types.ParameterStringFilter{filter}}
	if token != "" {
		input.NextToken = &token
	}
	out, err := p.Client.DescribeParameters(ctx, input)
	var invalid *types.InvalidNextToken
	switch {
	case errors.As(err, &invalid):
		return parameter.Page{}, parameter.ErrToken
	case err != nil:
		return parameter.Page{}, unread("describe parameters", err)
	}
	page := parameter.Page{Next: aws.ToString(out.NextToken)}
	for _, found := range out.Parameters {
		page.Parameters = append(page.Parameters, parameter.Parameter{
			Name: aws.ToString(found.Name), Version: found.Version, Modified: whole(found.LastModifiedDate),
			Secure: found.Type == types.ParameterTypeSecureString,
		})
	}
	return page, nil
}

// Values reads the parameters of these names, ten at most, decrypted; missing are the names that do not exist.
func (p Parameters) Values(ctx context.Context, names []string) (values []parameter.Value, missing []string, err error) {
	if err := p.Pace.Wait(ctx); err != nil {
		return nil, nil, err
	}
	out, err := p.Client.GetParameters(ctx, &ssm.GetParametersInput{Names: names, WithDecryption: aws.Bool(true)})
	if err != nil {
		return nil, nil, unread("get parameters", err)
	}
	for _, found := range out.Parameters {
		values = append(values, parameter.Value{Text: aws.ToString(found.Value), Parameter: parameter.Parameter{
			Name: aws.ToString(found.Name), Version: found.Version, Modified: whole(found.LastModifiedDate),
			Secure: found.Type == types.ParameterTypeSecureString,
		}})
	}
	return values, out.InvalidParameters, nil
}

// unread is why SSM did not read something.
func unread(operation string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && errors.Is(causeOf(api.ErrorCode()), parameter.ErrThrottled) {
		return fmt.Errorf("%s: %w: %w", operation, parameter.ErrThrottled, err)
	}
	return fmt.Errorf("%s: %w", operation, err)
}

// whole is a time in whole milliseconds, as it is kept; SSM's answers do not all have the same precision.
func whole(t *time.Time) time.Time {
	return aws.ToTime(t).UTC().Truncate(time.Millisecond)
}
