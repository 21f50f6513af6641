package stage

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/trigger"
)

// DeliveryOf is the delivery's id in a webhook-id header, which ends in eight digits of what was sent.
func DeliveryOf(webhookID string) string {
	if i := strings.LastIndexByte(webhookID, '-'); i >= 0 {
		return webhookID[:i]
	}
	return webhookID
}

// Delivery is a delivery's item in the ledger, and its attempts after the first, as they are kept; nil when there is none.
func (s *Stage) Delivery(ctx context.Context, organization, id string) (delivery map[string]any, attempts []map[string]any, err error) {
	items, err := s.items(ctx, s.LedgerTable, organization+"#delivery#"+id)
	if err != nil {
		return nil, nil, err
	}
	for _, item := range items {
		if item["sk"] == "delivery" {
			delivery = item
		}
		if sk, _ := item["sk"].(string); strings.HasPrefix(sk, "attempt#") {
			attempts = append(attempts, item)
		}
	}
	return delivery, attempts, nil
}

// Trigger is a trigger's entry in the ledger as it is kept; nil when there is none.
func (s *Stage) Trigger(ctx context.Context, organization, id string) (map[string]any, error) {
	at, ok := trigger.Time(id)
	if !ok {
		return nil, fmt.Errorf("read trigger: %q is no trigger's id", id)
	}
	items, err := s.items(ctx, s.LedgerTable, organization+"#triggers#"+at.Format(time.DateOnly))
	for _, item := range items {
		if item["sk"] == id {
			return item, err
		}
	}
	return nil, err
}

// SetAside is what the ledger has set aside for an organization.
func (s *Stage) SetAside(ctx context.Context, organization string) ([]map[string]any, error) {
	return s.items(ctx, s.LedgerTable, organization+"#setaside")
}

// items reads all items under a pk, sorted by sk.
func (s *Stage) items(ctx context.Context, table, pk string) ([]map[string]any, error) {
	pages := dynamodb.NewQueryPaginator(s.DB, &dynamodb.QueryInput{
		TableName: &table, ConsistentRead: aws.Bool(true), KeyConditionExpression: aws.String("pk = :pk"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":pk": &types.AttributeValueMemberS{Value: pk}},
	})
	var items []map[string]any
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", pk, err)
		}
		for _, item := range page.Items {
			data, err := attribute.Data(item)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", pk, err)
			}
			items = append(items, data)
		}
	}
	return items, nil
}

// Mail is one e-mail in the emulator's box.
type Mail struct {
	Source   string
	To       []string
	Subject  string
	BodyText string
}

// Mails reads the emulator's box, oldest first; in AWS there is none.
func (s *Stage) Mails(ctx context.Context) ([]Mail, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Endpoint+"/_ministack/ses/messages", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("read mails: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	var box struct {
		Messages map[string][]Mail `json:"messages"`
	}
	if err := json.NewDecoder(response.Body).Decode(&box); err != nil {
		return nil, fmt.Errorf("read mails: %w", err)
	}
	var mails []Mail
	for _, account := range box.Messages {
		mails = append(mails, account...)
	}
	return mails, nil
}
