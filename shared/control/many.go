package control

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/job"
	"crmhook/shared/web"
)

// matchedBody says how many deliveries are concerned.
type matchedBody struct {
	ID      string `json:"id,omitempty" doc:"What goes on; left out where they were counted only." example:"01kaqvc9vv8m3c1s2f5h7n0p4r"`
	Matched int    `json:"matched" minimum:"0" doc:"How many stopped deliveries match." example:"12"`
}

type matchedOutput struct{ Body matchedBody }

// many are what is done to all stopped deliveries that match.
func (r *routes) many() {
	for kind, op := range map[job.Kind]huma.Operation{
		job.Replay: {
			OperationID: "replayDeliveries", Path: deliveriesPath + "/replay", Summary: "Replay deliveries",
			Description: "Sends all stopped deliveries of an interface or about a record anew: interface or record is needed.",
		},
		job.Dismiss: {
			OperationID: "dismissDeliveries", Path: deliveriesPath + "/dismiss", Summary: "Dismiss deliveries",
			Description: "Gives all stopped deliveries of an interface or about a record up for good: interface or record is needed.",
		},
	} {
		op.Method, op.Tags, op.DefaultStatus = http.MethodPost, []string{"deliveries"}, http.StatusAccepted
		register(r, operation{
			Operation: web.Operation{
				Operation: op, Body: web.BodyOf(matchingSchema(), matchingExample(), web.JSON),
				Says: "How many match. It goes on by itself, unless they were counted only.",
			},
			asked: asked{need: access.Redo, query: []parameter{dryRun()}, bodies: jsonBody()},
		}, func(ctx context.Context, c *caller) (*matchedOutput, error) { return r.bulk(ctx, c, kind) })
	}
}

func (r *routes) bulk(ctx context.Context, c *caller, kind job.Kind) (*matchedOutput, error) {
	is, err := r.config.Manage.Bulk(ctx, c.Who, kind, c.body, c.one("dryRun") == "true")
	if err != nil {
		return nil, err
	}
	return &matchedOutput{matchedBody(is)}, nil
}
