package rule

import (
	"cmp"
	"slices"

	"crmhook/shared/change"
)

// Message is the entity whose records tell of e-mails.
const Message = "message"

// Set holds rules by what they wait for, so that a change costs nothing for rules that wait for something else. It never
// changes; a nil one is empty.
type Set struct {
	// byEvent are all rules but those of scores.
	byEvent map[Event][]Rule
	// scores are in order of the number to reach.
	scores []Rule
	// waits says which types of events any rule waits for.
	waits map[Type]bool
	email bool
}

// NewSet is the set of the rules that work.
func NewSet(rules []Rule) *Set {
	s := &Set{byEvent: map[Event][]Rule{}, waits: map[Type]bool{}}
	for _, r := range rules {
		if !r.Working() {
			continue
		}
		event := r.Definition.Event
		s.waits[event.Type] = true
		s.email = s.email || event.Type.email()
		if event.Type == ScoreReached {
			s.scores = append(s.scores, r)
		} else {
			s.byEvent[event] = append(s.byEvent[event], r)
		}
	}
	if len(s.waits) == 0 {
		return nil
	}
	slices.SortStableFunc(s.scores, func(a, b Rule) int { return cmp.Compare(a.Definition.Event.Score, b.Definition.Event.Score) })
	return s
}

// Concerned are the rules whose event a change is, each once; their conditions are not asked.
func (s *Set) Concerned(c change.Change) []Rule {
	switch {
	case s == nil:
	case c.Entity == change.Contact:
		return s.contact(c)
	case c.Entity == Message && s.email:
		return s.message(c)
	}
	return nil
}

// contact looks for what happened to a contact. Its deletion is that alone: it neither loses tags nor leaves a stage.
func (s *Set) contact(c change.Change) []Rule {
	switch c.Kind {
	case change.Delete:
		return s.any(ContactDeleted)
	case change.Create:
		return slices.Concat(s.any(ContactCreated), s.tags(c), s.reached(c))
	}
	return slices.Concat(s.any(ContactUpdated), s.tags(c), s.reached(c), s.funnel(c))
}

// any are the rules of a type that want no value in particular.
func (s *Set) any(t Type) []Rule { return s.byEvent[Event{Type: t}] }

// of are the rules of a type that want one of the values, or any.
func (s *Set) of(t Type, values []string) []Rule {
	if len(values) == 0 {
		return nil
	}
	rules := slices.Clone(s.any(t))
	for _, value := range values {
		if value != "" {
			rules = append(rules, s.byEvent[Event{Type: t, Value: value}]...)
		}
	}
	return rules
}

func (s *Set) tags(c change.Change) []Rule {
	if !s.waits[TagAdded] && !s.waits[TagRemoved] {
		return nil
	}
	before, after := tagsOf(c.Old), tagsOf(c.New)
	return slices.Concat(s.of(TagAdded, without(after, before)), s.of(TagRemoved, without(before, after)))
}

// reached are the rules whose number lies above the score before and not above the one after. A missing score is below
// every number.
func (s *Set) reached(c change.Change) []Rule {
	after, is := scoreOf(c.New["score"])
	if len(s.scores) == 0 || !is {
		return nil
	}
	first := 0
	if before, was := scoreOf(c.Old["score"]); was {
		first = s.above(before)
	}
	return slices.Clone(s.scores[first:max(first, s.above(after))])
}

// above is the place of the first rule whose number is greater than the score.
func (s *Set) above(score float64) int {
	place, _ := slices.BinarySearchFunc(s.scores, score, func(r Rule, score float64) int {
		if r.Definition.Event.Score <= score {
			return -1
		}
		return 1
	})
	return place
}

// funnel looks at the stage of a contact that was there before: one that is created in a stage has not changed it.
func (s *Set) funnel(c change.Change) []Rule {
	if !s.waits[FunnelChanged] {
		return nil
	}
	before, after := textOf(c.Old["funnelStage"]), textOf(c.New["funnelStage"])
	if before == after {
		return nil
	}
	return s.of(FunnelChanged, []string{after})
}

func (s *Set) message(c change.Change) []Rule {
	if textOf(c.New["channel"]) != "email" || change.CheckID(change.Contact, ContactOf(c).ID) != nil {
		return nil
	}
	var rules []Rule
	for _, name := range addedEvents(c) {
		rules = append(rules, s.any(Type(emailPrefix+name))...)
	}
	return rules
}
