package manage

import (
	"context"
	"fmt"

	"crmhook/shared/audit"
	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// Secrets lists all secrets by name, with what is known of them. Their values are known to nobody here.
func (h *Handler) Secrets(ctx context.Context, organization string) ([]Secret, error) {
	facts, err := h.Kept.Facts(ctx, organization)
	if err != nil {
		return nil, fmt.Errorf("read secrets: %w", err)
	}
	secrets := []Secret{}
	for _, fact := range facts {
		if fact.Kind == parameter.Secret {
			secrets = append(secrets, Secret{Name: fact.Name, Hosts: append([]string{}, fact.Hosts...), Faults: append(fault.List{}, fact.Faults...)})
		}
	}
	return secrets, nil
}

func writingSecret(who Who, name string) writing {
	return writing{
		who: who, path: parameter.Path{Organization: who.Organization, Kind: parameter.Secret, Name: name},
		put: audit.PutSecret, delete: audit.DeleteSecret, secure: true,
	}
}

// PutSecret writes a secret, {"value":"…","hosts":["crm.example.com"]}, whether it is there or not, and has what names it
// checked again. Nothing of the body is in what it answers or logs. Senders use the new value within minutes. Refusals: 400,
// 409, 413, 422, 429, and 503 where it is written but not live yet.
func (h *Handler) PutSecret(ctx context.Context, who Who, name string, body []byte) (created bool, err error) {
	return h.write(ctx, writingSecret(who, name), Write{Body: body}, func(context.Context) error { return nil })
}

// DeleteSecret deletes a secret, and has what names it checked again. Refusals: 404, 409, 429, and 503 where it is deleted
// but still live.
func (h *Handler) DeleteSecret(ctx context.Context, who Who, name string) error {
	return h.remove(ctx, writingSecret(who, name), Write{})
}
