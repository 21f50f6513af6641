// Package scripts_test holds the README to what is there: its folders, scripts, choices and alarms, and the commands that it
// shows. What it says about interfaces is tested in shared/hook.
package scripts_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is the README between two of its lines.
func section(t *testing.T, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(readme(t), "\n"+from+"\n")
	part, _, ends := strings.Cut(rest, "\n"+to+"\n")
	if !found || !ends {
		t.Fatalf("README.md has no part from %q to %q", from, to)
	}
	return part
}

// firstCells are the names in backquotes in the first cells of a table.
func firstCells(text string) []string {
	var names []string
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*) \\|").FindAllStringSubmatch(text, -1) {
		for _, name := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			names = append(names, name[1])
		}
	}
	return names
}

func TestTheReadmeListsTheFolders(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			there = append(there, e.Name())
		}
	}
	listed := firstCells(section(t, "## Folders", "## Use"))
	slices.Sort(listed)
	if !slices.Equal(listed, there) {
		t.Errorf("README.md lists the folders %v, there are %v", listed, there)
	}
}

// scripts are the executable files of this folder.
func scripts(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			names = append(names, e.Name())
		}
	}
	return names
}

func TestTheReadmeNamesEveryScript(t *testing.T) {
	t.Parallel()
	text := section(t, "## Two commands", "## Folders")
	names := scripts(t)
	for _, name := range names {
		if !regexp.MustCompile(`scripts/` + name + `\b`).MatchString(text) {
			t.Errorf("README.md does not name scripts/%s", name)
		}
	}
	for _, named := range regexp.MustCompile(`scripts/([a-z]+)\b`).FindAllStringSubmatch(readme(t), -1) {
		if !slices.Contains(names, named[1]) {
			t.Errorf("README.md names scripts/%s, which is not there", named[1])
		}
	}
}

func TestEveryScriptAnswersHelp(t *testing.T) {
	t.Parallel()
	for _, name := range scripts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := filepath.Abs(name)
			if err != nil {
				t.Fatal(err)
			}
			said, err := exec.CommandContext(t.Context(), path, "--help").Output()
			if err != nil || !strings.HasPrefix(string(said), "scripts/"+name) {
				t.Errorf("scripts/%s --help says %q, error %v", name, said, err)
			}
		})
	}
}

func TestTheReadmeListsTheChoicesOfTheStack(t *testing.T) {
	t.Parallel()
	var there []string
	for _, found := range regexp.MustCompile(`c\.(?:text|number|flag)\("(\w+)"`).FindAllStringSubmatch(source(t, "../infra/settings.go"), -1) {
		if found[1] != "functions" { // the scripts give it
			there = append(there, found[1])
		}
	}
	listed := firstCells(section(t, "## Deploy", "## Operate"))
	slices.Sort(there)
	slices.Sort(listed)
	if !slices.Equal(listed, there) {
		t.Errorf("README.md lists the context %v, infra reads %v", listed, there)
	}
}

func TestTheReadmesAlarmsExist(t *testing.T) {
	t.Parallel()
	alarms := source(t, "../infra/alarms.go")
	table, _, _ := strings.Cut(section(t, "## Operate", "## Extend"), "Where to look")
	names := firstCells(table)
	if len(names) == 0 {
		t.Fatal("README.md lists no alarm")
	}
	for _, name := range names {
		if !strings.Contains(alarms, `{"`+name+`"`) {
			t.Errorf("README.md names the alarm %s, which infra/alarms.go does not", name)
		}
	}
}

func TestTheReadmesSettingsAreKnown(t *testing.T) {
	t.Parallel()
	known := source(t, "../shared/configure/check.go") + source(t, "../shared/configure/settings.go") + source(t, "../shared/parameter/setting.go")
	names := regexp.MustCompile(`/settings/(\w+)`).FindAllStringSubmatch(section(t, "## Configure", "## Deploy"), -1)
	if len(names) == 0 {
		t.Fatal("README.md lists no setting")
	}
	for _, name := range names {
		if !strings.Contains(known, `"`+name[1]+`"`) {
			t.Errorf("README.md names the setting %s, which configure does not check", name[1])
		}
	}
}

// The files of the repository that the README points to, without those that the scripts make.
func TestTheReadmesFilesExist(t *testing.T) {
	t.Parallel()
	for _, named := range regexp.MustCompile("[ `]((?:functions|infra|shared|events|scripts)/[A-Za-z0-9_./-]*[A-Za-z0-9])").FindAllStringSubmatch(readme(t), -1) {
		if _, err := os.Stat("../" + named[1]); err != nil {
			t.Errorf("README.md points to %s: %v", named[1], err)
		}
	}
}

func source(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
