package filter

import (
	"regexp"
	"regexp/syntax"
	"sort"
	"strings"
	"unicode/utf8"
)

// pattern is an RE2 expression over a whole value. What most filters use, a literal with or without .* at its ends, is
// compared without the regexp engine.
type pattern struct {
	literal string
	// before and after say that .* stands there, which is anything without a newline.
	before, after bool
	// expression decides alone where it is set.
	expression *regexp.Regexp
}

// compilePattern reads an expression. Its error is a *syntax.Error.
func compilePattern(text string) (pattern, error) {
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	if p, ok := simple(tree); ok {
		return p, nil
	}
	expression, err := regexp.Compile(whole(text))
	return pattern{expression: expression}, err
}

// whole anchors a valid expression. One that ends inside \Q would take the anchor for text, so that is closed first:
// only there is a further \E valid.
func whole(text string) string {
	if strings.Contains(text, `\Q`) {
		if _, err := syntax.Parse(text+`\E`, syntax.Perl); err == nil {
			text += `\E`
		}
	}
	return `\A(?:` + text + `)\z`
}

// simple finds out whether an expression is a literal with or without .* at its ends.
func simple(tree *syntax.Regexp) (pattern, bool) {
	var p pattern
	parts := []*syntax.Regexp{tree}
	if tree.Op == syntax.OpConcat {
		parts = tree.Sub
	}
	if anything(parts[0]) {
		p.before, parts = true, parts[1:]
	}
	if last := len(parts) - 1; last >= 0 && anything(parts[last]) {
		p.after, parts = true, parts[:last]
	}
	if len(parts) > 1 {
		return pattern{}, false
	}
	if len(parts) == 1 {
		literal, ok := literalOf(parts[0])
		if !ok || (p.before || p.after) && strings.Contains(literal, "\n") {
			return pattern{}, false
		}
		p.literal = literal
	}
	return p, true
}

func anything(tree *syntax.Regexp) bool {
	return tree.Op == syntax.OpStar && tree.Sub[0].Op == syntax.OpAnyCharNotNL
}

func literalOf(tree *syntax.Regexp) (string, bool) {
	switch {
	case tree.Op == syntax.OpEmptyMatch:
		return "", true
	case tree.Op == syntax.OpLiteral && tree.Flags&syntax.FoldCase == 0:
		literal := string(tree.Rune)
		// The engine also finds U+FFFD in a byte that is no UTF-8; a comparison of strings would not.
		return literal, !strings.ContainsRune(literal, utf8.RuneError)
	default:
		return "", false
	}
}

func (p *pattern) matches(text string) bool {
	switch {
	case p.expression != nil:
		return p.expression.MatchString(text)
	case p.before && p.after:
		return strings.Contains(text, p.literal) && !strings.Contains(text, "\n")
	case p.after:
		return strings.HasPrefix(text, p.literal) && !strings.Contains(text, "\n")
	case p.before:
		return strings.HasSuffix(text, p.literal) && !strings.Contains(text, "\n")
	default:
		return text == p.literal
	}
}

// faultAt is the byte of an invalid expression at which the fault lies, 0 where only the whole can be named.
// The syntax error holds the faulty part but not its place, and the same characters may stand elsewhere validly.
func faultAt(text string, fault *syntax.Error) int {
	switch {
	case fault.Code == syntax.ErrTrailingBackslash:
		return len(text) - 1
	case fault.Code == syntax.ErrUnexpectedParen:
		return max(0, firstPrefix(text, fault.Code)-1)
	case strings.HasSuffix(text, fault.Expr):
		return len(text) - len(fault.Expr)
	}
	prefix := text[:firstPrefix(text, fault.Code)]
	first, ok := syntaxError(prefix)
	if !ok || !strings.HasSuffix(prefix, first.Expr) {
		return 0
	}
	at := len(prefix) - len(first.Expr)
	if !strings.HasPrefix(text[at:], fault.Expr) {
		return 0
	}
	return at
}

// firstPrefix is the length of the shortest prefix with the same fault: expressions are read from left to right.
func firstPrefix(text string, code syntax.ErrorCode) int {
	return min(len(text), sort.Search(len(text), func(end int) bool {
		fault, ok := syntaxError(text[:end])
		return ok && fault.Code == code
	}))
}

func syntaxError(text string) (*syntax.Error, bool) {
	_, err := syntax.Parse(text, syntax.Perl)
	fault, ok := err.(*syntax.Error)
	return fault, ok
}
