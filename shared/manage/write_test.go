package manage_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/smithy-go"

	"crmhook/shared/configure"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/manage"
	"crmhook/shared/parameter"
	"crmhook/shared/refusal"
)

// TestTwoWriters has several write the same state of an interface at once: one wins, the others are told.
func TestTwoWriters(t *testing.T) {
	t.Parallel()
	for name, there := range map[string]bool{"replacing": true, "creating": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 20 {
				c := newConfigured(t)
				h := c.handler()
				w := manage.Write{Body: []byte(otherText), IfNoneMatch: []string{"*"}}
				version := "1 "
				if there {
					first, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
					if err != nil {
						t.Fatal(err)
					}
					w, version = matching(otherText, first.Is.ETag), "2 "
					c.pass(time.Second)
				}
				statuses := make([]int, 4)
				var all sync.WaitGroup
				for i := range statuses {
					all.Go(func() {
						statuses[i] = http.StatusOK
						if _, err := h.PutInterface(t.Context(), anna, "crm", w); err != nil {
							statuses[i] = refusedAs(err)
						}
					})
				}
				all.Wait()
				slices.Sort(statuses)
				if statuses[0] != 200 || slices.ContainsFunc(statuses[1:], func(s int) bool { return s != 409 && s != 412 }) {
					t.Fatalf("answers %v, want one 200, and 409 or 412 else", statuses)
				}
				if got := c.stored(crm); got != version+otherText {
					t.Fatalf("stored %s, want version %s", got, version)
				}
			}
		})
	}
}

func refusedAs(err error) int {
	if r := refusal.Of(err); r != nil {
		return r.Status
	}
	return http.StatusInternalServerError
}

func TestALockedInterface(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	if _, err := c.table.Lock(t.Context(), crm, "another", c.now, c.now.Add(30*time.Second)); err != nil {
		t.Fatal(err)
	}
	_, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
	if r := refusedWith(t, err, http.StatusConflict); r.RetryAfter <= 0 {
		t.Errorf("retry after %v, want a while", r.RetryAfter)
	}
	refusedWith(t, h.DeleteInterface(t.Context(), anna, "crm", manage.Write{}), http.StatusConflict)
	if len(c.table.Locked()) != 1 || c.stored(crm) != "" || len(c.trail.said()) != 0 {
		t.Errorf("locked %v, stored %q, audit %v; want the other's lock alone", c.table.Locked(), c.stored(crm), c.trail.said())
	}
	if _, err := h.PutInterface(t.Context(), anna, "other", body(plainText)); err != nil {
		t.Errorf("another interface: %v", err)
	}
	c.pass(30 * time.Second)
	if _, err := h.PutInterface(t.Context(), anna, "crm", body(plainText)); err != nil {
		t.Errorf("after the lock has lapsed: %v", err)
	}
}

// TestParameterStoreRefuses has Parameter Store refuse, with words that quote the text.
func TestParameterStoreRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		operation, code string
		status          int
	}{
		{"PutParameter", "ThrottlingException", 429},
		{"PutParameter", "TooManyUpdates", 429},
		{"PutParameter", "ValidationException", 422},
		{"PutParameter", "HierarchyTypeMismatchException", 409},
		{"PutParameter", "InternalServerError", 500},
		{"DescribeParameters", "ThrottlingException", 429},
		{"DescribeParameters", "InternalServerError", 500},
	} {
		c := newConfigured(t)
		c.write(pass, passText)
		c.sweep()
		c.store.Before = func(operation string, _ int) error {
			if operation == test.operation {
				message := ""
				if operation == "PutParameter" {
					message = "Value 'not-a-real-password-2' is wrong"
				}
				return &smithy.GenericAPIError{Code: test.code, Message: message}
			}
			return nil
		}
		_, err := c.handler().PutSecret(t.Context(), anna, "pass", []byte(`{"value":"not-a-real-password-2"}`))
		if got := refusedAs(err); got != test.status || strings.Contains(err.Error(), "not-a-real") {
			t.Errorf("%s says %s: error %v, want %d and no word of the secret", test.operation, test.code, err, test.status)
		}
		if r := refusal.Of(err); test.status == 429 && r.RetryAfter <= 0 {
			t.Errorf("retry after %v, want a while", r.RetryAfter)
		}
		if strings.Contains(c.log.String(), "not-a-real") || len(c.table.Locked()) != 0 {
			t.Errorf("log %s, locked %v; want no secret and no lock", c.log.String(), c.table.Locked())
		}
	}
}

func TestThrottledReadsAndDeletions(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"GetParameters", "DeleteParameter"} {
		c := newConfigured(t)
		c.write(crm, plainText)
		c.sweep()
		c.store.Before = func(called string, _ int) error {
			if called == operation {
				return &smithy.GenericAPIError{Code: "ThrottlingException"}
			}
			return nil
		}
		refusedWith(t, c.handler().DeleteInterface(t.Context(), anna, "crm", manage.Write{}), http.StatusTooManyRequests)
		if c.kept("crm").Generation == "" {
			t.Errorf("%s: the interface is gone", operation)
		}
	}
}

