package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// parameter is named below /crmhook/{stage}/.
type parameter struct {
	name, value string
	kind        types.ParameterType
}

func parameters() []parameter {
	return []parameter{
		{"settings/allowedNetworks", "127.0.0.0/8", types.ParameterTypeString},
		{"settings/mailFrom", sender, types.ParameterTypeString},
		{"customers/Demo/Main", "demo", types.ParameterTypeString},
		{"organizations/demo/secrets/shopify", `{"value":"not-a-real-secret"}`, types.ParameterTypeSecureString},
		{
			"organizations/demo/sources/Shopify", `{"verify":"shopify","secrets":["shopify"],"shopDomains":["demo.myshopify.com"],"matchByEmail":true}`,
			types.ParameterTypeString,
		},
	}
}

// key is a key of the organization demo, or an operator's, which has no origin. Its name is the parameter's.
type key struct {
	name, token string
	Hash        string   `json:"sha256"`
	Scopes      []string `json:"scopes"`
	Origin      string   `json:"origin,omitempty"`
}

type store struct {
	client *ssm.Client
	stage  string
}

func (s store) path(name string) *string { return aws.String("/crmhook/" + s.stage + "/" + name) }

// putOnce leaves what is there.
func (s store) putOnce(ctx context.Context, list []parameter) error {
	for _, p := range list {
		_, err := s.client.PutParameter(ctx, &ssm.PutParameterInput{Name: s.path(p.name), Value: &p.value, Type: p.kind})
		var exists *types.ParameterAlreadyExists
		if err != nil && !errors.As(err, &exists) {
			return fmt.Errorf("put %s: %w", p.name, err)
		}
	}
	return nil
}

// putKeys writes the keys whose tokens are not those that are there.
func (s store) putKeys(ctx context.Context, keys []key) error {
	for _, k := range keys {
		if k.token == "" {
			return fmt.Errorf("key %s: its token is missing: scripts/up gives it", k.name)
		}
		sum := sha256.Sum256([]byte(k.token))
		k.Hash = hex.EncodeToString(sum[:])
		if err := s.putKey(ctx, s.path(k.name), k); err != nil {
			return fmt.Errorf("key %s: %w", k.name, err)
		}
	}
	return nil
}

func (s store) putKey(ctx context.Context, name *string, k key) error {
	var there key
	found, err := s.client.GetParameter(ctx, &ssm.GetParameterInput{Name: name})
	var missing *types.ParameterNotFound
	switch {
	case err == nil:
		if json.Unmarshal([]byte(aws.ToString(found.Parameter.Value)), &there) == nil && there.Hash == k.Hash {
			return nil
		}
	case !errors.As(err, &missing):
		return fmt.Errorf("read: %w", err)
	}
	text, err := json.Marshal(k)
	if err != nil {
		return err
	}
	_, err = s.client.PutParameter(ctx, &ssm.PutParameterInput{
		Name: name, Value: aws.String(string(text)), Type: types.ParameterTypeString, Overwrite: aws.Bool(true),
	})
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
