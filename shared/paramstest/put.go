package paramstest

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
)

// kept is what a listing shows of a parameter beside the parameter itself.
type kept struct {
	tier types.ParameterTier
	key  *string
}

// standardSize and advancedSize are the most bytes of the tiers.
const (
	standardSize = 4096
	advancedSize = 8192
)

// PutParameter writes a parameter; one that exists only with Overwrite, with its type and in no lower tier, as in SSM.
func (s *SSM) PutParameter(_ context.Context, input *ssm.PutParameterInput, _ ...func(*ssm.Options)) (*ssm.PutParameterOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.called("PutParameter"); err != nil {
		return nil, err
	}
	name := aws.ToString(input.Name)
	old, exists := s.held[name]
	if exists && !aws.ToBool(input.Overwrite) {
		return nil, &types.ParameterAlreadyExists{Message: aws.String("The parameter already exists.")}
	}
	kind := input.Type
	if kind == "" {
		kind = old.Type
	}
	if exists && kind != old.Type {
		return nil, &types.HierarchyTypeMismatchException{Message: aws.String("Parameter Store doesn't support changing a parameter type.")}
	}
	tier, err := tierOf(input, s.kept[name].tier)
	if err != nil {
		return nil, err
	}
	s.held[name] = types.Parameter{
		Name: input.Name, Value: input.Value, Type: kind, Version: old.Version + 1, LastModifiedDate: aws.Time(s.Now()),
	}
	s.kept[name] = kept{tier, keyOf(input, kind)}
	return &ssm.PutParameterOutput{Version: old.Version + 1, Tier: tier}, nil
}

// tierOf is the tier of what is written: the advanced one is chosen where it is asked for or needed, and kept.
func tierOf(input *ssm.PutParameterInput, was types.ParameterTier) (types.ParameterTier, error) {
	value := aws.ToString(input.Value)
	fits := len(value) <= standardSize
	switch {
	case value == "", len(value) > advancedSize, strings.Contains(value, "{{"), !fits && input.Tier == types.ParameterTierStandard:
		return "", invalid("Value '" + value + "' failed to satisfy constraint")
	case was == types.ParameterTierAdvanced && input.Tier == types.ParameterTierStandard:
		return "", invalid("You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier.")
	case was == types.ParameterTierAdvanced, input.Tier == types.ParameterTierAdvanced, !fits:
		return types.ParameterTierAdvanced, nil
	}
	return types.ParameterTierStandard, nil
}

func invalid(message string) error {
	return &smithy.GenericAPIError{Code: "ValidationException", Message: message, Fault: smithy.FaultClient}
}

// keyOf is the key that a secret is encrypted with: the one that is named, else the account's own for parameters.
func keyOf(input *ssm.PutParameterInput, kind types.ParameterType) *string {
	switch {
	case kind != types.ParameterTypeSecureString:
		return nil
	case aws.ToString(input.KeyId) != "":
		return input.KeyId
	}
	return aws.String("alias/aws/ssm")
}
