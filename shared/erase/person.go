package erase

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/directory"
	"crmhook/shared/reach"
	"crmhook/shared/record"
)

// person is what a contact is known by.
type person struct {
	contact change.Key
	// is the record as it was read.
	is record.Record
	// refs are the values that it is or was found by.
	refs []directory.Ref
}

// person reads what the contact is known by: from its record, the mark of its deletion, and the directory, which knows it
// also where neither is left.
func (e *erasure) person(ctx context.Context) (*person, error) {
	p := &person{contact: e.contact, is: record.Record{Key: e.contact}}
	found, err := e.Records.Records(ctx, []change.Key{e.contact})
	if spoilt := (interface{ Unreadable() []change.Key })(nil); err != nil && !errors.As(err, &spoilt) {
		return nil, fmt.Errorf("read the contact: %w", err)
	}
	if is, there := found[e.contact]; there {
		p.is = is
	}
	p.learn(p.is)
	entries, claims, err := e.Directory.Of(ctx, e.contact)
	if err != nil {
		return nil, fmt.Errorf("read what the contact is found by: %w", err)
	}
	p.found(entries, claims)
	return p, nil
}

// learn takes what a state of the contact is found by.
func (p *person) learn(is record.Record) {
	p.refs = append(p.refs, reach.Of(p.contact.Organization, is.Data)...)
	p.refs = distinct(p.refs)
}

// found takes what the directory has of the contact.
func (p *person) found(lists ...[]directory.Entry) {
	for _, entry := range slices.Concat(lists...) {
		p.refs = append(p.refs, entry.Ref)
	}
	p.refs = distinct(p.refs)
}

func distinct(refs []directory.Ref) []directory.Ref {
	var list []directory.Ref
	for _, ref := range refs {
		if !slices.Contains(list, ref) {
			list = append(list, ref)
		}
	}
	return list
}

// entries are all that the directory may have of the contact.
func (p *person) entries() []directory.Entry {
	list := make([]directory.Entry, len(p.refs))
	for i, ref := range p.refs {
		list[i] = directory.Entry{Ref: ref, Contact: p.contact.ID}
	}
	return list
}

// named reports whether a value in a message is what the person is known by. The name is the member's or the parameter's;
// source is the platform's SourceId, "" where none is known.
func (p *person) named(source, name, value string) bool {
	if p.numbered(name, value) {
		return true
	}
	return slices.ContainsFunc(p.refs, func(ref directory.Ref) bool {
		switch ref.Kind {
		case directory.Email:
			return mentions(value, ref.Value)
		case directory.Phone:
			return dials(value, ref.Value)
		case directory.Identifier:
			of, id, _ := strings.Cut(ref.Value, ":")
			return value == id && identifies(name, source, of)
		}
		return false
	})
}

// numberNames are the members, in lower case, whose values are contactNumbers. Elsewhere a value that is the same text may be
// anything, such as an amount.
var numberNames = []string{"contactnumber", "contact_number", "accountid", "mergedinto", "keep", "merge"}

func (p *person) numbered(name, value string) bool {
	return value == p.contact.ID && slices.Contains(numberNames, strings.ToLower(name)) || value == p.contact.String()
}

// identifies reports whether a member holds outside ids of a contact's source: any that is called an id, in a message of the
// source itself; else what a contact's identifiers have.
func identifies(name, source, of string) bool {
	name = strings.ToLower(name)
	if source == "" {
		return name == "identifier"
	}
	return source == of && (name == "identifier" || strings.HasSuffix(name, "id"))
}

// mentions reports whether a text holds an address, by itself and not as a part of another one.
func mentions(text, address string) bool {
	text = strings.ToLower(text)
	for from := 0; ; {
		at := strings.Index(text[from:], address)
		if at < 0 {
			return false
		}
		before, after := text[:from+at], text[from+at+len(address):]
		if !endsInAddress(before) && !goesOn(after) {
			return true
		}
		from += at + 1
	}
}

func endsInAddress(before string) bool {
	return before != "" && inAddress(before[len(before)-1])
}

// goesOn reports whether an address does not end here: a full stop may also be a sentence's.
func goesOn(after string) bool {
	after = strings.TrimLeft(after, ".")
	return after != "" && after[0] != '+' && after[0] != '%' && inAddress(after[0])
}

func inAddress(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("._%+-", c) >= 0 || c >= 0x80
}

// longestNumber is how long a text may be that is taken as a phone number, with what people write between its digits.
const longestNumber = 40

// dials reports whether a text is a phone number: with its country, however written, or without, as it is dialled at home; or
// whether a longer text holds it as the directory does.
func dials(text, number string) bool {
	whole := strings.TrimPrefix(number, "+")
	if len(text) > longestNumber {
		at := strings.Index(text, number)
		return at >= 0 && !startsWithDigit(text[at+len(number):])
	}
	digits := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case strings.ContainsRune(" +().-/\u00a0", r):
			return -1
		}
		return 'x'
	}, text)
	if digits = strings.TrimPrefix(digits, "00"); digits == whole {
		return true
	}
	home := strings.TrimPrefix(digits, "0")
	return home != digits && len(home) >= 8 && strings.HasSuffix(whole, home) && len(whole)-len(home) <= 3
}

func startsWithDigit(text string) bool { return text != "" && text[0] >= '0' && text[0] <= '9' }
