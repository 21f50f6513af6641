package params

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"crmhook/shared/secret"
)

// SecretReader is what SSM does for Secrets.
type SecretReader interface {
	GetParameters(context.Context, *ssm.GetParametersInput, ...func(*ssm.Options)) (*ssm.GetParametersOutput, error)
}

const (
	// secretsKept is how long a secret is served without asking SSM again.
	secretsKept = 5 * time.Minute
	// secretsWait is how long what could not be had is not asked for again: a missing secret, and one that is served
	// from the cache because SSM failed.
	secretsWait = 30 * time.Second
	// secretsPerCall is the most names of a GetParameters.
	secretsPerCall = 10
)

// Secrets reads secrets' values from /crmhook/{stage}/organizations/{organization}/secrets/{name}, SecureStrings that
// hold {"value":"…","hosts":["…"]}, and keeps them for minutes. Make it with NewSecrets; it is safe for concurrent use.
type Secrets struct {
	reader SecretReader
	stage  string
	now    func() time.Time
	// flight lets one caller at a time ask SSM; the others then find what it brought.
	flight chan struct{}

	mu   sync.Mutex
	kept map[secret.Name]keptSecret
}

// keptSecret is a secret or the fault in its place, to be asked for again from the given time.
type keptSecret struct {
	is    secret.Secret
	fault error
	again time.Time
}

// NewSecrets returns an empty cache over the reader for the stage's secrets.
func NewSecrets(reader SecretReader, stage string, now func() time.Time) *Secrets {
	return &Secrets{reader: reader, stage: stage, now: now, flight: make(chan struct{}, 1), kept: map[secret.Name]keptSecret{}}
}

// Get returns the secrets that can be had and an error that names each of the others: secret.ErrNone, or what SSM said. A
// secret read before is served when SSM fails, however old it is. No error holds a value.
func (s *Secrets) Get(ctx context.Context, names []secret.Name) (map[secret.Name]secret.Secret, error) {
	if len(s.due(names)) == 0 {
		return s.found(names, nil)
	}
	select {
	case s.flight <- struct{}{}:
		defer func() { <-s.flight }()
	case <-ctx.Done():
		return s.found(names, fmt.Errorf("wait for secrets: %w", ctx.Err()))
	}
	return s.found(names, s.fetch(ctx, s.due(names)))
}

// due are the names that SSM must be asked for, each once.
func (s *Secrets) due(names []secret.Name) []secret.Name {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []secret.Name
	for _, name := range names {
		if kept, ok := s.kept[name]; (!ok || !s.now().Before(kept.again)) && !slices.Contains(due, name) {
			due = append(due, name)
		}
	}
	return due
}

// found collects what is kept. A name that nothing is kept of could not be read, because of fault.
func (s *Secrets) found(names []secret.Name, fault error) (map[secret.Name]secret.Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	secrets, faults, unread := map[secret.Name]secret.Secret{}, []error(nil), []string(nil)
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			continue
		}
		switch kept, ok := s.kept[name]; {
		case !ok:
			unread = append(unread, name.String())
		case kept.fault != nil:
			faults = append(faults, kept.fault)
		default:
			secrets[name] = kept.is
		}
	}
	if len(unread) > 0 {
		faults = append(faults, fmt.Errorf("read secrets %s: %w", strings.Join(unread, ", "), fault))
	}
	return secrets, errors.Join(faults...)
}

// fetch asks for the names in as many calls as they need; what one call cannot have does not keep others from theirs.
func (s *Secrets) fetch(ctx context.Context, names []secret.Name) error {
	var faults []error
	for some := range slices.Chunk(names, secretsPerCall) {
		err := s.call(ctx, some)
		if err != nil && len(some) > 1 && ofOneName(err) {
			err = s.fetchEach(ctx, some)
		}
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

func (s *Secrets) fetchEach(ctx context.Context, names []secret.Name) error {
	var faults []error
	for _, name := range names {
		faults = append(faults, s.call(ctx, []secret.Name{name}))
	}
	return errors.Join(faults...)
}

// ofOneName reports whether one of the names may be what SSM refused a call for, as where a secret is encrypted with a
// key of its organization that is not open to us. Then each is asked for alone, so that one organization's key is not
// another's trouble.
func ofOneName(err error) bool {
	var api smithy.APIError
	throttled := retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}.IsErrorThrottle(err)
	return errors.As(err, &api) && api.ErrorFault() != smithy.FaultServer && throttled != aws.TrueTernary
}

func (s *Secrets) call(ctx context.Context, names []secret.Name) error {
	paths := make([]string, len(names))
	for i, name := range names {
		paths[i] = s.path(name)
	}
	out, err := s.reader.GetParameters(ctx, &ssm.GetParametersInput{Names: paths, WithDecryption: aws.Bool(true)})
	if err != nil {
		s.postpone(names)
		return err
	}
	values := map[string]string{}
	for _, parameter := range out.Parameters {
		values[aws.ToString(parameter.Name)] = aws.ToString(parameter.Value)
	}
	s.keep(names, values)
	return nil
}

func (s *Secrets) path(name secret.Name) string {
	return "/crmhook/" + s.stage + "/organizations/" + name.Organization + "/secrets/" + name.Name
}

// postpone keeps what was read before a little longer.
func (s *Secrets) postpone(names []secret.Name) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		if kept, ok := s.kept[name]; ok {
			kept.again = s.now().Add(secretsWait)
			s.kept[name] = kept
		}
	}
}

// keep takes SSM's answer: a secret that it does not have any more is not served from the cache.
func (s *Secrets) keep(names []secret.Name, values map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range names {
		value, ok := values[s.path(name)]
		read, err := parseSecret(value)
		switch {
		case !ok:
			err = fmt.Errorf("secret %s: %w: parameter %s does not exist", name, secret.ErrNone, s.path(name))
		case err != nil:
			err = fmt.Errorf("secret %s: %w: parameter %s %w", name, secret.ErrNone, s.path(name), err)
		}
		again := s.now().Add(secretsKept)
		if err != nil {
			again = s.now().Add(secretsWait)
		}
		s.kept[name] = keptSecret{is: read, fault: err, again: again}
	}
}

// errSecretText stands for the decoder's own words, which may quote the value.
var errSecretText = errors.New(`must hold {"value":"…","hosts":["…"]} with a value that is not empty`)

func parseSecret(text string) (secret.Secret, error) {
	var read secret.Secret
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&read); err != nil || read.Value == "" || decoder.More() {
		return secret.Secret{}, errSecretText
	}
	return read, nil
}
