package table

import "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

// batchBytes is how much of statements' parameters goes in one call: far below what DynamoDB takes, so that it is answered
// before the SDK loses its patience.
const batchBytes = 4_000_000

// span is a part of a list.
type span struct{ from, to int }

// cut divides statements into calls, by number and by bytes.
func cut(statements []statement) []span {
	var spans []span
	var now span
	bytes := 0
	for i, s := range statements {
		size := len(s.text)
		for _, p := range s.parameters {
			size += sizeOf(p)
		}
		if n := i - now.from; n == batchStatements || n > 0 && bytes+size > batchBytes {
			spans, now, bytes = append(spans, now), span{from: i}, 0
		}
		now.to, bytes = i+1, bytes+size
	}
	if len(statements) > 0 {
		spans = append(spans, now)
	}
	return spans
}

// sizeOf is about how many bytes a value is in a request.
func sizeOf(value types.AttributeValue) int {
	const around = 16
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		return around + len(v.Value)
	case *types.AttributeValueMemberN:
		return around + len(v.Value)
	case *types.AttributeValueMemberB:
		return around + len(v.Value)*4/3
	case *types.AttributeValueMemberM:
		return around + sizeOfItem(v.Value)
	case *types.AttributeValueMemberL:
		size := around
		for _, member := range v.Value {
			size += sizeOf(member)
		}
		return size
	case *types.AttributeValueMemberSS:
		return around + sizeOfTexts(v.Value)
	case *types.AttributeValueMemberNS:
		return around + sizeOfTexts(v.Value)
	}
	return around
}

func sizeOfItem(item Item) int {
	size := 0
	for name, value := range item {
		size += len(name) + 4 + sizeOf(value)
	}
	return size
}

func sizeOfTexts(list []string) int {
	size := 0
	for _, s := range list {
		size += len(s) + 4
	}
	return size
}
