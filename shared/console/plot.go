package console

import (
	"fmt"
	"strings"
	"time"

	"crmhook/shared/hours"
)

// The plot's measures, in its own units: a bar for each hour, the height of the highest, and what stands between two kinds
// of one bar, so that it is not colour alone that tells them apart.
const (
	barWidth   = 4
	barStep    = 5
	barGap     = 1
	plotHeight = 28
)

// plot is what became of deliveries in the last hours: bars drawn one upon the other, each kind as one path, with the sums.
type plot struct {
	Sum                        hours.Counts
	Delivered, Failed, Stopped string
	Width, Height              int
	Empty                      bool
	// Failing says that the last two hours delivered nothing and failed at something.
	Failing bool
	// Spots are the hours in which anything was, with what is to be said of each.
	Spots []spot
}

// spot is a place over an hour's bar.
type spot struct {
	X     int
	Title string
}

// plotOf draws counts, the last hour, which is under way, at the right. A count that is not none is at least one unit high.
func plotOf(counts [hours.Shown]hours.Counts, now time.Time) plot {
	p := plot{Width: hours.Shown*barStep - (barStep - barWidth), Height: plotHeight}
	highest := 0
	for _, c := range counts {
		p.Sum.Add(c)
		highest = max(highest, c.Delivered+c.Failed+c.Stopped)
	}
	p.Empty = highest == 0
	late := counts[hours.Shown-1]
	late.Add(counts[hours.Shown-2])
	p.Failing = late.Delivered == 0 && late.Failed+late.Stopped > 0
	var delivered, failed, stopped strings.Builder
	for i, at := range hours.Last(now) {
		c := counts[i]
		y := plotHeight
		y = bar(&stopped, i, y, c.Stopped, highest)
		y = bar(&failed, i, y, c.Failed, highest)
		bar(&delivered, i, y, c.Delivered, highest)
		if c != (hours.Counts{}) {
			p.Spots = append(p.Spots, spot{i * barStep, hourText(at, c)})
		}
	}
	p.Delivered, p.Failed, p.Stopped = delivered.String(), failed.String(), stopped.String()
	return p
}

// bar draws one kind's part of an hour upward from y and answers where the next begins.
func bar(path *strings.Builder, i, y, n, highest int) int {
	if n == 0 {
		return y
	}
	height := max(1, n*(plotHeight-2-2*barGap)/highest)
	fmt.Fprintf(path, "M%d %dv-%dh%dv%dz", i*barStep, y, height, barWidth, height)
	return y - height - barGap
}

// hourText says what was in an hour.
func hourText(at time.Time, c hours.Counts) string {
	var parts []string
	for _, part := range []struct {
		n    int
		what string
	}{{c.Delivered, " delivered"}, {c.Failed, " failed"}, {c.Stopped, " stopped"}} {
		if part.n > 0 {
			parts = append(parts, count(part.n)+part.what)
		}
	}
	return at.Format("15:04") + "–" + at.Add(time.Hour).Format("15:04") + " UTC: " + strings.Join(parts, ", ")
}
