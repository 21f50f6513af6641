package web

import "github.com/danielgtaylor/huma/v2"

// PathParameter describes a part of a path.
func PathParameter(name, text, pattern string) *huma.Param {
	return &huma.Param{
		Name: name, In: "path", Required: true, Description: text, Schema: &huma.Schema{Type: huma.TypeString, Pattern: pattern},
	}
}

// QueryParameter describes a parameter of the query.
func QueryParameter(name, text string, schema *huma.Schema) *huma.Param {
	return &huma.Param{Name: name, In: "query", Description: text, Schema: schema}
}

// HeaderParameter describes a header.
func HeaderParameter(name, text string) *huma.Param {
	return &huma.Param{Name: name, In: "header", Description: text, Schema: &huma.Schema{Type: huma.TypeString}}
}

// BodyOf describes a body that must be given, of one schema and of any of the types.
func BodyOf(schema *huma.Schema, example any, types ...string) *huma.RequestBody {
	body := &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{}}
	for _, media := range types {
		body.Content[media] = &huma.MediaType{Schema: schema, Example: example}
	}
	return body
}

// Number is a length or a count of a schema.
func Number(n int) *int { return &n }

// Bound is a least or a most of a schema.
func Bound(n float64) *float64 { return &n }
