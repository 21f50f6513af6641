package shared_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// A layer is a list of packages with what they may import of this module and of others, and why.
type layer struct {
	name     string
	packages []string
	// own and foreign are the prefixes that may be imported beside the standard library.
	own, foreign []string
	why          string
}

var vocabulary = []string{
	"access", "audit", "backlog", "change", "contact", "delivery", "directory", "document", "event", "fault", "filter", "hook", "hours", "job", "notice",
	"once", "page", "parallel", "parameter", "platform", "precondition", "proof", "reach", "recent", "record", "refusal", "rule", "schedule", "secret", "setaside", "shard", "trigger",
	"upload",
}

// numbering is what vocabulary may use besides the standard library.
var numbering = []string{"phone"}

var useCases = []string{"configure", "scan", "dispatch", "send", "stop", "inbound", "apply", "records", "manage", "erase"}

// common are the parts that several use cases share.
var common = []string{"crm", "emit", "gate", "replay"}

var adapters = []string{"attribute", "stream", "table", "queue", "params", "webhook", "mail", "sms", "scheduler", "share", "invoke"}

var faces = []string{"api", "control", "console", "gateway"}

// kernel is what all faces are built of.
var kernel = []string{"web"}

func layers() []layer {
	words := under("crmhook/shared/", slices.Concat(vocabulary, numbering))
	shared := append(under("crmhook/shared/", common), words...)
	return []layer{
		{"vocabulary", vocabulary, words, nil, "data and pure rules: they must run anywhere, and be read without knowing AWS"},
		{
			"numbering", numbering, nil,
			[]string{"github.com/nyaruka/phonenumbers", "golang.org/x/text/"},
			"numbering plans change each month: a library that is kept knows them, and nothing else is needed for it",
		},
		{
			"common use cases", common, append(under("crmhook/shared/", []string{"emit"}), words...), nil,
			"what several functions do is done without technology, and without knowing for whom; deliveries are put on queues in one way",
		},
		{
			"use cases", useCases, append(under("crmhook/shared/", []string{"configure"}), shared...), nil,
			"what a function does must not know by which technology; manage writes configuration through the code of configure",
		},
		{
			"adapters", adapters, append(under("crmhook/shared/", []string{"attribute"}), words...),
			[]string{"github.com/aws/", "golang.org/x/time/"},
			"one technology each, and no use case: adapters never import each other (attribute is the tables' and streams' common encoding)",
		},
		{
			"kernel of faces", kernel, shared,
			[]string{"github.com/danielgtaylor/huma/"},
			"what all that answers HTTP has in common: it knows no use case",
		},
		{
			"faces", faces, append(under("crmhook/shared/", slices.Concat(useCases, kernel)), shared...),
			[]string{"github.com/danielgtaylor/huma/", "github.com/aws/aws-lambda-go/"},
			"HTTP's words for use cases: they know no store and no queue",
		},
	}
}

func under(prefix string, names []string) []string {
	list := make([]string, len(names))
	for i, name := range names {
		list[i] = prefix + name
	}
	return list
}

func TestPackagesImportOnlyWhatTheirLayerMay(t *testing.T) {
	t.Parallel()
	for _, l := range layers() {
		for _, name := range l.packages {
			for _, imported := range importsOf(t, name) {
				if !allowed(imported, l) {
					t.Errorf("%s (%s) imports %s: %s", name, l.name, imported, l.why)
				}
			}
		}
	}
}

func TestNothingImportsFunctions(t *testing.T) {
	t.Parallel()
	for _, dir := range folders(t, "..") {
		for _, imported := range importsOf(t, dir) {
			if strings.HasPrefix(imported, "crmhook/functions") {
				t.Errorf("%s imports %s: a function's main is a list of parts that nobody else needs", dir, imported)
			}
		}
	}
}

func TestInfraKnowsTheEnvironmentOnly(t *testing.T) {
	t.Parallel()
	for _, imported := range importsOf(t, "../infra") {
		if strings.HasPrefix(imported, "crmhook/") && imported != "crmhook/shared/environment" {
			t.Errorf("infra imports %s: the stack shares nothing with the functions but the names of variables", imported)
		}
	}
}

func TestEveryPackageIsInALayerOrKnownToBeNone(t *testing.T) {
	t.Parallel()
	known := slices.Concat(vocabulary, numbering, common, useCases, adapters, kernel, faces, []string{
		"environment",       // read by mains and written by infra
		"receiver", "stage", // the demo's and the end-to-end tests' hands
		"tabletest", "queuetest", "streamtest", "paramstest", "mailtest", "linetest", "awstest", "apitest", "managetest", // test support
	})
	for _, dir := range folders(t, ".") {
		if name := filepath.ToSlash(dir); name != "." && !slices.Contains(known, name) {
			t.Errorf("shared/%s is in no layer: add it to the lists of this test", name)
		}
	}
}

func allowed(imported string, l layer) bool {
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") && first != "crmhook" {
		return true
	}
	return slices.Contains(l.own, imported) || slices.ContainsFunc(l.foreign, func(p string) bool { return strings.HasPrefix(imported, p) })
}

// importsOf lists what the non-test files of a folder import.
func importsOf(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(path.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, name)
		}
	}
	return list
}

// folders lists the folders under root that hold Go files, hidden ones and testdata left out.
func folders(t *testing.T, root string) []string {
	t.Helper()
	found := map[string]bool{}
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := path.Base(name); entry.IsDir() && name != "." && (strings.HasPrefix(base, ".") || base == "testdata" || base == "node_modules") {
			return fs.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			found[path.Join(root, path.Dir(name))] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list := make([]string, 0, len(found))
	for dir := range found {
		list = append(list, dir)
	}
	slices.Sort(list)
	return list
}
