// Package attribute turns DynamoDB attribute values into plain Go data (string, json.Number, bool, nil, []any,
// map[string]any) and back. It must not know what the values mean nor where they are kept.
package attribute

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// maxDepth is DynamoDB's own limit of nested lists and maps.
const maxDepth = 32

// Data turns an item, or a map inside one, into Go data. Sets become sorted arrays and binary values base64 text, since
// JSON has neither. Numbers keep all their digits. What DynamoDB could not hold is an error that names its path.
func Data(item map[string]types.AttributeValue) (map[string]any, error) {
	return dataMap(item, "", 0)
}

func dataMap(from map[string]types.AttributeValue, path string, depth int) (map[string]any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: nested deeper than %d levels", path, maxDepth)
	}
	to := make(map[string]any, len(from))
	for name, v := range from {
		value, err := data(v, join(path, name), depth)
		if err != nil {
			return nil, err
		}
		to[name] = value
	}
	return to, nil
}

func dataList(from []types.AttributeValue, path string, depth int) ([]any, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: nested deeper than %d levels", path, maxDepth)
	}
	to := make([]any, len(from))
	for i, v := range from {
		value, err := data(v, fmt.Sprintf("%s[%d]", path, i), depth)
		if err != nil {
			return nil, err
		}
		to[i] = value
	}
	return to, nil
}

func data(from types.AttributeValue, path string, depth int) (any, error) {
	switch v := from.(type) {
	case *types.AttributeValueMemberS:
		return v.Value, nil
	case *types.AttributeValueMemberN:
		return dataNumber(v.Value, path)
	case *types.AttributeValueMemberBOOL:
		return v.Value, nil
	case *types.AttributeValueMemberNULL:
		return nil, nil
	case *types.AttributeValueMemberM:
		return dataMap(v.Value, path, depth+1)
	case *types.AttributeValueMemberL:
		return dataList(v.Value, path, depth+1)
	case *types.AttributeValueMemberB:
		return base64.StdEncoding.EncodeToString(v.Value), nil
	case *types.AttributeValueMemberSS:
		return dataSet(slices.Sorted(slices.Values(v.Value))), nil
	case *types.AttributeValueMemberNS:
		return dataNumbers(v.Value, path)
	case *types.AttributeValueMemberBS:
		texts := make([]string, len(v.Value))
		for i, b := range v.Value {
			texts[i] = base64.StdEncoding.EncodeToString(b)
		}
		return dataSet(slices.Sorted(slices.Values(texts))), nil
	default:
		return nil, fmt.Errorf("%s: unknown DynamoDB type %T", path, from)
	}
}

func dataSet(texts []string) []any {
	to := make([]any, len(texts))
	for i, s := range texts {
		to[i] = s
	}
	return to
}

func dataNumber(text, path string) (json.Number, error) {
	n, ok := number(text)
	if !ok {
		return "", fmt.Errorf("%s: %.40q is not a number", path, text)
	}
	return n, nil
}

func dataNumbers(texts []string, path string) ([]any, error) {
	numbers := make([]json.Number, len(texts))
	for i, s := range texts {
		n, err := dataNumber(s, path)
		if err != nil {
			return nil, err
		}
		numbers[i] = n
	}
	slices.SortFunc(numbers, compare)
	to := make([]any, len(numbers))
	for i, n := range numbers {
		to[i] = n
	}
	return to, nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
