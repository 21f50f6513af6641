package params

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"crmhook/shared/parameter"
)

// mostStandard is the most bytes of a parameter of the standard tier, which is free.
const mostStandard = 4096

// WriterSSM is the part of the SDK's client that Writer calls.
type WriterSSM interface {
	DescribeParameters(ctx context.Context, input *ssm.DescribeParametersInput, options ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error)
	PutParameter(ctx context.Context, input *ssm.PutParameterInput, options ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
	DeleteParameter(ctx context.Context, input *ssm.DeleteParameterInput, options ...func(*ssm.Options)) (*ssm.DeleteParameterOutput, error)
}

// Writer writes parameters. SSM takes about three writes a second of an account; that it throttles is for the client's
// retries, and then the caller's. No error holds anything of a text.
type Writer struct{ Client WriterSSM }

// Put writes a parameter, whether it is there or not, as a String or a SecureString, and answers it as it is now, without
// the time, which SSM does not tell. A secret goes on being encrypted with the key that its former version was. Errors:
// parameter.ErrLarge, ErrThrottled, ErrType and ErrText.
func (w Writer) Put(ctx context.Context, name, text string, secure bool) (parameter.Parameter, error) {
	if len(text) > parameter.MostText {
		return parameter.Parameter{}, fmt.Errorf("put parameter %s: %w: %d bytes, most are %d", name, parameter.ErrLarge, len(text), parameter.MostText)
	}
	input := &ssm.PutParameterInput{
		Name: &name, Value: &text, Type: types.ParameterTypeString, Overwrite: aws.Bool(true), Tier: tier(text),
	}
	if secure {
		key, err := w.key(ctx, name)
		if err != nil {
			return parameter.Parameter{}, err
		}
		input.Type, input.KeyId = types.ParameterTypeSecureString, key
	}
	out, err := w.Client.PutParameter(ctx, input)
	if err != nil {
		return parameter.Parameter{}, refused("put", name, err)
	}
	return parameter.Parameter{Name: name, Version: out.Version, Secure: secure}, nil
}

// tier lets SSM choose where the standard tier would do: a parameter that was once larger stays advanced, and an account
// that is full of standard ones takes no other.
func tier(text string) types.ParameterTier {
	if len(text) > mostStandard {
		return types.ParameterTierAdvanced
	}
	return types.ParameterTierIntelligentTiering
}

// key is the one that a secret is encrypted with; nil where it is not there.
func (w Writer) key(ctx context.Context, name string) (*string, error) {
	out, err := w.Client.DescribeParameters(ctx, &ssm.DescribeParametersInput{
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name}}},
		MaxResults:       aws.Int32(PageSize),
	})
	if err != nil {
		return nil, refused("describe", name, err)
	}
	for _, found := range out.Parameters {
		if found.Type != types.ParameterTypeSecureString {
			return nil, fmt.Errorf("put parameter %s: %w", name, parameter.ErrType)
		}
		if aws.ToString(found.KeyId) != "" {
			return found.KeyId, nil
		}
	}
	return nil, nil
}

// Delete removes a parameter; one that is not there stays so. The error may be parameter.ErrThrottled.
func (w Writer) Delete(ctx context.Context, name string) error {
	_, err := w.Client.DeleteParameter(ctx, &ssm.DeleteParameterInput{Name: &name})
	var absent *types.ParameterNotFound
	if err == nil || errors.As(err, &absent) {
		return nil
	}
	return refused("delete", name, err)
}

// refused says why SSM did not do something by its code alone: its words may quote the text, which may be a secret.
func refused(operation, name string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%s parameter %s: %w", operation, name, err)
	}
	if cause := causeOf(api.ErrorCode()); cause != nil {
		return fmt.Errorf("%s parameter %s: %w", operation, name, cause)
	}
	return fmt.Errorf("%s parameter %s: %s", operation, name, api.ErrorCode())
}

// causeOf is the error of package parameter that a code of SSM stands for, nil where none does.
func causeOf(code string) error {
	_, throttled := retry.DefaultThrottleErrorCodes[code]
	switch {
	case throttled, slices.Contains([]string{"TooManyUpdates", "RateExceeded"}, code):
		return parameter.ErrThrottled
	case code == "HierarchyTypeMismatchException":
		return parameter.ErrType
	case code == "ValidationException":
		return parameter.ErrText
	}
	return nil
}
