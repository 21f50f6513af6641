package console

import "net/http"

// conflictPage is what two people wrote of one thing: what is stored now, and what was to be. Save takes it as JSON, Leave
// leads to it as it is.
type conflictPage struct {
	Name, ETag, Theirs, Mine string
	Save, Leave              string
}

// conflict shows what is written now beside what was to be.
func (v *visit) conflict(name string, mine []byte) error {
	is, err := v.theInterface("general", "json")
	if err != nil {
		return err
	}
	return v.showConflict(conflictPage{
		Name: name, ETag: is.ETag, Theirs: pretty(is.Written), Mine: pretty(mine),
		Save:  v.link(nil, v.organization, "interfaces", name, "json"),
		Leave: v.link(nil, v.organization, "interfaces", name),
	})
}

func (v *visit) showConflict(p conflictPage) error {
	return v.show(http.StatusPreconditionFailed, "conflict", "Somebody saved "+p.Name+" before you", p)
}
