package platform

import (
	"cmp"
	"time"

	"crmhook/shared/directory"
	"crmhook/shared/document"
	"crmhook/shared/fault"
	"crmhook/shared/trigger"
)

// adictizParticipate reads what Adictiz Box sends when somebody submits a campaign's form (box.adictiz.help, "How to set up
// a webhook", event FormSubscribe): {"timestamp","request_id","event_type","data":{"email","firstname","lastname",
// "mobilePhone","operation_id","operation_name",…}}. The page shows no more than the names of the fields, so a body without
// data is taken for the form itself, and campaignId, campaignName, campaign, phone and date for what they say.
//
// The contact is found by its e-mail address or made with the form's names. One that was there takes the participation
// only. That holds all that was sent, opt-ins included: what somebody agrees to is each campaign's own wording, so no
// authorization follows from it.
func adictizParticipate(t trigger.Trigger) (Plan, fault.List) {
	r, faults := read(t)
	if len(faults) > 0 {
		return Plan{}, faults
	}
	p, email := readParticipation(r, t)
	if faults := r.Faults(); len(faults) > 0 {
		return Plan{}, faults
	}
	find := []Lookup{{Kind: directory.Email, Value: directory.EmailValue(email)}}
	return Plan{People: []Person{{Find: find, Create: true, Change: p.change}}}, nil
}

// participation is one person's in one campaign. Somebody who submits several of a campaign's forms sends each time all
// that was entered so far, so the last state of it replaces the others.
type participation struct {
	campaign string
	at       time.Time
	// person are the fields of a contact that this makes.
	person map[string]any
	// state is kept of it.
	state map[string]any
}

func readParticipation(r document.Reader, t trigger.Trigger) (p participation, email string) {
	form, campaign := r, "campaignId"
	if r.Has("data") {
		form, campaign = r.Object("data"), "operation_id"
	}
	name := cmp.Or(form.Text("operation_name"), form.Text("campaignName"), form.Text("campaign"))
	p.campaign = cmp.Or(form.ID("operation_id"), form.ID("campaignId"), name)
	if p.campaign == "" && form.Given() {
		form.Fault(campaign, "must be given: participations are told apart by their campaign")
	}
	email = form.Need("email").Text("email")
	if email != "" && directory.EmailValue(email) == "" {
		form.Fault("email", "must be an e-mail address")
	}
	p.at = participated(r, form, t)
	p.person = given(map[string]string{
		"email": email, "individualFirstname": form.Text("firstname"), "individualLastname": form.Text("lastname"),
		"phoneNumber1": cmp.Or(form.ID("mobilePhone"), form.ID("phone"), form.ID("deskPhone")),
	})
	p.state = copyOf(r.Fields())
	p.state["campaignId"], p.state["at"] = p.campaign, instant(p.at)
	if name != "" {
		p.state["campaignName"] = name
	}
	Place(t, p.state, false)
	return p, email
}

// latestSecond is the last one of the year 9999.
const latestSecond = 253_402_300_799

// participated is when: the time of sending in seconds, else a date that can be read, else the time at the door.
func participated(r, form document.Reader, t trigger.Trigger) time.Time {
	if seconds := r.Whole("timestamp", 0, latestSecond); seconds > 0 {
		return time.Unix(seconds, 0)
	}
	if at, ok := dateTime(textOf(form.Value("date"))); ok {
		return at
	}
	return t.At
}

// change puts the participation on a contact, unless a later state of it is there.
func (p participation) change(data map[string]any) map[string]any {
	if data == nil {
		data = map[string]any{"individualContact": copyOf(p.person)}
	}
	kept := member(data, "participations", "campaignId", p.campaign)
	if timeOf(kept["at"]).After(p.at) {
		return data
	}
	clear(kept)
	for name, value := range copyOf(p.state) {
		kept[name] = value
	}
	return data
}
