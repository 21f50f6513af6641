package table

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
)

// The lists of deliveries are indexes of the ledger, of keys only. Each has a hash of its own, which only those items carry
// that are in it, and sorts by `created`, which never changes:
//
//	byInterface      ofInterface    organization#interface#shard            every delivery
//	byRecord         ofRecord       organization#entity/id                  every delivery, of several records by items beside it
//	byOpen           open           organization#status                     what Delivery.Listed names
//	byOpenInterface  openInterface  organization#interface#status           the same
//
// An index shows a write a moment later, so what is listed is read from the table and looked at again.
const (
	byInterface      = "byInterface"
	byRecord         = "byRecord"
	byOpen           = "byOpen"
	byOpenInterface  = "byOpenInterface"
	ofInterface      = "ofInterface"
	ofRecord         = "ofRecord"
	openAttribute    = "open"
	openInterface    = "openInterface"
	createdAttribute = "created"
)

// createdOf is a delivery's place in the lists: its time in milliseconds, 13 digits, and its id.
func createdOf(d delivery.Delivery) string { return digits(d.CreatedAt) + "#" + d.ID }

// digits are a time's milliseconds so that they sort as text; a time before 1970 or after 2286 is the nearest that can be told.
func digits(at time.Time) string {
	return fmt.Sprintf("%013d", min(max(at.UnixMilli(), 0), 9_999_999_999_999))
}

// A list has as many shards as a lane: one index's key takes 1,000 writes a second, as a table's does.
func interfaceShard(organization, name string, shard int) string {
	return organization + "#" + name + "#" + strconv.Itoa(shard)
}

func recordList(organization, record string) string { return organization + "#" + record }

func openList(organization string, status delivery.Status) string {
	return organization + "#" + string(status)
}

func openInterfaceList(organization, name string, status delivery.Status) string {
	return organization + "#" + name + "#" + string(status)
}

// recordSK is the sort key of what lies beside a delivery of several records so that the n-th, from 0, finds it.
func recordSK(n int) string { return fmt.Sprintf(recordsSK+"%04d", n) }

const recordsSK = "record#"

// list adds what puts a new delivery into its lists.
func (s *statement) list(d delivery.Delivery) {
	s.text += ",'created':?,'ofInterface':?"
	s.add(text(createdOf(d)), text(interfaceShard(d.Organization, d.Interface, backlog.Shard(d.ID))))
	if len(d.Records) == 1 {
		s.text += ",'ofRecord':?"
		s.add(text(recordList(d.Organization, d.Records[0])))
	}
	if status := d.Listed(); status != "" {
		s.text += ",'open':?,'openInterface':?"
		s.add(text(openList(d.Organization, status)), text(openInterfaceList(d.Organization, d.Interface, status)))
	}
}

// relist adds what puts a delivery into the lists of its status, or takes it out of them. An index is written only if it
// shows something else then.
func (s *statement) relist(u delivery.Update) {
	if status := u.Now.Listed(); status != "" {
		s.set(`"open"`, text(openList(u.Was.Organization, status)), true)
		s.set(openInterface, text(openInterfaceList(u.Was.Organization, u.Was.Interface, status)), true)
		return
	}
	s.text += ` REMOVE "open" REMOVE openInterface`
}

// ListRecords lets each record of a delivery of several find it: an item a record, 25 a call, which the ledger forgets when
// the delivery expires, or delivery.LedgerTime after it was made where that is not known yet. It is written before the
// delivery is opened, and again changes nothing. Deliveries must be distinct; those of one record need none.
func (l Ledger) ListRecords(ctx context.Context, deliveries []delivery.Delivery) error {
	var writes []types.WriteRequest
	for _, d := range deliveries {
		if len(d.Records) < 2 {
			continue
		}
		expires := d.Expires
		if expires.IsZero() {
			expires = d.CreatedAt.Add(delivery.LedgerTime)
		}
		for n, record := range d.Records {
			item := key(deliveryPK(d.Organization, d.ID), recordSK(n))
			item[ofRecord], item[createdAttribute], item["expires"] = text(recordList(d.Organization, record)), text(createdOf(d)), expiry(expires)
			writes = append(writes, put(item))
		}
	}
	if err := l.writeAll(ctx, writes); err != nil {
		return fmt.Errorf("list records: %w", err)
	}
	return nil
}
