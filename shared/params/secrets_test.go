package params_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"crmhook/shared/delivery"
	"crmhook/shared/params"
	"crmhook/shared/secret"
)

// vault is SSM's GetParameters over secrets by path.
type vault struct {
	mu     sync.Mutex
	values map[string]string
	// locked paths make a call that names them fail.
	locked []string
	fault  error
	delay  time.Duration
	calls  [][]string
}

func (v *vault) GetParameters(ctx context.Context, in *ssm.GetParametersInput, _ ...func(*ssm.Options)) (*ssm.GetParametersOutput, error) {
	if v.delay > 0 {
		time.Sleep(v.delay)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.calls = append(v.calls, in.Names)
	if err := v.refused(in); err != nil {
		return nil, err
	}
	out := &ssm.GetParametersOutput{}
	for _, name := range in.Names {
		if value, ok := v.values[name]; ok {
			out.Parameters = append(out.Parameters, types.Parameter{Name: aws.String(name), Value: aws.String(value)})
		} else {
			out.InvalidParameters = append(out.InvalidParameters, name)
		}
	}
	return out, ctx.Err()
}

func (v *vault) refused(in *ssm.GetParametersInput) error {
	if v.fault != nil {
		return v.fault
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(in.Names)))
	if len(in.Names) == 0 || len(in.Names) > 10 || len(distinct) != len(in.Names) || !aws.ToBool(in.WithDecryption) {
		return &smithy.GenericAPIError{Code: "ValidationException", Fault: smithy.FaultClient}
	}
	for _, name := range v.locked {
		if slices.Contains(in.Names, name) {
			return &smithy.GenericAPIError{Code: "AccessDeniedException", Fault: smithy.FaultClient}
		}
	}
	return nil
}

func path(n secret.Name) string {
	return "/crmhook/test/organizations/" + n.Organization + "/secrets/" + n.Name
}