// TestTypesStay has parameters of the other type, which only go by being deleted.
func TestTypesStay(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	for path, kind := range map[parameter.Path]types.ParameterType{crm: types.ParameterTypeSecureString, pass: types.ParameterTypeString} {
		_, err := c.store.PutParameter(t.Context(), &ssm.PutParameterInput{Name: aws.String(path.Full("dev")), Value: aws.String("{}"), Type: kind})
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
	refusedWith(t, err, http.StatusConflict, "SecureString", "delete it")
	_, err = h.PutSecret(t.Context(), anna, "pass", []byte(passText))
	refusedWith(t, err, http.StatusConflict, "SecureString", "delete it")
	if len(c.trail.said()) != 0 {
		t.Errorf("audit %v, want none", c.trail.said())
	}
	is, err := h.Interface(t.Context(), "demo", "crm")
	if err != nil || is.State != hook.Invalid || is.Configuration != nil {
		t.Errorf("read %+v, error %v; want it invalid, without what it holds", is, err)
	}
	if err := h.DeleteInterface(t.Context(), anna, "crm", manage.Write{}); err != nil {
		t.Error(err)
	}
	if err := h.DeleteSecret(t.Context(), anna, "pass"); err != nil {
		t.Error(err)
	}
	if _, err := h.PutInterface(t.Context(), anna, "crm", body(plainText)); err != nil {
		t.Error(err)
	}
	if created, err := h.PutSecret(t.Context(), anna, "pass", []byte(passText)); err != nil || !created {
		t.Errorf("created %v, error %v", created, err)
	}
}

// TestAnotherRunIsAtWork has a sweep work in the same parameter at each call of the run that a write makes.
func TestAnotherRunIsAtWork(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{false, true} {
		for _, method := range []string{"ByName", "Record", "Facts", "SaveInterfaces", "SaveStamps"} {
			c := newConfigured(t)
			if there {
				c.write(crm, plainText)
				c.sweep()
				c.pass(time.Second)
			}
			h := c.handler()
			h.Writer = after{h.Writer, func() {
				c.table.Before = func(called string) {
					if called == method {
						c.table.Before = nil
						c.sweep()
					}
				}
			}}
			saved, err := h.PutInterface(t.Context(), anna, "crm", body(otherText))
			if err != nil || saved.Is.State != hook.Active || c.kept("crm").Text != otherText {
				t.Errorf("there %v, a sweep at %s: %+v, error %v; want it live", there, method, saved.Is, err)
			}
			c.table.Before = nil
			c.sweep()
			if is := c.kept("crm"); !is.Working() || is.Text != otherText {
				t.Errorf("there %v, a sweep at %s: then kept %+v, want it live", there, method, is)
			}
		}
	}
}

// TestAnotherRunHasBegun has another run announce the interface and die, just before the write's own run does.
func TestAnotherRunHasBegun(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	c.table.Before = func(called string) {
		if called != "Record" {
			return
		}
		c.table.Before = nil
		done, err := c.table.Record(t.Context(), []parameter.Seen{{Name: crm.Full("dev"), Revision: "another"}}, []string{""})
		if err != nil || !done[0] {
			t.Errorf("announced %v, error %v", done, err)
		}
	}
	saved, err := c.handler().PutInterface(t.Context(), anna, "crm", body(plainText))
	if err != nil || saved.Is.State != hook.Active || c.table.Before != nil {
		t.Errorf("%+v, error %v; want it live", saved.Is, err)
	}
}

// after does something once a parameter was written.
type after struct {
	manage.Writer
	do func()
}

func (a after) Put(ctx context.Context, name, text string, secure bool) (parameter.Parameter, error) {
	p, err := a.Writer.Put(ctx, name, text, secure)
	a.do()
	return p, err
}

// late is a configure that has no time for what it is asked, or fails at it.
type late struct {
	manage.Configure
	err error
}

func (l late) Check(context.Context, parameter.Path, string, bool) (fault.List, error) {
	return nil, nil
}

func (l late) Run(context.Context, configure.Event) error { return l.err }

func TestWrittenButNotLive(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	h := c.handler()
	h.Configure = late{}
	_, err := h.PutInterface(t.Context(), anna, "crm", body(plainText))
	if r := refusedWith(t, err, http.StatusServiceUnavailable, "it is written"); r.RetryAfter != time.Minute {
		t.Errorf("retry after %v, want a minute", r.RetryAfter)
	}
	trouble := errors.New("no table")
	h.Configure = late{err: trouble}
	if _, err = h.PutRule(t.Context(), anna, "vip", body(ruleText)); !errors.Is(err, trouble) {
		t.Errorf("error %v, want our own trouble", err)
	}
	c.sweep()
	if !c.kept("crm").Working() || c.stored(vip) == "" || len(c.table.Locked()) != 0 {
		t.Errorf("kept %+v, rule %q, locked %v; want both there, and no lock", c.kept("crm"), c.stored(vip), c.table.Locked())
	}
}

// TestTheCallerIsGone has the caller leave in the midst of a write: the lock is let go of.
func TestTheCallerIsGone(t *testing.T) {
	t.Parallel()
	c := newConfigured(t)
	ctx, leave := context.WithCancel(t.Context())
	c.store.Before = func(string, int) error {
		leave()
		return nil
	}
	if _, err := c.handler().PutInterface(ctx, anna, "crm", body(plainText)); err == nil {
		t.Error("no error")
	}
	if len(c.table.Locked()) != 0 {
		t.Errorf("locked %v, want no lock", c.table.Locked())
	}
}
