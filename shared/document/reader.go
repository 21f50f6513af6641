package document

import (
	"fmt"

	"crmhook/shared/fault"
)

// Reader reads the fields of one object and notes every fault on the way, so that a handler reads all it needs and then
// asks once for Faults. A field that is missing or null reads as the zero value; so do all fields of an object that is
// itself missing. Of a field of another type the fault says what was expected and found. Readers of one document share
// their faults; a document is read by one goroutine. The zero Reader is one of nothing: it has no fields and no faults.
type Reader struct {
	fields map[string]any
	path   string
	found  *findings
}

type findings struct{ faults fault.List }

// Read starts reading a document, which must be an object.
func Read(value any) Reader {
	r := Reader{found: &findings{}}
	return r.child(value, "")
}

// ReadEach starts reading a document that is a list of objects, or one object that stands for a list of it alone. The
// faults are those of all readers.
func ReadEach(value any) (items []Reader, faults func() fault.List) {
	r := Reader{found: &findings{}}
	list, ok := value.([]any)
	if !ok {
		return []Reader{r.child(value, "")}, r.Faults
	}
	return r.items(list, ""), r.Faults
}

// Faults are those noted so far, by any reader of the document, nil when there are none.
func (r Reader) Faults() fault.List {
	if r.found == nil {
		return nil
	}
	return r.found.faults
}

// Given reports whether there is an object to read: the document's root, or a member that was not missing.
func (r Reader) Given() bool { return r.fields != nil }

// Fields are the object's members as they are, nil when it is missing. They are not to be changed.
func (r Reader) Fields() map[string]any { return r.fields }

// Need notes a fault for each of the fields that is missing, null or an empty string. Nothing is needed of an object
// that is itself missing.
func (r Reader) Need(names ...string) Reader {
	for _, name := range names {
		if value := r.fields[name]; r.Given() && (value == nil || value == "") {
			r.Fault(name, "must be given")
		}
	}
	return r
}

// Has reports whether a field is there and not null.
func (r Reader) Has(name string) bool { return r.fields[name] != nil }

// Value is a field as it is.
func (r Reader) Value(name string) any { return r.fields[name] }

// Path is a field's JSON path from the document's root.
func (r Reader) Path(name string) string { return memberPath(r.path, name) }

// Fault notes what is wrong with a field, showing its value where that is short.
func (r Reader) Fault(name, format string, args ...any) {
	r.fault(r.Path(name), r.fields[name], format, args...)
}

func (r Reader) fault(path string, value any, format string, args ...any) {
	if r.found == nil {
		return
	}
	switch n := len(r.found.faults); {
	case n < MaxFaults:
		r.found.faults.AddValue(path, shown(value), format, args...)
	case n == MaxFaults:
		r.found.faults.Add("", "has more than %d faults: the rest is not shown", MaxFaults)
	}
}

// wrong notes that a field is not what was expected, naming its type.
func (r Reader) wrong(name, want string) {
	r.Fault(name, "must be %s, found %s", want, kindOf(r.fields[name]))
}

// child reads a value that must be an object.
func (r Reader) child(value any, path string) Reader {
	fields, ok := value.(map[string]any)
	if !ok {
		r.fault(path, value, "must be an object, found %s", kindOf(value))
	} else if fields == nil {
		fields = map[string]any{}
	}
	return Reader{fields: fields, path: path, found: r.found}
}

func (r Reader) items(list []any, path string) []Reader {
	items := make([]Reader, 0, len(list))
	for i, item := range list {
		if child := r.child(item, itemPath(path, i)); child.Given() {
			items = append(items, child)
		}
	}
	return items
}

// String tells where the reader stands, not what is there.
func (r Reader) String() string { return fmt.Sprintf("document at %q", r.path) }