// The emulator's SSM answers as the vault does.
func TestSecretsOnTheEmulator(t *testing.T) {
	t.Parallel()
	endpoint := os.Getenv("CRMHOOK_TEST_ENDPOINT")
	if endpoint == "" {
		t.Skip("CRMHOOK_TEST_ENDPOINT is not set: the emulator's Parameter Store is not tested")
	}
	client := ssm.New(ssm.Options{
		BaseEndpoint: aws.String(endpoint), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	organization := "secrets-" + strconv.FormatInt(time.Now().UnixNano(), 36)
	var all []secret.Name
	for i := range 12 {
		name := secret.Name{Organization: organization, Name: fmt.Sprintf("s%d", i)}
		all = append(all, name)
		if i == 11 {
			continue // the one that is missing
		}
		if _, err := client.PutParameter(t.Context(), &ssm.PutParameterInput{
			Name: aws.String(path(name)), Type: types.ParameterTypeSecureString, Value: aws.String(`{"value":"dummy-é","hosts":["crm.example.com"]}`),
		}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := params.NewSecrets(client, "test", time.Now).Get(t.Context(), all)
	if len(got) != 11 || string(got[all[10]].Value) != "dummy-é" {
		t.Errorf("got %d secrets, the last %q; want 11 and dummy-é", len(got), string(got[all[10]].Value))
	}
	if !errors.Is(err, secret.ErrNone) || !strings.Contains(err.Error(), organization+"/s11") {
		t.Errorf("got %v, want secret.ErrNone naming s11", err)
	}
}

func names(count int) []secret.Name {
	var all []secret.Name
	for i := range count {
		all = append(all, secret.Name{Organization: fmt.Sprintf("org%d", i%3), Name: fmt.Sprintf("s%d", i)})
	}
	return all
}

func filled(all []secret.Name) *vault {
	v := &vault{values: map[string]string{}}
	for _, name := range all {
		v.values[path(name)] = `{"value":"dummy-` + name.Name + `","hosts":["crm.example.com"]}`
	}
	return v
}

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func started(v *vault) (*params.Secrets, *clock) {
	c := &clock{at: time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)}
	return params.NewSecrets(v, "test", c.now), c
}

func TestSecretsAreReadTenACall(t *testing.T) {
	t.Parallel()
	all := names(21)
	v := filled(all)
	secrets, _ := started(v)
	got, err := secrets.Get(t.Context(), append(all, all...))
	if err != nil {
		t.Fatal(err)
	}
	want := map[secret.Name]secret.Secret{}
	for _, name := range all {
		want[name] = secret.Secret{Value: delivery.Secret("dummy-" + name.Name), Hosts: []string{"crm.example.com"}}
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b secret.Secret) bool {
		return string(a.Value) == string(b.Value) && slices.Equal(a.Hosts, b.Hosts)
	})); diff != "" {
		t.Errorf("secrets differ (-want +got):\n%s", diff)
	}
	if len(v.calls) != 3 {
		t.Errorf("%d calls, want 3", len(v.calls))
	}
}

func TestNothingIsAskedForNothing(t *testing.T) {
	t.Parallel()
	v := &vault{}
	secrets, _ := started(v)
	if got, err := secrets.Get(t.Context(), nil); err != nil || len(got) != 0 || len(v.calls) != 0 {
		t.Errorf("got %v, %v after %d calls; want nothing without a call", got, err, len(v.calls))
	}
}

func TestSecretsAreKeptForFiveMinutes(t *testing.T) {
	t.Parallel()
	all := names(2)
	v := filled(all)
	secrets, c := started(v)
	steps := []struct {
		after time.Duration
		calls int
		want  string
	}{{0, 1, "dummy-s0"}, {5*time.Minute - 1, 1, "dummy-s0"}, {1, 2, "dummy-new"}}
	for _, step := range steps {
		c.at = c.at.Add(step.after)
		got, err := secrets.Get(t.Context(), all[:1])
		if err != nil || string(got[all[0]].Value) != step.want || len(v.calls) != step.calls {
			t.Errorf("after %v: got %q, %v, %d calls; want %q, %d calls", step.after, string(got[all[0]].Value), err, len(v.calls), step.want, step.calls)
		}
		v.values[path(all[0])] = `{"value":"dummy-new"}`
	}
}

func TestAKeptSecretIsServedWhileSSMFails(t *testing.T) {
	t.Parallel()
	all := names(2)
	v := filled(all)
	secrets, c := started(v)
	if _, err := secrets.Get(t.Context(), all[:1]); err != nil {
		t.Fatal(err)
	}
	v.fault = errors.New("throttled")
	c.at = c.at.Add(time.Hour)
	got, err := secrets.Get(t.Context(), all)
	if string(got[all[0]].Value) != "dummy-s0" {
		t.Errorf("got %q, want the kept dummy-s0", string(got[all[0]].Value))
	}
	if !errors.Is(err, v.fault) || !strings.Contains(err.Error(), "org1/s1") || strings.Contains(err.Error(), "org0/s0") || errors.Is(err, secret.ErrNone) {
		t.Errorf("got error %v, want SSM's, naming org1/s1 only", err)
	}
	if _, err = secrets.Get(t.Context(), all[:1]); err != nil || len(v.calls) != 2 {
		t.Errorf("got %v after %d calls, want the kept one without a third call", err, len(v.calls))
	}
	v.fault, c.at = nil, c.at.Add(30*time.Second)
	if _, err = secrets.Get(t.Context(), all); err != nil || len(v.calls) != 3 {
		t.Errorf("got %v after %d calls, want both with a third call", err, len(v.calls))
	}
}

func TestWhatIsNoSecretIsNamedWithoutItsValue(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, value string }{
		{"missing", ""},
		{"plain text", "hush-hush"},
		{"number", `{"value":1234567}`},
		{"unknown field", `{"value":"hush-hush","hush-hush":[]}`},
		{"empty value", `{"value":"","hosts":["hush-hush"]}`},
		{"two values", `{"value":"hush-hush"}{}`},
		{"host is no list", `{"value":"hush-hush","hosts":"hush-hush"}`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			all := names(2)
			v := filled(all)
			v.values[path(all[1])] = test.value
			if test.value == "" {
				delete(v.values, path(all[1]))
			}
			secrets, c := started(v)
			got, err := secrets.Get(t.Context(), all)
			if len(got) != 1 || string(got[all[0]].Value) != "dummy-s0" {
				t.Errorf("got %d secrets, want the other one", len(got))
			}
			if !errors.Is(err, secret.ErrNone) || !strings.Contains(err.Error(), "org1/s1") {
				t.Errorf("got error %v, want secret.ErrNone naming org1/s1", err)
			}
			if err != nil && (strings.Contains(err.Error(), "hush") || strings.Contains(err.Error(), "1234567")) {
				t.Errorf("error shows the value: %v", err)
			}
			if _, again := secrets.Get(t.Context(), all); again == nil || len(v.calls) != 1 {
				t.Errorf("got %v after %d calls, want the error again without a call", again, len(v.calls))
			}
			v.values[path(all[1])], c.at = `{"value":"dummy"}`, c.at.Add(30*time.Second)
			if got, err = secrets.Get(t.Context(), all); err != nil || len(got) != 2 {
				t.Errorf("after the repair: got %d secrets, %v", len(got), err)
			}
		})
	}
}

