package paramstest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"

	"crmhook/shared/paramstest"
)

func TestFake(t *testing.T) {
	t.Parallel()
	paramstest.Run(t, paramstest.New(time.Now), "/crmhook/suite")
}

func TestTokensExpire(t *testing.T) {
	t.Parallel()
	s := paramstest.New(time.Now)
	for _, name := range []string{"/a/1", "/a/2"} {
		if _, err := s.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("x"), Type: types.ParameterTypeString}); err != nil {
			t.Fatal(err)
		}
	}
	input := &ssm.DescribeParametersInput{
		MaxResults:       aws.Int32(1),
		ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Path"), Option: aws.String("Recursive"), Values: []string{"/a"}}},
	}
	out, err := s.DescribeParameters(t.Context(), input)
	if err != nil || out.NextToken == nil {
		t.Fatalf("first page: token %v, error %v", out, err)
	}
	s.ExpireTokens()
	input.NextToken = out.NextToken
	var invalid *types.InvalidNextToken
	if _, err := s.DescribeParameters(t.Context(), input); !errors.As(err, &invalid) {
		t.Errorf("error = %v, want InvalidNextToken", err)
	}
}
