package platform

import (
	"html"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestVariables(t *testing.T) {
	t.Parallel()
	values := map[string]string{"Name": "Jane", "É-1.a_b": "x", "empty": "", "again": "{{var:Name}}"}
	tests := map[string]struct{ template, want string }{
		"none":                {"Bonjour", "Bonjour"},
		"empty":               {"", ""},
		"one":                 {"a {{var:Name}} b", "a Jane b"},
		"blanks":              {"{{ var : Name }}{{\tvar\n:\u00a0Name\n:\n\"x\"\n}}", "JaneJane"},
		"letters of all kind": {"{{var:É-1.a_b}}", "x"},
		"an empty value":      {`[{{var:empty:"x"}}]`, "[]"},
		"a default":           {`{{var:none:"a b"}}`, "a b"},
		"an empty default":    {`{{var:none:""}}`, ""},
		"a default unused":    {`{{var:Name:"x"}}`, "Jane"},
		"escapes":             {`{{var:none:"a \"b\" \\ \n }} {{var:Name}}"}}`, `a "b" \ \n }} {{var:Name}}`},
		"no second round":     {"{{var:again}}", "{{var:Name}}"},
		"other braces":        {"{{mj:x}} {{variable}} {var:Name} {{}} {{", "{{mj:x}} {{variable}} {var:Name} {{}} {{"},
		"three braces":        {"{{{var:Name}}}", "{Jane}"},
		"side by side":        {"{{var:Name}}{{var:Name}}", "JaneJane"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			parsed, wrong := parseText(test.template)
			got, unfit := parsed.fill(values, unescaped, 1000)
			if got != test.want || len(wrong)+len(unfit) > 0 {
				t.Errorf("filled %q with misfits %v %v, want %q", got, wrong, unfit, test.want)
			}
		})
	}
}

func TestVariableMisfits(t *testing.T) {
	t.Parallel()
	const end = "needs }} at its end"
	tests := map[string]struct {
		template string
		want     []misfit
	}{
		"no colon":           {"a {{var}} {{var Name}}", []misfit{{2, "needs a colon after var"}, {10, "needs a colon after var"}}},
		"no name":            {"{{var:}}", []misfit{{0, "needs a name of letters, digits, _ - . after the colon"}}},
		"no default":         {"{{var:a:}}{{var:a:b}}", []misfit{{0, `needs a default in quotation marks ("…") after the second colon`}, {10, `needs a default in quotation marks ("…") after the second colon`}}},
		"a default open":     {`{{var:a:"b}}`, []misfit{{0, `needs a default in quotation marks ("…") after the second colon`}}},
		"no end":             {"{{var:a", []misfit{{0, end}}},
		"one brace":          {"{{var:a} {{var:b}}", []misfit{{0, end}}},
		"a name with blanks": {"{{var:a b}}", []misfit{{0, end}}},
		"within another":     {"{{var:{{var:a}}}}", []misfit{{0, "needs a name of letters, digits, _ - . after the colon"}}},
		"behind a default":   {`{{var:a:"b"c}}`, []misfit{{0, end}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, wrong := parseText(test.template)
			if diff := cmp.Diff(test.want, wrong, cmp.AllowUnexported(misfit{})); diff != "" {
				t.Errorf("misfits (-want +got):\n%s", diff)
			}
		})
	}
}

func TestPlace(t *testing.T) {
	t.Parallel()
	for at, want := range map[int]string{0: "column 1", 3: "column 3", 4: "line 2, column 1", 6: "line 2, column 3"} {
		if got := place("éa\nbcd", at); got != want {
			t.Errorf("byte %d is at %s, want %s", at, got, want)
		}
	}
}

func FuzzVariables(f *testing.F) {
	for _, seed := range []string{"a {{var:Name}} b", `{{var:none:"a \"b\""}}`, "{{var:", "{{{{var:a}}", `{{ var : é : "\\" }}`} {
		f.Add(seed, "Jane <b>")
	}
	f.Fuzz(func(t *testing.T, template, value string) {
		parsed, wrong := parseText(template)
		var literals strings.Builder
		placeholders, values := 0, map[string]string{}
		for _, p := range parsed {
			if p.variable == "" {
				literals.WriteString(p.literal)
				continue
			}
			placeholders++
			values[p.variable] = value
		}
		if placeholders == 0 && len(wrong) == 0 && literals.String() != template {
			t.Fatalf("a text without placeholders became %q", literals.String())
		}
		for _, w := range wrong {
			if !strings.HasPrefix(template[w.at:], "{{") {
				t.Fatalf("a misfit at byte %d, where no placeholder begins", w.at)
			}
		}
		filled, unfit := parsed.fill(values, html.EscapeString, 10_000)
		if len(unfit) > 0 && len(template)+placeholders*len(value)*5 < 10_000 {
			t.Fatalf("misfits %v with all values given", unfit)
		}
		if len(unfit) == 0 && len(filled) != literals.Len()+placeholders*len(html.EscapeString(value)) {
			t.Fatalf("filled %d bytes of %d literal ones and %d values", len(filled), literals.Len(), placeholders)
		}
		if _, unfit := parsed.fill(map[string]string{}, unescaped, 10_000); placeholders == 0 && len(unfit) > 0 && len(template) < 10_000 {
			t.Fatalf("misfits %v without a placeholder", unfit)
		}
	})
}
