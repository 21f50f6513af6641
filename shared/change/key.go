package change

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Contact is the entity whose records contact webhooks send; its id is the contactNumber.
const Contact = "contact"

// Most characters of a record's id, and of a contactNumber.
const (
	MaxID            = 128
	MaxContactNumber = 20
)

var (
	organizationPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)
	entityPattern       = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)
)

// ValidOrganization reports whether name can be an organization's: [a-z0-9][a-z0-9-]{0,62}.
func ValidOrganization(name string) bool { return organizationPattern.MatchString(name) }

// ValidEntity reports whether name can be an entity's: [a-z][a-z0-9_]{0,31}.
func ValidEntity(name string) bool { return entityPattern.MatchString(name) }

// CheckID says what is wrong with a record's id, nil if nothing: it must be 1 to MaxID characters, a contact's 1 to
// MaxContactNumber.
func CheckID(entity, id string) error {
	most := MaxID
	if entity == Contact {
		most = MaxContactNumber
	}
	if n := utf8.RuneCountInString(id); n == 0 || n > most {
		return fmt.Errorf("the id of a %s must have 1 to %d characters, this one has %d", entity, most, n)
	}
	return nil
}

// itemKey reads a records item's pk ("<organization>#<entity>") and sk (the id). Of a key that is wrong it returns the
// parts that are right, so that what is set aside can still be found by them.
func itemKey(keys map[string]any) (Key, error) {
	pk, ok := keys["pk"].(string)
	if !ok {
		return Key{}, errors.New("pk must be text, <organization>#<entity>")
	}
	organization, entity, _ := strings.Cut(pk, "#")
	if !ValidOrganization(organization) {
		return Key{}, fmt.Errorf("pk must be <organization>#<entity>, the organization matching %s; found %.100q", trim(organizationPattern), pk)
	}
	if !ValidEntity(entity) {
		return Key{Organization: organization}, fmt.Errorf("pk must be <organization>#<entity>, the entity matching %s; found %.100q", trim(entityPattern), pk)
	}
	id, ok := keys["sk"].(string)
	if !ok {
		return Key{Organization: organization}, errors.New("sk must be text, the record's id")
	}
	key := Key{Organization: organization, Entity: entity, ID: id}
	if err := CheckID(entity, id); err != nil {
		return key, fmt.Errorf("sk: %w", err)
	}
	return key, nil
}

func trim(p *regexp.Regexp) string { return strings.Trim(p.String(), "^$") }
