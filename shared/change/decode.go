package change

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"time"
)

// Decode says which change an event is. It returns false for a write that changes no record: the same data again, the
// removal of a record that was marked deleted before, an update of one that stays deleted. Where a record was erased
// (Erased) that had been deleted before, or that never was there, it also returns false, with its last state in Old as far
// as there was one: nobody is told, but what is kept by that state must go.
//
// A records item has pk ("<organization>#<entity>"), sk (the id) and data (a map); ours also have origin, updatedAt,
// version, and after a delete deleted, expires and, without data, erased. Anything else cannot be understood: the error says
// what was expected, and the Change then holds as much of the key as could be read.
func Decode(e Event) (Change, bool, error) {
	if e.Unreadable != nil && !erased(e.New) {
		key, _ := itemKey(e.Keys)
		return Change{Key: key}, false, fmt.Errorf("the item cannot be read: %w", e.Unreadable)
	}
	key, err := itemKey(e.Keys)
	if err != nil {
		return Change{Key: key}, false, err
	}
	c := Change{Key: key, Origin: OriginAPI, Sequence: e.Sequence, At: e.At}
	if e.New != nil && versionRose(e.Old, e.New) {
		sign(&c, e.New)
	}
	if erased(e.New) {
		return c.erase(e.Old), exists(e.Old), nil
	}
	changed, err := c.compare(e.Old, e.New)
	return c, changed, err
}

// erase is the change to a record that was erased. What was there before may be anything: it is gone.
func (c Change) erase(old map[string]any) Change {
	c.Kind, c.Erased = Delete, true
	c.Old, _ = old["data"].(map[string]any)
	return c
}

// erased reports whether an image is the mark of a record that was erased, without any data.
func erased(item map[string]any) bool {
	is, _ := item["erased"].(bool)
	return is && !exists(item) && item["data"] == nil
}

// compare finds the kind and the data. A delete of ours is an update that marks the item, since the stream's own removal
// event cannot say who removed it; so the mark is the delete, and the later removal nothing.
func (c *Change) compare(old, new map[string]any) (bool, error) {
	switch before, after := exists(old), exists(new); {
	case old == nil && new == nil:
		return false, errors.New("neither an old nor a new image; the stream's view type must be NEW_AND_OLD_IMAGES")
	case !before && !after:
		return false, nil
	case !after:
		c.Kind = Delete
		return true, c.read(&c.Old, "the old image", old)
	case !before:
		c.Kind = Create
		return true, c.read(&c.New, "the new image", new)
	default:
		return c.edit(old, new)
	}
}

// edit compares two states. An old image that was no record, which was set aside when it was written, counts as none: its
// repair makes the record.
func (c *Change) edit(old, new map[string]any) (bool, error) {
	if err := c.read(&c.New, "the new image", new); err != nil {
		return false, err
	}
	if c.read(&c.Old, "the old image", old) != nil {
		c.Kind = Create
		return true, nil
	}
	c.Kind = Edit
	return !reflect.DeepEqual(c.Old, c.New), nil
}

func (c *Change) read(into *map[string]any, which string, item map[string]any) error {
	switch data := item["data"].(type) {
	case map[string]any:
		*into = data
		return nil
	case nil:
		return fmt.Errorf("%s of %s has no data; expected a map with the record", which, c.Key)
	default:
		return fmt.Errorf("data in %s of %s must be a map with the record; found %s", which, c.Key, describe(data))
	}
}

// exists reports whether an image is a record that is not marked deleted.
func exists(item map[string]any) bool {
	deleted, _ := item["deleted"].(bool)
	return item != nil && !deleted
}

// versionRose reports whether the write is one of ours: only those raise the version. Any other program may leave an
// earlier write's origin in place, so that origin is then not its own.
func versionRose(old, new map[string]any) bool {
	after, ok := version(new)
	if !ok {
		return false
	}
	before, ok := version(old)
	return !ok || after > before
}

func version(item map[string]any) (int64, bool) {
	n, ok := item["version"].(json.Number)
	if !ok {
		return 0, false
	}
	v, err := strconv.ParseInt(string(n), 10, 64)
	return v, err == nil
}

// sign takes origin and time from a write of ours.
func sign(c *Change, item map[string]any) {
	if origin, ok := item["origin"].(string); ok && origin != "" {
		c.Origin = origin
	}
	text, _ := item["updatedAt"].(string)
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		c.At = at
	}
}

func describe(v any) string {
	switch v.(type) {
	case string:
		return "text"
	case json.Number:
		return "a number"
	case bool:
		return "true or false"
	case []any:
		return "a list"
	default:
		return fmt.Sprintf("%T", v)
	}
}
