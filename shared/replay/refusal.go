package replay

import (
	"net/http"

	"crmhook/shared/delivery"
	"crmhook/shared/hook"
	"crmhook/shared/refusal"
)

// NotStopped says why a delivery can be neither replayed nor dismissed; nil: it can.
func NotStopped(d delivery.Delivery) *refusal.Refusal {
	if d.Status == delivery.Stopped {
		return nil
	}
	return refusal.New(http.StatusConflict, "the delivery is %s: only a stopped one can be replayed or dismissed", d.Status)
}

// Refusal says why a delivery cannot be replayed for the interface of its name as it is now, the zero Interface where there
// is none; nil: it can. Records wait for an interface that does not work, but events are told only to one that does.
func Refusal(d delivery.Delivery, is hook.Interface) *refusal.Refusal {
	switch {
	case NotStopped(d) != nil:
		return NotStopped(d)
	case is.Generation == "":
		return conflict("the interface %s is gone: dismiss the delivery, or create the interface again", d.Interface)
	case d.Event == nil && (is.Type == "" || is.Type.TellsEvents()):
		return conflict("the interface %s is sent no contacts any more: dismiss the delivery", d.Interface)
	case d.Event != nil && !is.Working():
		return conflict("the interface %s is paused, disabled or invalid: an event can be replayed once it is active", d.Interface)
	case d.Event != nil && !is.Delivers(told(d, is)):
		return conflict("the interface %s is not told events such as %s any more: dismiss the delivery", d.Interface, d.Event.Type)
	}
	return nil
}

func conflict(format string, args ...any) *refusal.Refusal {
	return refusal.New(http.StatusConflict, format, args...)
}
