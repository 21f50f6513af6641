package records

import (
	"crmhook/shared/change"
	"crmhook/shared/page"
)

// cursor is where the page after a record begins, for callers to hand back as it is.
func cursor(last change.Key) string {
	return page.Cursor(listed(last.Organization, last.Entity), last.ID)
}

// readCursor is the id that a cursor of this list stands for; false for any other text.
func readCursor(organization, entity, text string) (after string, ok bool) {
	return page.Position(listed(organization, entity), text)
}

func listed(organization, entity string) []string { return []string{"records", organization, entity} }
