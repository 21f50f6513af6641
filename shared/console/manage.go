package console

import (
	"context"

	"crmhook/shared/delivery"
	"crmhook/shared/hours"
	"crmhook/shared/job"
	"crmhook/shared/manage"
)

// Manage is what the pages are about, by the pages that need it.
type Manage interface {
	Overview
	Interfaces
	Rules
	Secrets
	Executions
	Deliveries
	Replays
	Triggers
	Aside
}

// Overview lists organizations, what is in one, and what was done there.
type Overview interface {
	Organizations(ctx context.Context, l manage.List) (manage.Page[string], error)
	Overview(ctx context.Context, organization string, l manage.List) (manage.Page[manage.Summary], error)
	Recorded(ctx context.Context, organization string, l manage.List) (manage.Page[manage.Recorded], error)
}

// Interfaces reads and writes interfaces.
type Interfaces interface {
	Interfaces(ctx context.Context, organization string, l manage.List) (manage.Page[manage.Interface], error)
	Interface(ctx context.Context, organization, name string) (manage.Interface, error)
	Fared(ctx context.Context, organization, name string) ([hours.Shown]hours.Counts, error)
	PutInterface(ctx context.Context, who manage.Who, name string, w manage.Write) (manage.Saved[manage.Interface], error)
	DeleteInterface(ctx context.Context, who manage.Who, name string, w manage.Write) error
}

// Rules reads and writes rules.
type Rules interface {
	Rules(ctx context.Context, organization string, l manage.List) (manage.Page[manage.Rule], error)
	Rule(ctx context.Context, organization, id string) (manage.Rule, error)
	PutRule(ctx context.Context, who manage.Who, id string, w manage.Write) (manage.Saved[manage.Rule], error)
	DeleteRule(ctx context.Context, who manage.Who, id string, w manage.Write) error
}

// Secrets lists secrets without their values, and writes them.
type Secrets interface {
	Secrets(ctx context.Context, organization string) ([]manage.Secret, error)
	PutSecret(ctx context.Context, who manage.Who, name string, body []byte) (created bool, err error)
	DeleteSecret(ctx context.Context, who manage.Who, name string) error
}

// Executions starts, shows and cancels executions.
type Executions interface {
	Start(ctx context.Context, who manage.Who, name string, body []byte) (manage.Started, error)
	StartFile(ctx context.Context, who manage.Who, name, schedule string, file []byte) (manage.Started, error)
	Executions(ctx context.Context, organization, name string, l manage.List) (manage.Page[manage.Execution], error)
	Execution(ctx context.Context, organization, name, id string) (manage.Execution, error)
	Cancel(ctx context.Context, who manage.Who, name, id string) error
}

// Deliveries shows deliveries and sends samples.
type Deliveries interface {
	Test(ctx context.Context, who manage.Who, name string, body []byte) (manage.Started, error)
	Deliveries(ctx context.Context, s delivery.Selection, l manage.List) (manage.Page[manage.Delivery], error)
	Delivery(ctx context.Context, organization, id string) (manage.Delivery, error)
}

// Replays replays and dismisses stopped deliveries.
type Replays interface {
	Replay(ctx context.Context, who manage.Who, id string) (manage.Started, error)
	Dismiss(ctx context.Context, who manage.Who, id string) error
	BulkMatching(ctx context.Context, who manage.Who, kind job.Kind, m job.Matching, dryRun bool) (manage.Bulk, error)
}

// Triggers shows and replays triggers.
type Triggers interface {
	Triggers(ctx context.Context, organization, status string, l manage.List) (manage.Page[manage.Trigger], error)
	Trigger(ctx context.Context, organization, id string) (manage.Trigger, error)
	ReplayTrigger(ctx context.Context, who manage.Who, id string) error
}

// Aside shows what nobody could read, has it run again, and gives it up.
type Aside interface {
	SetAside(ctx context.Context, organization string, l manage.List) (manage.Page[manage.SetAside], error)
	ReplaySetAside(ctx context.Context, who manage.Who, id string) error
	DismissSetAside(ctx context.Context, who manage.Who, id string) error
}
