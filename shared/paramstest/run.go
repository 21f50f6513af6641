package paramstest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/google/go-cmp/cmp"
)

// API is what the suite calls: reads as crmhook makes them, writes as its users do.
type API interface {
	DescribeParameters(ctx context.Context, input *ssm.DescribeParametersInput, options ...func(*ssm.Options)) (*ssm.DescribeParametersOutput, error)
	GetParameters(ctx context.Context, input *ssm.GetParametersInput, options ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
	PutParameter(ctx context.Context, input *ssm.PutParameterInput, options ...func(*ssm.Options)) (*ssm.PutParameterOutput, error)
	DeleteParameter(ctx context.Context, input *ssm.DeleteParameterInput, options ...func(*ssm.Options)) (*ssm.DeleteParameterOutput, error)
}

// Run checks what crmhook relies on of SSM: root is a path that nobody else writes under.
func Run(t *testing.T, api API, root string) {
	t.Run("listing pages through the path and nothing beside it", func(t *testing.T) { listing(t, api, root+"/listing") })
	t.Run("by name, those that exist", func(t *testing.T) { byName(t, api, root+"/names") })
	t.Run("values and the names that do not exist", func(t *testing.T) { values(t, api, root+"/values") })
	t.Run("a secret's key is listed", func(t *testing.T) { keys(t, api, root+"/keys") })
	t.Run("a parameter written anew after its deletion starts at version 1", func(t *testing.T) { anew(t, api, root+"/anew") })
}

func put(t *testing.T, api API, name, value string, kind types.ParameterType) {
	t.Helper()
	_, err := api.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: &value, Type: kind, Overwrite: aws.Bool(true)})
	if err != nil {
		t.Fatalf("put %s: %v", name, err)
	}
}

func describe(t *testing.T, api API, key, option string, values []string, token *string) *ssm.DescribeParametersOutput {
	t.Helper()
	out, err := api.DescribeParameters(t.Context(), &ssm.DescribeParametersInput{
		MaxResults: aws.Int32(50), NextToken: token,
		ParameterFilters: []types.ParameterStringFilter{{Key: &key, Option: &option, Values: values}},
	})
	if err != nil {
		t.Fatalf("describe by %s: %v", key, err)
	}
	return out
}

func listing(t *testing.T, api API, root string) {
	var want []string
	for i := range 60 {
		want = append(want, fmt.Sprintf("%s/folder/%02d", root, i))
		put(t, api, want[i], "{}", types.ParameterTypeString)
	}
	put(t, api, root+"beside/x", "{}", types.ParameterTypeString)
	var got []string
	for token, pages := (*string)(nil), 1; ; pages++ {
		out := describe(t, api, "Path", "Recursive", []string{root}, token)
		if len(out.Parameters) > 50 {
			t.Fatalf("a page has %d parameters, want at most 50", len(out.Parameters))
		}
		for _, p := range out.Parameters {
			got = append(got, *p.Name)
		}
		if token = out.NextToken; token == nil {
			break
		}
		if pages > 5 {
			t.Fatal("the listing does not end")
		}
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("listed names (-want +got):\n%s", diff)
	}
}

func byName(t *testing.T, api API, root string) {
	before := time.Now().Add(-time.Minute)
	put(t, api, root+"/plain", "1", types.ParameterTypeString)
	put(t, api, root+"/plain", "2", types.ParameterTypeString)
	put(t, api, root+"/secret", "hidden", types.ParameterTypeSecureString)
	out := describe(t, api, "Name", "Equals", []string{root + "/plain", root + "/secret", root + "/absent"}, nil)
	got := map[string]string{}
	for _, p := range out.Parameters {
		got[*p.Name] = fmt.Sprint(p.Type, " ", p.Version)
		if p.LastModifiedDate.Before(before) {
			t.Errorf("%s was modified %v, want about now", *p.Name, p.LastModifiedDate)
		}
	}
	want := map[string]string{root + "/plain": "String 2", root + "/secret": "SecureString 1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("described (-want +got):\n%s", diff)
	}
}

func values(t *testing.T, api API, root string) {
	put(t, api, root+"/plain", `{"a":"é"}`, types.ParameterTypeString)
	put(t, api, root+"/secret", "hidden", types.ParameterTypeSecureString)
	listed := describe(t, api, "Path", "Recursive", []string{root}, nil)
	out, err := api.GetParameters(t.Context(), &ssm.GetParametersInput{
		Names: []string{root + "/plain", root + "/secret", root + "/absent"}, WithDecryption: aws.Bool(true),
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, p := range out.Parameters {
		got[*p.Name] = *p.Value
		for _, l := range listed.Parameters {
			if *l.Name == *p.Name && (l.Version != p.Version || !l.LastModifiedDate.Truncate(time.Millisecond).Equal(p.LastModifiedDate.Truncate(time.Millisecond))) {
				t.Errorf("%s is listed as %d of %v and read as %d of %v", *p.Name, l.Version, l.LastModifiedDate, p.Version, p.LastModifiedDate)
			}
		}
	}
	if diff := cmp.Diff(map[string]string{root + "/plain": `{"a":"é"}`, root + "/secret": "hidden"}, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{root + "/absent"}, out.InvalidParameters); diff != "" {
		t.Errorf("names that do not exist (-want +got):\n%s", diff)
	}
}

func anew(t *testing.T, api API, root string) {
	name := root + "/again"
	put(t, api, name, "1", types.ParameterTypeString)
	put(t, api, name, "2", types.ParameterTypeString)
	if _, err := api.DeleteParameter(t.Context(), &ssm.DeleteParameterInput{Name: &name}); err != nil {
		t.Fatal(err)
	}
	if out := describe(t, api, "Name", "Equals", []string{name}, nil); len(out.Parameters) != 0 {
		t.Errorf("a deleted parameter is still described: %v", out.Parameters)
	}
	put(t, api, name, "3", types.ParameterTypeString)
	out := describe(t, api, "Name", "Equals", []string{name}, nil)
	if len(out.Parameters) != 1 || out.Parameters[0].Version != 1 {
		t.Errorf("described after it was written anew: %v, want version 1", out.Parameters)
	}
}

func keys(t *testing.T, api API, root string) {
	put(t, api, root+"/plain", "{}", types.ParameterTypeString)
	put(t, api, root+"/secret", "hidden", types.ParameterTypeSecureString)
	got := map[string]string{}
	for _, p := range describe(t, api, "Name", "Equals", []string{root + "/plain", root + "/secret"}, nil).Parameters {
		got[*p.Name] = aws.ToString(p.KeyId)
	}
	if diff := cmp.Diff(map[string]string{root + "/plain": "", root + "/secret": "alias/aws/ssm"}, got); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}
