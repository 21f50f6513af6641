// Package notice words what people are told about an interface that fails: a warning while deliveries are still retried,
// and the stop when one is given up. It must not know how mail is sent.
package notice

import (
	"fmt"
	"strings"
	"time"
	"unicode"

	"crmhook/shared/delivery"
)

// Kind is what people are told.
type Kind string

// Warning: a delivery has failed as often as the interface says before people are warned. Stopped: one was given up.
const (
	Warning Kind = "warning"
	Stopped Kind = "stopped"
)

// Every is the least time between two mails of one kind about one interface; what comes in between is mailed as a digest.
const Every = time.Hour

// Bounds of a mail: how much of an answer it quotes, in characters; how many records of a delivery and how many
// deliveries of a digest it names.
const (
	AnswerQuoted   = 200
	RecordsNamed   = 20
	DeliveriesTold = 100
)

// Notice is one thing to tell. It travels through the stopped queue to the one function that sends mail.
type Notice struct {
	Kind         Kind   `json:"notice"`
	Organization string `json:"organization"`
	Interface    string `json:"interface"`
	// Digest asks for what has gathered since the last mail; the fields below are then empty.
	Digest bool `json:"digest,omitempty"`
	// Delivery and its records, at most RecordsNamed of Count.
	Delivery string   `json:"delivery,omitempty"`
	Records  []string `json:"records,omitempty"`
	Count    int      `json:"count,omitempty"`
	// Attempts made, and what came of the last.
	Attempts int            `json:"attempts,omitempty"`
	Status   int            `json:"status,omitempty"`
	Error    delivery.Cause `json:"error,omitempty"`
	Answer   string         `json:"answer,omitempty"`
	At       time.Time      `json:"at,omitzero"`
}

// Of is the notice about a delivery and its last attempt (nil where none is known).
func Of(kind Kind, d delivery.Delivery, last *delivery.Attempt, at time.Time) Notice {
	n := Notice{
		Kind: kind, Organization: d.Organization, Interface: d.Interface, Delivery: d.ID, Records: d.Records[:min(len(d.Records), RecordsNamed)],
		Count: len(d.Records), Attempts: d.Attempts, Status: d.LastStatus, Error: d.LastError, At: at,
	}
	if last != nil {
		n.Status, n.Error, n.Answer = last.Status, last.Error, printable(last.Answer)
	}
	return n
}

// printable keeps the first 200 characters of an answer that can be shown in a line of plain text.
func printable(answer string) string {
	var b strings.Builder
	kept := 0
	for _, r := range answer {
		if kept++; kept > AnswerQuoted {
			break
		}
		if !unicode.IsPrint(r) {
			r = ' '
		}
		b.WriteRune(r)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// Subject is the mail's subject: [crmhook] warning: organization/interface.
func Subject(kind Kind, organization, name string) string {
	return fmt.Sprintf("[crmhook] %s: %s/%s", kind, organization, name)
}

// Text is the mail's text about one or more deliveries of one interface; more counts those that are not listed.
func Text(kind Kind, organization, name string, notices []Notice) string {
	var b strings.Builder
	switch kind {
	case Warning:
		fmt.Fprintf(&b, "Deliveries of the interface %s/%s keep failing. They are retried; what is retried too often is stopped.\n", organization, name)
	default:
		fmt.Fprintf(&b, "Deliveries of the interface %s/%s were given up after their last attempt. They are kept in the ledger until they are replayed or dismissed.\n", organization, name)
	}
	for i, n := range notices {
		if i == DeliveriesTold {
			fmt.Fprintf(&b, "\n… and %d more deliveries.\n", len(notices)-i)
			break
		}
		n.line(&b)
	}
	return b.String()
}

func (n Notice) line(b *strings.Builder) {
	fmt.Fprintf(b, "\nDelivery %s, %s\n  records: %s", n.Delivery, n.At.UTC().Format(time.RFC3339), strings.Join(n.Records, ", "))
	if rest := n.Count - len(n.Records); rest > 0 {
		fmt.Fprintf(b, " and %d more", rest)
	}
	fmt.Fprintf(b, "\n  attempts: %d\n  last: %s\n", n.Attempts, n.outcome())
	if n.Answer != "" {
		fmt.Fprintf(b, "  answer: %s\n", n.Answer)
	}
}

func (n Notice) outcome() string {
	switch {
	case n.Status != 0:
		return fmt.Sprintf("HTTP status %d", n.Status)
	case n.Error != "":
		return "no answer (" + string(n.Error) + ")"
	default:
		return "no attempt ended"
	}
}
