package document

import (
	"bytes"
	"maps"
)

// Merge is what a merge patch (RFC 7396) makes of target: null removes a member, an object merges into the member,
// anything else replaces it. It changes neither argument; what it answers shares values with both.
func Merge(target, patch map[string]any) map[string]any {
	merged := make(map[string]any, len(target)+len(patch))
	maps.Copy(merged, target)
	for name, change := range patch {
		switch c := change.(type) {
		case nil:
			delete(merged, name)
		case map[string]any:
			// A member that is no object is as none: the patch's own nulls must not be kept.
			inner, _ := merged[name].(map[string]any)
			merged[name] = Merge(inner, c)
		default:
			merged[name] = change
		}
	}
	return merged
}

// Clone is a copy that shares nothing that can change.
func Clone(value any) any {
	switch v := value.(type) {
	case []any:
		if v == nil {
			return v
		}
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = Clone(item)
		}
		return list
	case map[string]any:
		if v == nil {
			return v
		}
		object := make(map[string]any, len(v))
		for name, item := range v {
			object[name] = Clone(item)
		}
		return object
	case []byte:
		return bytes.Clone(v)
	}
	return value
}
