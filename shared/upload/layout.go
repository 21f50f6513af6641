package upload

import (
	"fmt"
	"strings"
)

// layout says where the numbers stand. The zero value is a text of one number a line.
type layout struct {
	// separator of the columns; 0: there is one column.
	separator byte
	// column holds the numbers, from 0.
	column int
	// header says that the first line that is not empty holds names.
	header bool
}

// separators are those that programs write; a text of one number a line holds none of them.
const separators = ";,\t"

// layoutOf finds the layout by the first line that is not empty; why says that its numbers cannot be found.
func layoutOf(r reader) (l layout, why string) {
	r.skip()
	columns := false
	for i := range len(separators) {
		names := r.names(separators[i])
		found, filled := 0, 0
		for n, name := range names {
			if name != "" {
				filled++
			}
			if strings.EqualFold(name, Column) {
				l, found = layout{separators[i], n, true}, found+1
			}
		}
		columns = columns || filled > 1
		switch {
		case found == 1 && len(names) == 1:
			return layout{header: true}, ""
		case found == 1:
			return l, ""
		case found > 1:
			return l, fmt.Sprintf("line %d names the column %s %d times: keep one of them", r.line, Column, found)
		}
	}
	if columns {
		return l, fmt.Sprintf("line %d has several columns and none is named %s: write a first line that names them, as in contactNumber;name", r.line, Column)
	}
	return layout{}, ""
}

// skip goes to the first line that is not empty.
func (r *reader) skip() {
	for !r.done() {
		ahead := *r
		if c, _ := ahead.cell(0); c.quoted || strings.TrimSpace(c.value) != "" {
			return
		}
		*r = ahead
	}
}

// names are the cells of the line that the reader is at; none where a quote is not closed.
func (r reader) names(separator byte) []string {
	var names []string
	for more := true; more; {
		var c cell
		c, more = r.cell(separator)
		names = append(names, strings.TrimSpace(c.value))
	}
	if r.unclosed > 0 {
		return nil
	}
	return names
}
