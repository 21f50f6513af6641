package table

import (
	"fmt"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/attribute"
	"crmhook/shared/record"
)

// asRead is what a record's item had when it was read: the condition of its next write. Another program may change the data
// and leave the version.
type asRead struct{ data, version types.AttributeValue }

// field is an attribute of an item and the value that it is to have; nil: none.
type field struct {
	name  string
	value types.AttributeValue
}

// recordFields is what a record's item is to have, but for its key. Data that is as it was read is left out.
func recordFields(w record.Write) ([]field, error) {
	fields := []field{
		{"origin", text(w.Now.Origin)},
		{"updatedAt", text(w.Now.UpdatedAt.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano))},
		{"version", number(w.Now.Version)},
		{"states", states(w.Now.States)},
		{"deleted", nil},
		{"expires", nil},
		{"erased", nil},
	}
	if w.Now.Deleted {
		fields[4].value, fields[5].value = flag(true), expiry(w.Now.Expires)
		if w.Now.Erased {
			fields[6].value = flag(true)
		}
	}
	was, there := w.Was.Read.(asRead)
	if there && reflect.DeepEqual(w.Was.Data, w.Now.Data) {
		return fields, nil
	}
	data, err := newData(w, was)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", w.Now.Key, err)
	}
	return append(fields, field{"data", data}), nil
}

// newData is the record's data. What another program has written in DynamoDB's own types, such as a set, stays so while its
// value does.
func newData(w record.Write, was asRead) (types.AttributeValue, error) {
	if w.Now.Data == nil {
		return nil, nil
	}
	values, err := attribute.Values(w.Now.Data)
	if err != nil {
		return nil, err
	}
	if before, ok := was.data.(*types.AttributeValueMemberM); ok {
		for name, value := range w.Now.Data {
			if raw, had := before.Value[name]; had && reflect.DeepEqual(value, w.Was.Data[name]) {
				values[name] = raw
			}
		}
	}
	return &types.AttributeValueMemberM{Value: values}, nil
}

// recordItem is the item of a record that is not there yet.
func recordItem(w record.Write) (Item, error) {
	fields, err := recordFields(w)
	if err != nil {
		return nil, err
	}
	item := recordKey(w.Now.Key)
	for _, f := range fields {
		if f.value != nil {
			item[f.name] = f.value
		}
	}
	return item, nil
}

// states are kept as a map of source to the two times in milliseconds; nil if there are none.
func states(of map[string]record.State) types.AttributeValue {
	if len(of) == 0 {
		return nil
	}
	values := make(Item, len(of))
	for source, state := range of {
		values[source] = &types.AttributeValueMemberM{Value: Item{"at": instant(state.At), "door": instant(state.Door)}}
	}
	return &types.AttributeValueMemberM{Value: values}
}

func statesOf(item Item) map[string]record.State {
	values, ok := item["states"].(*types.AttributeValueMemberM)
	if !ok || len(values.Value) == 0 {
		return nil
	}
	of := make(map[string]record.State, len(values.Value))
	for source, value := range values.Value {
		if state, ok := value.(*types.AttributeValueMemberM); ok {
			of[source] = record.State{At: instantOf(state.Value, "at"), Door: instantOf(state.Value, "door")}
		}
	}
	return of
}

// moment reads an RFC 3339 time; the zero time where it is none.
func moment(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}
