package access

import (
	"strings"

	"crmhook/shared/change"
	"crmhook/shared/fault"
)

// ParseCustomer checks the parameter that says which organization a CRM360 customer and database mean; its name is
// CustomerName/DatabaseAlias.
func ParseCustomer(name, text string) (organization string, faults fault.List) {
	customer, alias, ok := strings.Cut(name, "/")
	if !ok || customer == "" || alias == "" || strings.Contains(alias, "/") {
		faults.Add("", "its name must be customers/{CustomerName}/{DatabaseAlias}: write it under another name and delete this one")
	}
	organization = strings.TrimSpace(text)
	if !change.ValidOrganization(organization) {
		faults.Add("", "must be an organization's name: 1 to 63 of a-z, 0-9 and -, not starting with -")
	}
	return organization, faults
}

// CustomerName is the name of the parameter of a customer and database, below customers/.
func CustomerName(customer, alias string) string { return customer + "/" + alias }
