package apply

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/crm"
	"crmhook/shared/directory"
	"crmhook/shared/platform"
	"crmhook/shared/record"
)

// sought is one person of the plan on the way to being found.
type sought struct {
	platform.Person
	// lookups are those that the source allows.
	lookups  []platform.Lookup
	contacts []record.Record
	// claims are the values that nobody was found by.
	claims []directory.Claim
	// gone are contacts that were found and have been deleted.
	gone []record.Record
	// made says that this try has made the contact.
	made bool
}

// people finds everybody whom the trigger concerns and returns the changes to them and to the records that are theirs.
// Waiting says that somebody was not found who may still come to be; nothing is written of those yet.
func (j *job) people(ctx context.Context) (changes []crm.Change, waiting bool, err error) {
	list, err := j.find(ctx)
	if err != nil {
		return nil, false, err
	}
	for i, s := range list {
		if j.overtaken(s) {
			continue
		}
		if len(s.contacts) == 0 && s.Create {
			if err := j.create(ctx, s); err != nil {
				return nil, false, err
			}
		}
		if len(s.contacts) == 0 && len(s.lookups) > 0 && !s.Optional && j.young() {
			waiting = true
			continue
		}
		number, list := j.changesOf(s)
		if changes = append(changes, list...); i == 0 {
			j.first = number
		}
	}
	return changes, waiting, nil
}

// overtaken reports whether the trigger tells a state of somebody who was deleted by a later one: an older update does not
// bring a contact back.
func (j *job) overtaken(s *sought) bool {
	if !s.Ordered || len(s.contacts) > 0 {
		return false
	}
	source, state := j.clock()
	return slices.ContainsFunc(s.gone, func(is record.Record) bool { return is.Older(source, state) })
}

// young reports whether somebody who is not found is worth waiting for.
func (j *job) young() bool {
	return j.age() < patience && j.message.Receives < j.handler.MaxReceives
}

