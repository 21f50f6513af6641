package params_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
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

// client is an SDK client for a server of this machine.
func client(endpoint string, options ...func(*ssm.Options)) *ssm.Client {
	return ssm.New(ssm.Options{
		BaseEndpoint: &endpoint, Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}, options...)
}

func unpaced() *params.Pace { return &params.Pace{Now: time.Now, Sleep: params.Sleep} }

func TestEmulator(t *testing.T) {
	// A put that is tried again after it was applied makes two versions, and the suite counts them.
	once := func(o *ssm.Options) { o.RetryMaxAttempts = 1 }
	paramstest.Run(t, client(awstest.Endpoint(t), once), "/crmhook/"+awstest.Name("suite"))
}

func TestParameters(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 2, 3, 4, 5, 678_900_000, time.UTC)
	store := paramstest.New(func() time.Time { return at })
	for i := range 51 {
		name := fmt.Sprintf("/crmhook/dev/settings/%02d", i)
		if _, err := store.PutParameter(t.Context(), &ssm.PutParameterInput{Name: &name, Value: aws.String("v"), Type: types.ParameterTypeSecureString}); err != nil {
			t.Fatal(err)
		}
	}
	p := params.Parameters{Client: store, Stage: "dev", Pace: unpaced()}
	first, err := p.List(t.Context(), "")
	if err != nil || len(first.Parameters) != 50 || first.Next == "" {
		t.Fatalf("first page: %d parameters, next %q, error %v; want 50 and a token", len(first.Parameters), first.Next, err)
	}
	last, err := p.List(t.Context(), first.Next)
	if err != nil {
		t.Fatal(err)
	}
	described := parameter.Parameter{Name: "/crmhook/dev/settings/50", Version: 1, Modified: at.Truncate(time.Millisecond), Secure: true}
	if diff := cmp.Diff(parameter.Page{Parameters: []parameter.Parameter{described}}, last); diff != "" {
		t.Errorf("last page (-want +got):\n%s", diff)
	}
	byName, err := p.Describe(t.Context(), []string{"/crmhook/dev/settings/50", "/crmhook/dev/settings/none"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]parameter.Parameter{described}, byName); diff != "" {
		t.Errorf("described by name (-want +got):\n%s", diff)
	}
	values, missing, err := p.Values(t.Context(), []string{"/crmhook/dev/settings/50", "/crmhook/dev/settings/none"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]parameter.Value{{Parameter: described, Text: "v"}}, values); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"/crmhook/dev/settings/none"}, missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	store.ExpireTokens()
	if _, err := p.List(t.Context(), first.Next); !errors.Is(err, parameter.ErrToken) {
		t.Errorf("error for an old token = %v, want parameter.ErrToken", err)
	}
}

func TestPaceKeepsStartsApart(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	began := now
	pace := &params.Pace{Interval: params.Interval, Now: func() time.Time { return now }, Sleep: func(_ context.Context, d time.Duration) error {
		now = now.Add(d)
		return nil
	}}
	for range 81 {
		if err := pace.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if took := now.Sub(began); took != 10*time.Second {
		t.Errorf("81 calls started within %v, want 10s: 8 a second", took)
	}
	now = now.Add(time.Minute)
	before := now
	if err := pace.Wait(t.Context()); err != nil || now != before {
		t.Errorf("a call after a pause waited %v (error %v), want none", now.Sub(before), err)
	}
}

func TestPaceEndsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	pace := &params.Pace{Interval: time.Hour, Now: time.Now, Sleep: params.Sleep}
	if err := pace.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := pace.Wait(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v, want the context's", err)
	}
}

func TestThrottledCallIsRetriedByTheClient(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if calls.Add(1) < 3 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = w.Write([]byte(`{"__type":"ThrottlingException","message":"Rate exceeded"}`))
			return
		}
		_, _ = w.Write([]byte(`{"Parameters":[{"Name":"/crmhook/dev/settings/a","Version":7,"LastModifiedDate":1.7e9}]}`))
	}))
	defer server.Close()
	page, err := params.Parameters{Client: client(server.URL), Stage: "dev", Pace: unpaced()}.List(t.Context(), "")
	if err != nil || len(page.Parameters) != 1 || page.Parameters[0].Version != 7 {
		t.Errorf("page = %+v, error %v; want the page of the third call", page, err)
	}
	if calls.Load() != 3 {
		t.Errorf("%d calls, want 3", calls.Load())
	}
}

func TestThrottledReads(t *testing.T) {
	t.Parallel()
	for code, throttled := range map[string]bool{"ThrottlingException": true, "InternalServerError": false} {
		store := paramstest.New(time.Now)
		store.Before = func(string, int) error { return &smithy.GenericAPIError{Code: code} }
		p := params.Parameters{Client: store, Stage: "dev", Pace: unpaced()}
		_, _, err := p.Values(t.Context(), []string{"/a"})
		if errors.Is(err, parameter.ErrThrottled) != throttled || err == nil {
			t.Errorf("%s: values: error %v, want parameter.ErrThrottled: %v", code, err, throttled)
		}
		if _, err = p.Describe(t.Context(), []string{"/a"}); errors.Is(err, parameter.ErrThrottled) != throttled || err == nil {
			t.Errorf("%s: describe: error %v, want parameter.ErrThrottled: %v", code, err, throttled)
		}
	}
}
