// Package upload reads the files that name contacts to send: one contact number a line, or a CSV with a column
// contactNumber (SecuTix Contact Webhook V2 set-up, File to upload). It must not know what the numbers are for.
package upload

import (
	"fmt"

	"crmhook/shared/fault"
	"crmhook/shared/job"
)

// MostBytes is how long a file may be.
const MostBytes = 4 << 20

// MostRefusals is how many of the refused lines are kept, the first ones.
const MostRefusals = 1_000

// Column is the name of the column that holds the numbers, in any case.
const Column = "contactNumber"

// Refusal is a line of a file that was not taken: it names no contact, or one that came before.
type Refusal struct {
	// Line is its number in the file, from 1.
	Line int `json:"line" minimum:"1" doc:"The line's number in the file." example:"3"`
	// Value is what stands there, cut at 80 bytes.
	Value string `json:"value" doc:"What stands there, cut where it is long."`
	// Reason says what is wrong with it.
	Reason string `json:"reason" doc:"Why it was not taken."`
}

// Contents is what a file holds.
type Contents struct {
	// Numbers are distinct, in the file's order; they share memory with each other.
	Numbers []string
	// Refused counts the lines that name no contact, or one that was named before; Refusals are the first MostRefusals.
	Refused  int
	Refusals []Refusal
}

// Parse reads a file: a text of one number a line, or a CSV whose header names Column, with comma, semicolon or tab, and
// values in quotes that may hold any of them. It is UTF-8, UTF-16 with a byte order mark, or else Windows-1252, which
// Latin-1 is a part of. Lines end in LF, CRLF or CR; empty ones are nothing. A number has 1 to 20 characters, none of them a
// control character; blanks around it are none of it. The faults say why the file as a whole cannot be used: then there are
// no contents.
func Parse(file []byte) (Contents, fault.List) {
	text, why := decode(file)
	if why != "" {
		return Contents{}, unusable(why)
	}
	r := reader{text: text, line: 1}
	l, why := layoutOf(r)
	if why != "" {
		return Contents{}, unusable(why)
	}
	p := newParser(text)
	if why = p.read(r, l); why != "" {
		return Contents{}, unusable(why)
	}
	if len(p.Numbers) == 0 && p.Refused == 0 {
		return Contents{}, unusable("the file names no contact: give one number a line, or a CSV with a column " + Column)
	}
	return p.Contents, nil
}

func unusable(why string) fault.List { return fault.List{{Location: "body", Message: why}} }

// tooMany is why a file is not read to its end.
func tooMany() string {
	return fmt.Sprintf("the file names more than %d contacts: split it, and send the parts one after another", job.MostNumbers)
}
