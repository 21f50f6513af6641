package send

import (
	"context"
	"fmt"
	"time"

	"crmhook/shared/backlog"
	"crmhook/shared/change"
	"crmhook/shared/contact"
	"crmhook/shared/hook"
	"crmhook/shared/secret"
	"crmhook/shared/setaside"
)

// bodyBound is the most bytes of a request's body; records beyond it wait again and go in a later bucket.
const bodyBound = 5_000_000

// compose makes each claimed delivery's request. An event, or a test, brings what is sent.
func (r *round) compose(ctx context.Context, jobs []*job) error {
	events, buckets := split(jobs, (*job).event)
	for _, j := range events {
		// What does not fit the configuration can only be a fault of ours.
		j.request, j.fault = j.hook.RequestTold(j.delivery.Message)
	}
	r.unlock(ctx, events)
	return r.composeBuckets(ctx, buckets)
}

// composeBuckets reads for each bucket first the rows it still holds (rule 4), only then the records they name (rule 5),
// each in one batch for all deliveries.
func (r *round) composeBuckets(ctx context.Context, jobs []*job) error {
	if len(jobs) == 0 {
		return nil
	}
	if err := r.hold(ctx, jobs); err != nil {
		return err
	}
	var keys []change.Key
	seen := map[change.Key]bool{}
	for _, j := range jobs {
		for _, row := range j.rows {
			if key, ok := change.ParseKey(j.delivery.Organization, row.Record); ok && !seen[key] {
				seen[key] = true
				keys = append(keys, key)
			}
		}
	}
	if len(keys) == 0 {
		return nil
	}
	data, err := r.handler.Records.Data(ctx, keys)
	if err != nil {
		return err
	}
	var aside []setaside.Item
	for _, j := range jobs {
		j.compose(data, &aside, r.handler.Now())
	}
	r.unlock(ctx, jobs)
	if len(aside) == 0 {
		return nil
	}
	return r.handler.Ledger.SetAside(ctx, aside)
}

// hold reads the rows that the deliveries still hold, in the order of their records.
func (r *round) hold(ctx context.Context, jobs []*job) error {
	var refs []backlog.Ref
	for _, j := range jobs {
		for _, record := range j.delivery.Records {
			refs = append(refs, backlog.Ref{Lane: j.delivery.Lane(), Record: record})
		}
	}
	held, err := r.handler.Rows.Held(ctx, distinctRefs(refs))
	if err != nil {
		return err
	}
	rows := make(map[backlog.Ref]backlog.Row, len(held))
	for _, row := range held {
		rows[backlog.Ref{Lane: row.Lane, Record: row.Record}] = row
	}
	for _, j := range jobs {
		for _, record := range j.delivery.Records {
			if row, ok := rows[backlog.Ref{Lane: j.delivery.Lane(), Record: record}]; ok && row.Delivery == j.delivery.ID {
				j.rows = append(j.rows, row)
			}
		}
	}
	return nil
}

func distinctRefs(refs []backlog.Ref) []backlog.Ref {
	seen := make(map[backlog.Ref]bool, len(refs))
	var list []backlog.Ref
	for _, ref := range refs {
		if !seen[ref] {
			seen[ref] = true
			list = append(list, ref)
		}
	}
	return list
}

// compose chooses what is sent of the delivery's records: those that are there and pass the filter, as far as the body
// may grow. A record that cannot be written as JSON is set aside, and waits no longer.
func (j *job) compose(data map[change.Key]map[string]any, aside *[]setaside.Item, now time.Time) {
	var bodies [][]byte
	size := 2
	for _, row := range j.rows {
		key, _ := change.ParseKey(j.delivery.Organization, row.Record)
		record, there := data[key]
		if record = contact.Numbered(key.ID, record); !there || !j.hook.Matches(record) {
			continue
		}
		if j.hook.Type == hook.ContactWebhookV1 {
			j.request = j.hook.RequestV1(contact.NumberOf(key.ID, record))
			j.sent = append(j.sent, row)
			continue
		}
		body, err := contact.AppendJSON(nil, contact.Select(key.ID, record, j.hook.Details))
		if err != nil {
			*aside = append(*aside, unwritable(j, row, err, now))
			continue
		}
		if size += len(body) + 1; size > bodyBound && len(bodies) > 0 {
			size -= len(body) + 1
			j.spared = append(j.spared, row)
			continue
		}
		bodies, j.sent = append(bodies, body), append(j.sent, row)
	}
	if len(bodies) > 0 {
		j.request = j.hook.RequestV2(bodies)
	}
}

func unwritable(j *job, row backlog.Row, err error, now time.Time) setaside.Item {
	return setaside.Item{
		Organization: j.delivery.Organization, Source: setaside.Stream, ID: j.delivery.ID + "/" + row.Record, At: now, Subject: row.Record,
		Cause: "the record cannot be written as JSON, so it was not sent to " + j.delivery.Interface + ": " + err.Error(),
	}
}

// unlock puts the passwords into the requests. Where one cannot be had no attempt is made.
func (r *round) unlock(ctx context.Context, jobs []*job) {
	secrets, unread := r.secrets(ctx, jobs)
	for _, j := range jobs {
		if j.fault == nil && !j.nothing() {
			j.fault = j.unlock(secrets, unread)
		}
	}
}

// secrets reads the secrets that the deliveries' interfaces name; the error says which could not be had.
func (r *round) secrets(ctx context.Context, jobs []*job) (map[secret.Name]secret.Secret, error) {
	var names []secret.Name
	for _, j := range jobs {
		if name, ok := j.secret(); ok {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	return r.handler.Secrets.Get(ctx, names)
}

func (j *job) secret() (secret.Name, bool) {
	name := j.hook.Authentication.Secret
	return secret.Name{Organization: j.delivery.Organization, Name: name}, name != ""
}

// unlock puts the password into the request, if it may go to the receiver's host.
func (j *job) unlock(secrets map[secret.Name]secret.Secret, unread error) error {
	name, ok := j.secret()
	if !ok {
		return nil
	}
	s, ok := secrets[name]
	if !ok {
		return fmt.Errorf("secret %s: %w", name, unread)
	}
	if host := hook.HostOf(j.request.URL); !hook.SentTo(s.Hosts, host) {
		return fmt.Errorf("secret %s may not be sent to %s: add this host to the secret's hosts", name, host)
	}
	j.request.Password = s.Value
	return nil
}
