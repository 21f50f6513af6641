package console

import "net/http"

// surePage asks whether what cannot be undone is meant. The form goes to the address of the page itself unless To names
// another.
type surePage struct {
	Heading, Name, Text string
	To                  string
	Hidden              []hidden
	Button, Back        string
}

// hidden is what the form sends beside the answer.
type hidden struct{ Name, Value string }

func (v *visit) sure(p surePage) error {
	if p.To == "" {
		p.To = v.root() + v.http.URL.EscapedPath()[len("/console/"):]
	}
	return v.show(http.StatusOK, "sure", p.Heading, p)
}
