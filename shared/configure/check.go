package configure

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"crmhook/shared/delivery"
	"crmhook/shared/fault"
	"crmhook/shared/hook"
	"crmhook/shared/parameter"
)

// What interfaces may depend on besides secrets.
const (
	firstProductDate = "setting#firstProductDate"
	allowedNetworks  = "setting#allowedNetworks"
)

// check makes a fact of a setting or a secret. Of a secret only the hosts go on from here.
func check(path parameter.Path, v parameter.Value) parameter.Fact {
	fact := parameter.Fact{Path: path, Version: v.Version, Modified: v.Modified}
	if path.Kind == parameter.Secret {
		fact.Hosts, fact.Faults = checkSecret(path.Name, v)
		return fact
	}
	if v.Secure {
		fact.Faults.Add("", "must be a String parameter: settings are no secrets")
		return fact
	}
	value, err := checkSetting(path, strings.TrimSpace(v.Text))
	if err != nil {
		fact.Faults.Add("", "%v", err)
	}
	fact.Value = value
	return fact
}

// checkSetting checks the settings that crmhook knows and returns what is kept of one; others are kept as they are.
func checkSetting(path parameter.Path, value string) (string, error) {
	if path.Name == "allowedNetworks" {
		_, err := networks(value)
		return value, err
	}
	if path.Organization != "" {
		return checkOrganizationSetting(path.Name, value)
	}
	switch path.Name {
	case parameter.MailFrom:
		if _, err := mail.ParseAddress(value); err != nil {
			return value, errors.New("must be an e-mail address, such as crmhook@example.com")
		}
	case "ledgerDays":
		return value, fmt.Errorf("is not supported by this version: the ledger keeps what has ended for %d days", delivery.LedgerTime/(24*time.Hour))
	case "lingerSeconds":
		return value, whole(value, 0, 58)
	}
	return value, nil
}

func whole(value string, least, most int) error {
	if n, err := strconv.Atoi(value); err != nil || n < least || n > most {
		return fmt.Errorf("must be a whole number from %d to %d", least, most)
	}
	return nil
}

func day(value string) (time.Time, error) {
	date, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return time.Time{}, errors.New("must be a date, such as 2026-12-24")
	}
	return date, nil
}

// networks reads a comma-separated list; blanks around its members do not count, and it may be empty.
func networks(value string) ([]netip.Prefix, error) {
	var list []netip.Prefix
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		if part == "" && !strings.Contains(value, ",") {
			break
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("must be networks separated by commas, such as 10.0.0.0/8,192.0.2.7/32: %q is none", part)
		}
		list = append(list, prefix.Masked())
	}
	return list, nil
}

// secretForm is what a secret's parameter holds.
type secretForm struct {
	Value *string   `json:"value"`
	Hosts *[]string `json:"hosts"`
}

// checkSecret reads a secret's hosts. No message quotes anything of the text, which may be the secret itself.
func checkSecret(name string, v parameter.Value) (hosts []string, faults fault.List) {
	if !hook.ValidName(name) {
		faults.Add("", nameRule)
	}
	if !v.Secure {
		faults.Add("", "must be a SecureString parameter: delete it and write the secret anew, its value has been readable")
	}
	form, err := readSecret(v.Text)
	if err != nil {
		faults.Add("", `must be JSON of the form {"value":"…","hosts":["crm.example.com"]} and nothing else`)
		return nil, faults
	}
	if form.Value == nil || *form.Value == "" {
		faults.Add("value", "must be a text that is not empty")
	}
	if form.Hosts == nil {
		return nil, faults
	}
	for i, host := range *form.Hosts {
		if host == "" || strings.ContainsAny(host, "/:@ ") && !address(host) {
			faults.Add(fmt.Sprintf("hosts[%d]", i), "must be a host name without scheme, port and path, such as crm.example.com")
			continue
		}
		hosts = append(hosts, strings.ToLower(host))
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return hosts, nil
}

func readSecret(text string) (form secretForm, err error) {
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&form)
	if err == nil && decoder.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one value")
	}
	return form, err
}

// secretValue is the value in a secret's parameter; ok is false where there is none that can be used.
func secretValue(v parameter.Value) (value string, ok bool) {
	if form, err := readSecret(v.Text); err == nil && v.Secure && form.Value != nil {
		value = *form.Value
	}
	return value, value != ""
}

func address(host string) bool {
	_, err := netip.ParseAddr(host)
	return err == nil
}

// nameRule is the fault of a name that breaks the rule for interfaces and secrets.
const nameRule = "its name " + hook.NameRule + ": write it under another name and delete this one"

// texts are the faults for a log line.
func texts(faults fault.List) []string {
	list := make([]string, len(faults))
	for i, f := range faults {
		list[i] = f.String()
	}
	return list
}
