package params_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/awstest"
	"crmhook/shared/parameter"
	"crmhook/shared/params"
	"crmhook/shared/paramstest"
)

// store is what writers write and their tests read.
type store interface {
	params.WriterSSM
	params.SSM
}

func TestWriter(t *testing.T) {
	t.Parallel()
	writes(t, paramstest.New(time.Now), "/crmhook/writer")
}

func TestWriterOnTheEmulator(t *testing.T) {
	t.Parallel()
	writes(t, client(awstest.Endpoint(t)), "/crmhook/"+awstest.Name("writer"))
}

func writes(t *testing.T, to store, root string) {
	w := params.Writer{Client: to}
	p := params.Parameters{Client: to, Stage: "dev", Pace: unpaced()}
	for _, step := range []struct {
		name, text string
		secure     bool
		version    int64
	}{
		{"a", `{"a":1}`, false, 1},
		{"a", `{"a":"é"}`, false, 2},
		{"a", strings.Repeat("x", 8192), false, 3},
		{"a", `{}`, false, 4},
		{"s", `{"value":"not-a-real-secret"}`, true, 1},
		{"s", `{"value":"not-a-real-secret-2"}`, true, 2},
	} {
		name := root + "/" + step.name
		got, err := w.Put(t.Context(), name, step.text, step.secure)
		if err != nil {
			t.Fatalf("put %s version %d: %v", step.name, step.version, err)
		}
		if diff := cmp.Diff(parameter.Parameter{Name: name, Version: step.version, Secure: step.secure}, got); diff != "" {
			t.Errorf("written (-want +got):\n%s", diff)
		}
		values, _, err := p.Values(t.Context(), []string{name})
		if err != nil || len(values) != 1 || values[0].Text != step.text || values[0].Version != step.version || values[0].Secure != step.secure {
			t.Errorf("read %+v, error %v; want version %d with the text, secure %v", values, err, step.version, step.secure)
		}
	}
	if _, err := w.Put(t.Context(), root+"/s", "{}", true); err != nil {
		t.Error(err)
	}
	for range 2 {
		if err := w.Delete(t.Context(), root+"/a"); err != nil {
			t.Errorf("delete: %v", err)
		}
	}
	if found, err := p.Describe(t.Context(), []string{root + "/a"}); err != nil || len(found) != 0 {
		t.Errorf("after its deletion: %v, error %v; want none", found, err)
	}
}

func TestWriterChoosesTheTier(t *testing.T) {
	t.Parallel()
	to := paramstest.New(time.Now)
	w := params.Writer{Client: to}
	for _, step := range []struct {
		size int
		want types.ParameterTier
	}{
		{4096, types.ParameterTierStandard},
		{4097, types.ParameterTierAdvanced},
		{10, types.ParameterTierAdvanced},
	} {
		if _, err := w.Put(t.Context(), "/a", strings.Repeat("x", step.size), false); err != nil {
			t.Fatalf("%d bytes: %v", step.size, err)
		}
		if got := described(t, to, "/a").Tier; got != step.want {
			t.Errorf("%d bytes: tier %s, want %s", step.size, got, step.want)
		}
	}
}

func described(t *testing.T, to params.SSM, name string) types.ParameterMetadata {
	t.Helper()
	out, err := to.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{
		MaxResults: aws.Int32(50), ParameterFilters: []types.ParameterStringFilter{{Key: aws.String("Name"), Option: aws.String("Equals"), Values: []string{name}}},
	})
	if err != nil || len(out.Parameters) != 1 {
		t.Fatalf("describe %s: %v, error %v", name, out, err)
	}
	return out.Parameters[0]
}

func TestWriterKeepsASecretsKey(t *testing.T) {
	t.Parallel()
	to := paramstest.New(time.Now)
	_, err := to.PutParameter(t.Context(), &ssm.PutParameterInput{
		Name: aws.String("/s"), Value: aws.String("{}"), Type: types.ParameterTypeSecureString, KeyId: aws.String("alias/shop"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (params.Writer{Client: to}).Put(t.Context(), "/s", `{"value":"not-a-real-secret"}`, true); err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(described(t, to, "/s").KeyId); got != "alias/shop" {
		t.Errorf("encrypted with %s, want alias/shop", got)
	}
}

// TestWriterSaysWhyNot has each answer of SSM quote the text, which no error may.
func TestWriterSaysWhyNot(t *testing.T) {
	t.Parallel()
	const hidden = "not-a-real-secret"
	said := func(code string) error {
		return &smithy.OperationError{ServiceID: "SSM", OperationName: "PutParameter", Err: &smithy.GenericAPIError{Code: code, Message: hidden}}
	}
	for name, test := range map[string]struct {
		says error
		want error
	}{
		"throttled":        {said("ThrottlingException"), parameter.ErrThrottled},
		"busy":             {said("TooManyUpdates"), parameter.ErrThrottled},
		"another type":     {said("HierarchyTypeMismatchException"), parameter.ErrType},
		"refused text":     {said("ValidationException"), parameter.ErrText},
		"something else":   {said("InternalServerError"), nil},
		"no answer":        {context.DeadlineExceeded, context.DeadlineExceeded},
		"no answer at all": {fmt.Errorf("send: %w", context.Canceled), context.Canceled},
	} {
		for _, failing := range []string{"PutParameter", "DescribeParameters", "DeleteParameter"} {
			to := paramstest.New(time.Now)
			w := params.Writer{Client: to}
			if _, err := w.Put(t.Context(), "/s", "{}", true); err != nil {
				t.Fatal(err)
			}
			to.Before = func(operation string, _ int) error {
				if operation == failing {
					return test.says
				}
				return nil
			}
			_, err := w.Put(t.Context(), "/s", hidden, true)
			if failing == "DeleteParameter" {
				err = w.Delete(t.Context(), "/s")
			}
			if err == nil || test.want != nil && !errors.Is(err, test.want) || strings.Contains(err.Error(), hidden) || !strings.Contains(err.Error(), "/s") {
				t.Errorf("%s, %s: error %v, want one that is %v, names the parameter and quotes nothing", name, failing, err, test.want)
			}
		}
	}
}

func TestWriterRefusesByItself(t *testing.T) {
	t.Parallel()
	to := paramstest.New(time.Now)
	w := params.Writer{Client: to}
	for _, name := range []string{"/text", "/secret"} {
		if _, err := w.Put(t.Context(), name, "{}", name == "/secret"); err != nil {
			t.Fatal(err)
		}
	}
	for name, test := range map[string]struct {
		name, text string
		secure     bool
		want       error
	}{
		"too large":            {"/text", strings.Repeat("x", 8193), false, parameter.ErrLarge},
		"too large for one":    {"/secret", strings.Repeat("é", 4097), true, parameter.ErrLarge},
		"a text made a secret": {"/text", "{}", true, parameter.ErrType},
		"a secret made a text": {"/secret", "{}", false, parameter.ErrType},
		"a reference":          {"/text", `{"a":"{{contact.id}}"}`, false, parameter.ErrText},
		"nothing":              {"/text", "", false, parameter.ErrText},
	} {
		if _, err := w.Put(t.Context(), test.name, test.text, test.secure); !errors.Is(err, test.want) {
			t.Errorf("%s: error %v, want %v", name, err, test.want)
		}
	}
	if v := described(t, to, "/text").Version; v != 1 {
		t.Errorf("version %d, want 1: nothing was written", v)
	}
}