func TestADeletedSecretIsNotServed(t *testing.T) {
	t.Parallel()
	all := names(1)
	v := filled(all)
	secrets, c := started(v)
	if _, err := secrets.Get(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	delete(v.values, path(all[0]))
	c.at = c.at.Add(5 * time.Minute)
	if got, err := secrets.Get(t.Context(), all); !errors.Is(err, secret.ErrNone) || len(got) != 0 {
		t.Errorf("got %d secrets, %v; want none and secret.ErrNone", len(got), err)
	}
}

func TestOneLockedSecretIsNotTheOthersTrouble(t *testing.T) {
	t.Parallel()
	all := names(4)
	v := filled(all)
	v.locked = []string{path(all[2])}
	secrets, _ := started(v)
	got, err := secrets.Get(t.Context(), all)
	if len(got) != 3 || err == nil || !strings.Contains(err.Error(), "org2/s2") {
		t.Errorf("got %d secrets, %v; want 3 and an error naming org2/s2", len(got), err)
	}
	v.fault = &smithy.GenericAPIError{Code: "ThrottlingException", Fault: smithy.FaultClient}
	v.calls = nil
	secrets, _ = started(v)
	if _, err = secrets.Get(t.Context(), all); err == nil || len(v.calls) != 1 {
		t.Errorf("throttled: got %v after %d calls, want an error after 1", err, len(v.calls))
	}
}

func TestConcurrentCallersShareACall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := names(1)
		v := filled(all)
		v.delay = time.Second
		secrets := params.NewSecrets(v, "test", time.Now)
		var callers sync.WaitGroup
		for range 50 {
			callers.Go(func() {
				if got, err := secrets.Get(t.Context(), all); err != nil || len(got) != 1 {
					t.Errorf("got %d secrets, %v", len(got), err)
				}
			})
		}
		callers.Wait()
		if len(v.calls) != 1 {
			t.Errorf("%d calls, want 1", len(v.calls))
		}
	})
}

func TestAWaitingCallerCanLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := names(1)
		v := filled(all)
		v.delay = time.Minute
		secrets := params.NewSecrets(v, "test", time.Now)
		go func() { _, _ = secrets.Get(t.Context(), all) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		_, err := secrets.Get(ctx, all)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) != time.Second {
			t.Errorf("got %v after %v, want the deadline after 1s", err, time.Since(begun))
		}
		time.Sleep(time.Minute)
	})
}
