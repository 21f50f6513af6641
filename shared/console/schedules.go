package console

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"crmhook/shared/fault"
)

// schedulesPage lists the schedules as they are written.
type schedulesPage struct {
	interfacePage
	Schedules []scheduleRow
	// Unshowable says that the configuration cannot be shown in forms.
	Unshowable bool
}

// scheduleRow is a schedule on one line.
type scheduleRow struct {
	Index                                     int
	Name, Launch, Frequency, Start, End, Zone string
	Batch, Bucket, Identifiers                string
	Faults                                    fault.List
}

func (s *site) schedules(v *visit) error {
	is, err := v.theInterface("schedules", "")
	if err != nil {
		return err
	}
	p := schedulesPage{interfacePage: is}
	written, ok := schedulesOf(is.Written)
	p.Unshowable = !ok
	for i, raw := range written {
		p.Schedules = append(p.Schedules, rowOf(i, raw, is.Faults))
	}
	return v.show(http.StatusOK, "schedules", is.Name+": schedules", p)
}

// schedulesOf are the schedules that a configuration holds; false where no form can show them.
func schedulesOf(text []byte) ([]json.RawMessage, bool) {
	d, ok := readDocument(text)
	if !ok {
		return nil, false
	}
	raw := d.get([]string{"schedules"})
	if raw == nil || string(raw) == "null" {
		return nil, true
	}
	return items(raw)
}

func prefixOf(i int) string { return fmt.Sprintf("schedules[%d].", i) }

func rowOf(i int, raw json.RawMessage, faults fault.List) scheduleRow {
	d, ok := readDocument(raw)
	if !ok {
		d = newDocument()
	}
	row := scheduleRow{Index: i}
	prefix := strings.TrimSuffix(prefixOf(i), ".")
	for _, found := range faults {
		if strings.HasPrefix(found.Location, prefix) {
			row.Faults = append(row.Faults, found)
		}
	}
	before, after := scheduleForm("")
	shown := map[string]string{}
	for _, f := range slices.Concat(before, after) {
		if shown[f.Name] = f.read(d); shown[f.Name] == "" {
			shown[f.Name] = f.Default
		}
	}
	row.Name, row.Launch, row.Frequency, row.Zone = shown["name"], shown["launch"], shown["frequencyMinutes"], shown["timeZone"]
	row.Batch, row.Bucket, row.Identifiers = shown["batchSize"], shown["bucketSize"], shown["identifiers"]
	row.Start, row.End = dateOf("start", d).Words(), dateOf("end", d).Words()
	return row
}
