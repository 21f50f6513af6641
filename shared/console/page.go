package console

import (
	"cmp"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"

	"crmhook/shared/access"
)

//go:embed templates/*.html
var templateFiles embed.FS

// pages are the templates of the pages by their names, each with the frame and the parts that all share.
type pages map[string]*template.Template

func loadPages() (pages, error) {
	common, err := template.New("").Funcs(words()).ParseFS(templateFiles, "templates/_*.html")
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templateFiles, "templates/[a-z]*.html")
	if err != nil {
		return nil, err
	}
	list := pages{}
	for _, name := range names {
		clone, err := common.Clone()
		if err != nil {
			return nil, err
		}
		if clone, err = clone.ParseFS(templateFiles, name); err != nil {
			return nil, err
		}
		list[strings.TrimSuffix(strings.TrimPrefix(name, "templates/"), ".html")] = clone
	}
	return list, nil
}

// frame is what every page shows around what is its own.
type frame struct {
	// Root leads to where the console begins, Here to the organization's first page, or the console's.
	Root, Here    string
	Style, Script string
	Title         string
	Organization  string
	// By names the key that is signed in; empty where nobody is.
	By string
	// Operator says that the key leads to every organization.
	Operator bool
	// Section is the entry of the menu that the page belongs to.
	Section string
	// Redo and Alter say what the key may do, so that nothing else is offered.
	Redo, Alter bool
	// Done says what was done before this page.
	Done string
	// Undone says that it is what was not done.
	Undone bool
	Data   any
}

// show renders a page; the name is its template's.
func (v *visit) show(status int, name, title string, data any) error {
	return v.render(status, name, "frame", title, data)
}

// live renders the part of a page that is asked for again and again, alone where the browser asks for it so.
func (v *visit) live(name, title string, data any) error {
	if v.query("part") == "live" {
		return v.render(http.StatusOK, name, "live", title, data)
	}
	return v.show(http.StatusOK, name, title, data)
}

func (v *visit) render(status int, name, part, title string, data any) error {
	tpl, ok := v.pages[name]
	if !ok {
		return fmt.Errorf("there is no page %s", name)
	}
	v.answer.body.Reset()
	if err := tpl.ExecuteTemplate(&v.answer.body, part, v.frame(title, data)); err != nil {
		return fmt.Errorf("render %s: %w", name, err)
	}
	v.answer.status = status
	v.answer.header.Set("Content-Type", "text/html; charset=utf-8")
	return nil
}

func (v *visit) frame(title string, data any) frame {
	f := frame{
		Root: v.root(), Style: v.assets.style, Script: v.assets.script, Title: title, Organization: v.organization,
		Section: v.section(), Redo: v.may(access.Redo), Alter: v.may(access.Alter), Done: doneText(v.query("done")), Undone: v.query("done") == "expired", Data: data,
	}
	f.Here = f.Root + cmp.Or(v.organization, first)
	if v.key.Name != "" {
		f.By, f.Operator = v.key.By(), v.key.Organization == ""
	}
	return f
}

// section is the menu's entry by the first segment after the organization.
func (v *visit) section() string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(v.http.URL.Path, "/console/"), "/")
	first, _, _ := strings.Cut(rest, "/")
	switch first {
	case "", "new-interface":
		return "interfaces"
	case "new-rule":
		return "rules"
	}
	return first
}

// doneText is what a page says was done, by the word that the address holds; nothing for any other.
func doneText(word string) string {
	switch word {
	case "created":
		return "Created. It is live now."
	case "saved":
		return "Saved. It is live now."
	case "deleted":
		return "Deleted."
	case "started":
		return "Started. The figures below move while it runs."
	case "cancelled":
		return "Cancelled. What was not sent yet goes back to wait."
	case "replayed":
		return "Replay is on its way."
	case "dismissed":
		return "Dismissed."
	case replaying:
		return "Replay of all that matched has begun and goes on by itself. Rows leave this list as it goes on; reload to see."
	case dismissing:
		return "Dismissal of all that matched has begun and goes on by itself. Rows leave this list as it goes on; reload to see."
	case "secret":
		return "The secret is saved. It is never shown again."
	case "expired":
		return "You were signed out, so nothing was saved. Sign in, go back twice and send it again."
	case "signed-out":
		return "You are signed out."
	case "paused":
		return "Paused. Contacts that change wait; of events none are made meanwhile."
	case "resumed":
		return "Active again."
	}
	return ""
}
