package replay

import (
	"crmhook/shared/backlog"
	"crmhook/shared/delivery"
	"crmhook/shared/hook"
)

// recordsAtOnce bounds what is done before the next deliveries end, and so what a crash, or a function's deadline, has done
// in vain.
const recordsAtOnce = 2_000

// candidate is a delivery to end, the interface that it is for, and its place in the answer.
type candidate struct {
	was delivery.Delivery
	is  hook.Interface
	at  int
}

// group is deliveries of one lane that end together, with their distinct records: at most recordsAtOnce, unless there is only
// one delivery.
type group struct {
	lane    backlog.Lane
	is      hook.Interface
	list    []candidate
	records map[string]bool
}

// groups are deliveries by the lane that they are for now, in the order that they came.
func groups(list []candidate) []*group {
	var all []*group
	last := map[backlog.Lane]*group{}
	for _, c := range list {
		lane := c.is.Lane()
		g := last[lane]
		if g == nil || !g.add(c) {
			g = &group{lane: lane, is: c.is, records: map[string]bool{}}
			g.add(c)
			all, last[lane] = append(all, g), g
		}
	}
	return all
}

// add takes a delivery in and reports whether there is room for it.
func (g *group) add(c candidate) bool {
	more := 0
	for _, record := range c.was.Records {
		if !g.records[record] {
			more++
		}
	}
	if len(g.list) > 0 && len(g.records)+more > recordsAtOnce {
		return false
	}
	g.list = append(g.list, c)
	for _, record := range c.was.Records {
		g.records[record] = true
	}
	return true
}
