package table

import (
	"crmhook/shared/trigger"
)

func entryItem(key Item, e trigger.Entry, pieces int) Item {
	item := Item{
		"pk": key["pk"], "sk": key["sk"], "platform": text(e.Platform), "entity": text(e.Entity), "action": text(e.Action),
		"sourceId": number(int64(e.SourceID)), "at": instant(e.At), "endedAt": instant(e.EndedAt), "status": text(string(e.Status)),
		"cause": text(e.Cause), "tries": number(int64(e.Tries)), "records": texts(e.Records),
	}
	if listsOpen(e.Status) {
		item[openAttribute], item[createdAttribute] = text(openTriggers(e.Organization, e.Status)), text(e.ID)
	}
	if pieces > 0 {
		item["pieces"], item["bytes"] = number(int64(pieces)), number(int64(len(e.Message)))
	}
	if !e.Expires.IsZero() {
		item["expires"] = expiry(e.Expires)
	}
	return item
}

func entryOfTrigger(organization string, item Item) trigger.Entry {
	records := textsOf(item, "records")
	if len(records) == 0 {
		records = nil
	}
	return trigger.Entry{
		ID: textOf(item, "sk"), Organization: organization, Platform: textOf(item, "platform"), Entity: textOf(item, "entity"),
		Action: textOf(item, "action"), SourceID: int(numberOf(item, "sourceId")), At: instantOf(item, "at"), EndedAt: instantOf(item, "endedAt"),
		Status: trigger.Status(textOf(item, "status")), Cause: textOf(item, "cause"), Tries: int(numberOf(item, "tries")), Records: records,
		Expires: expiryOf(item),
	}
}
