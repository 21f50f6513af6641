package platform

// actions is the table. Its spelling is the one that origins and records have.
func actions() []Action {
	return []Action{
		row("Shopify", "Customer", "Insert", shopifyCustomer),
		row("Shopify", "Customer", "Update", shopifyCustomer),
		row("Shopify", "Customer", "Delete", shopifyCustomerDelete),
		row("Shopify", "Product", "Insert", shopifyProduct),
		row("Shopify", "Product", "Update", shopifyProduct),
		row("Shopify", "Product", "Delete", shopifyProductDelete),
		row("Shopify", "Order", "Insert", shopifyOrder),
		row("Shopify", "Order", "Update", shopifyOrder),
		row("Shopify", "Order", "Delete", shopifyOrderDelete),
		row("Adictiz", "User", "Participate", adictizParticipate),
		row("Primotexto", "Sms", "Callback", primotextoCallback, get),
		row("Smsbox", "Sms", "Callback", smsboxCallback, get, textOK),
		row("Smsbox", "Sms", "CallbackStop", smsboxStop, get, textOK),
		row("Mailjet", "email", "Callback", mailjetCallback, ok, array),
		row("elfy76310", "process", "Rnvp", rnvp, array),
		row("elfy76310", "process", "RnvpDedup", rnvpDedup, array),
		row("Zendesk", "Ticket", "Update", zendeskTicket),
		row("Tabology", "Ticket", "Create", tabologyTicket),
		row("Tabology", "Ticket", "Update", tabologyTicket),
		row("Crm360", "Sms", "Send", crm360Sms, message),
		row("Crm360", "Email", "Send", crm360Email, message),
		row("CaptainWallet", "LoyaltyCard", "SendUpdate", captainWalletCard),
	}
}
