package attribute

import (
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Values turns Go data into DynamoDB's attribute values. Besides the types that Data makes it takes int, int64, float64
// and []string. What DynamoDB cannot hold (a number of more than 38 digits, text that is not UTF-8, more than 32 levels,
// another Go type) is an error that names its path.
func Values(data map[string]any) (map[string]types.AttributeValue, error) {
	return valueMap(data, "", 0)
}

func valueMap(from map[string]any, path string, depth int) (map[string]types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: nested deeper than %d levels", path, maxDepth)
	}
	to := make(map[string]types.AttributeValue, len(from))
	for name, v := range from {
		if !utf8.ValidString(name) {
			return nil, fmt.Errorf("%s: the name %q is not UTF-8", path, name)
		}
		value, err := valueOf(v, join(path, name), depth)
		if err != nil {
			return nil, err
		}
		to[name] = value
	}
	return to, nil
}

func valueList[T any](from []T, path string, depth int) (types.AttributeValue, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s: nested deeper than %d levels", path, maxDepth)
	}
	to := make([]types.AttributeValue, len(from))
	for i, v := range from {
		value, err := valueOf(v, fmt.Sprintf("%s[%d]", path, i), depth)
		if err != nil {
			return nil, err
		}
		to[i] = value
	}
	return &types.AttributeValueMemberL{Value: to}, nil
}

func valueOf(from any, path string, depth int) (types.AttributeValue, error) {
	switch v := from.(type) {
	case nil:
		return &types.AttributeValueMemberNULL{Value: true}, nil
	case string:
		if !utf8.ValidString(v) {
			return nil, fmt.Errorf("%s: the text is not UTF-8", path)
		}
		return &types.AttributeValueMemberS{Value: v}, nil
	case bool:
		return &types.AttributeValueMemberBOOL{Value: v}, nil
	case json.Number:
		return valueNumber(string(v), path)
	case int:
		return valueNumber(strconv.Itoa(v), path)
	case int64:
		return valueNumber(strconv.FormatInt(v, 10), path)
	case float64:
		return valueNumber(strconv.FormatFloat(v, 'g', -1, 64), path)
	case []any:
		return valueList(v, path, depth+1)
	case []string:
		return valueList(v, path, depth+1)
	case map[string]any:
		fields, err := valueMap(v, path, depth+1)
		if err != nil {
			return nil, err
		}
		return &types.AttributeValueMemberM{Value: fields}, nil
	default:
		return nil, fmt.Errorf("%s: %T cannot be kept in DynamoDB", path, from)
	}
}

func valueNumber(text, path string) (types.AttributeValue, error) {
	n := json.Number(text)
	if !validNumber(text) {
		return nil, fmt.Errorf("%s: %.40q is not a number", path, text)
	}
	if significant(n) > maxDigits {
		return nil, fmt.Errorf("%s: the number %.60s has more than %d digits", path, text, maxDigits)
	}
	return &types.AttributeValueMemberN{Value: text}, nil
}
