package console

import (
	"fmt"
	"strings"

	"crmhook/shared/hours"
)

// The plot's measures, in its own units: a bar for each hour, and the height of the highest.
const (
	barWidth   = 4
	barStep    = 5
	plotHeight = 28
)

// plot is what became of deliveries in the last hours: bars drawn one upon the other, each kind as one path, with the sums.
type plot struct {
	Sum                        hours.Counts
	Delivered, Failed, Stopped string
	Width, Height              int
	Empty                      bool
}

// plotOf draws counts, the last hour at the right. A count that is not none is at least one unit high.
func plotOf(counts [hours.Shown]hours.Counts) plot {
	p := plot{Width: hours.Shown*barStep - (barStep - barWidth), Height: plotHeight}
	highest := 0
	for _, c := range counts {
		p.Sum.Add(c)
		highest = max(highest, c.Delivered+c.Failed+c.Stopped)
	}
	p.Empty = highest == 0
	var delivered, failed, stopped strings.Builder
	for i, c := range counts {
		y := plotHeight
		y = bar(&stopped, i, y, c.Stopped, highest)
		y = bar(&failed, i, y, c.Failed, highest)
		bar(&delivered, i, y, c.Delivered, highest)
	}
	p.Delivered, p.Failed, p.Stopped = delivered.String(), failed.String(), stopped.String()
	return p
}

// bar draws one kind's part of an hour upward from y and answers where it ends.
func bar(path *strings.Builder, i, y, n, highest int) int {
	if n == 0 {
		return y
	}
	height := max(1, n*(plotHeight-2)/highest)
	fmt.Fprintf(path, "M%d %dv-%dh%dv%dz", i*barStep, y, height, barWidth, height)
	return y - height
}