// find looks everybody up: the first lookups of all together, then the second ones of those who were not found, and so on.
func (j *job) find(ctx context.Context) ([]*sought, error) {
	list := make([]*sought, len(j.plan.People))
	most := 0
	for i, person := range j.plan.People {
		list[i] = &sought{Person: person}
		for _, lookup := range person.Find {
			if !lookup.IfMatching || j.source.MatchByEmail {
				list[i].lookups = append(list[i].lookups, lookup)
			}
		}
		most = max(most, len(list[i].lookups))
	}
	for n := range most {
		if err := j.lookUp(ctx, list, n); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (j *job) lookUp(ctx context.Context, list []*sought, n int) error {
	var refs []directory.Ref
	var numbers []change.Key
	for _, s := range list {
		if len(s.contacts) > 0 || n >= len(s.lookups) {
			continue
		}
		if lookup := s.lookups[n]; lookup.Number != "" {
			numbers = append(numbers, j.contact(lookup.Number))
		} else {
			refs = append(refs, j.ref(lookup))
		}
	}
	matches, err := j.handler.CRM.Find(ctx, refs)
	if err != nil {
		return err
	}
	byNumber, err := j.handler.CRM.Read(ctx, numbers)
	if err != nil {
		return err
	}
	for _, s := range list {
		if len(s.contacts) > 0 || n >= len(s.lookups) {
			continue
		}
		lookup := s.lookups[n]
		if lookup.Number != "" {
			if is := byNumber[j.contact(lookup.Number)]; is.Exists() {
				s.contacts = []record.Record{is}
			}
			continue
		}
		match := matches[j.ref(lookup)]
		if lookup.IfMatching && len(match.Contacts) > 1 {
			continue // An address that several share names nobody.
		}
		s.contacts, s.gone = match.Contacts, append(s.gone, match.Gone...)
		s.claims = append(s.claims, directory.Claim{Entry: directory.Entry{Ref: j.ref(lookup)}, Over: match.Stale})
	}
	return nil
}

func (j *job) ref(lookup platform.Lookup) directory.Ref {
	return directory.Ref{Organization: j.trigger.Organization, Kind: lookup.Kind, Value: lookup.Value}
}

func (j *job) contact(number string) change.Key {
	return change.Key{Organization: j.trigger.Organization, Entity: change.Contact, ID: number}
}

// creations is how often somebody is looked for again because another trigger was making the same contact.
const creations = 5

// create makes the contact that was not found, or finds the one that another trigger made meanwhile.
func (j *job) create(ctx context.Context, s *sought) error {
	for try := range creations {
		if try > 0 {
			*s = sought{Person: s.Person, lookups: s.lookups}
			for n := range s.lookups {
				if err := j.lookUp(ctx, []*sought{s}, n); err != nil {
					return err
				}
			}
			if len(s.contacts) > 0 {
				return nil
			}
		}
		is, done, err := j.make(ctx, s, try)
		if err != nil {
			return err
		}
		if done {
			s.contacts, s.made = []record.Record{is}, true
			j.concerned(is.String())
			return nil
		}
	}
	return fmt.Errorf("create contact: others make contacts for the same person all the time")
}

// make makes the contact under a number that the same trigger makes again, so that a try after a crash makes no second one.
func (j *job) make(ctx context.Context, s *sought, try int) (record.Record, bool, error) {
	number := crm.NumberFrom(j.trigger.Organization, j.trigger.ID, fmt.Sprint(s.lookups), strconv.Itoa(try))
	data := map[string]any{}
	if s.Change != nil {
		data = s.Change(nil)
	}
	data["contactNumber"] = number
	platform.Place(j.trigger, data, false)
	for i := range s.claims {
		s.claims[i].Contact = number
	}
	n := crm.NewContact{Organization: j.trigger.Organization, Number: number, Data: data, Origin: j.trigger.Origin(), Claims: s.claims}
	if s.Ordered {
		n.Source, n.State = j.clock()
	}
	is, done, err := j.handler.CRM.Create(ctx, n)
	j.wrote = j.wrote || done
	// Where nobody could be looked for and the number is taken, an earlier try of this trigger made the contact.
	return is, done || err == nil && len(s.lookups) == 0, err
}

// changesOf are the changes to a person who was found, or not, and to the records that are theirs.
func (j *job) changesOf(s *sought) (number string, changes []crm.Change) {
	switch {
	case len(s.contacts) == 1:
		number = s.contacts[0].ID
	case len(s.contacts) > 1 && !s.All:
		j.unmatched = append(j.unmatched, "several contacts match "+s.kinds())
	case len(s.contacts) == 0 && len(s.lookups) > 0 && !s.Optional:
		j.unmatched = append(j.unmatched, "no contact matches "+s.kinds())
	}
	if s.Change != nil && !s.made && (number != "" || s.All) {
		for _, is := range s.contacts {
			changes = append(changes, j.contactChange(s, is))
		}
	}
	return number, append(changes, j.writes(s.Writes, number)...)
}

// kinds names what somebody was looked for by, without the values, which are personal.
func (s *sought) kinds() string {
	var kinds []string
	for _, lookup := range s.lookups {
		if kind := string(lookup.Kind); kind != "" {
			kinds = append(kinds, kind)
		} else {
			kinds = append(kinds, "contactNumber")
		}
	}
	return strings.Join(kinds, ", ")
}

func (j *job) contactChange(s *sought, is record.Record) crm.Change {
	c := crm.Change{Key: is.Key, Origin: j.trigger.Origin()}
	if s.Ordered {
		c.Source, c.State = j.clock()
	}
	c.Apply = func(now record.Record) (map[string]any, error) {
		if !now.Exists() {
			return nil, nil // It went after it was found: there is nobody to change.
		}
		data := s.Change(now.Data)
		platform.Place(j.trigger, data, true)
		return data, nil
	}
	return c
}
