package mail

import "strings"

// quietError is an error whose text shows no address.
type quietError struct {
	err  error
	text string
}

func (e quietError) Error() string { return e.text }
func (e quietError) Unwrap() error { return e.err }

// quiet keeps the recipients' addresses, which SES quotes, out of an error's text. The sender's stays: it is what has to
// be verified.
func quiet(err error, from string) error {
	words := strings.Split(err.Error(), " ")
	for i, word := range words {
		if strings.Contains(word, "@") && !strings.EqualFold(strings.Trim(word, ".,:;<>\"'"), from) {
			words[i] = "(an address)"
		}
	}
	return quietError{err: err, text: strings.Join(words, " ")}
}
