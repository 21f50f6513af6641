package control

import (
	"context"
	"net/http"
	"reflect"

	"github.com/danielgtaylor/huma/v2"

	"crmhook/shared/access"
	"crmhook/shared/fault"
	"crmhook/shared/manage"
	"crmhook/shared/web"
)

const (
	rulesPath = "/rules"
	rulePath  = rulesPath + "/{id}"
)

// ruleBody is a rule as it is answered.
type ruleBody struct {
	ID            string     `json:"id" doc:"The rule's id." example:"welcome"`
	State         string     `json:"state" enum:"active,paused,invalid" doc:"It fires while it is active; with faults it is invalid."`
	Faults        fault.List `json:"faults" nullable:"false" doc:"Everything that is wrong with the configuration."`
	Configuration any        `json:"configuration" doc:"The configuration as it was written; a text where it is no JSON."`
	ETag          string     `json:"-"`
}

func showRule(is manage.Rule) ruleBody {
	is.Faults = filled(is.Faults)
	return ruleBody(is)
}

// ruleOutput answers a rule.
type ruleOutput struct {
	Status int
	ETag   string `header:"ETag" doc:"Names this state of the configuration, for If-Match and If-None-Match."`
	Body   ruleBody
}

func (r *routes) rules() {
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "listRules", Method: http.MethodGet, Path: rulesPath, Tags: []string{"rules"},
			Summary: "List rules", Description: "A page of the rules by their ids.",
		}, Says: "Rules."},
		asked: asked{need: access.Look, list: "rules"},
	}, r.listRules)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "getRule", Method: http.MethodGet, Path: rulePath, Tags: []string{"rules"}, Summary: "Read a rule",
			Parameters: []*huma.Param{ifNoneMatch("Answers 304 if it still is in one of these states.")},
			Responses:  unchanged(),
		}, Refused: []int{http.StatusNotFound}, Says: "The rule."},
		asked: asked{need: access.Look, places: []place{ruleID().loose()}, check: conditional},
	}, r.getRule)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "putRule", Method: http.MethodPut, Path: rulePath, Tags: []string{"rules"}, Summary: "Write a rule",
			Description: "Checks the rule, keeps it as it is written, and puts it in force at once. With faults nothing is written.",
			Parameters:  writeConditions(),
			Responses:   made(r.huma.OpenAPI(), reflect.TypeFor[ruleBody](), "The rule was made."),
		}, Refused: written(), Texts: writing(), Says: "The rule was replaced.", Body: web.BodyOf(ruleSchema(), ruleExample(), web.JSON)},
		asked: asked{need: access.Alter, places: []place{ruleID()}, bodies: jsonBody()},
	}, r.putRule)
	register(r, operation{
		Operation: web.Operation{Operation: huma.Operation{
			OperationID: "deleteRule", Method: http.MethodDelete, Path: rulePath, Tags: []string{"rules"}, Summary: "Delete a rule",
			Description: "A rule that is written anew under the same id counts from nothing.",
			Parameters:  writeConditions(), Responses: also("204", "The rule is gone."),
		}, Refused: append(written(), http.StatusNotFound), Texts: writing()},
		asked: asked{need: access.Alter, places: []place{ruleID().loose()}},
	}, r.deleteRule)
}

func (r *routes) listRules(ctx context.Context, c *caller) (*pageOutput[ruleBody], error) {
	p, err := r.config.Manage.Rules(ctx, c.Organization, c.list)
	return answerPage(c, p, err, showRule)
}

func (r *routes) getRule(ctx context.Context, c *caller) (*ruleOutput, error) {
	is, err := r.config.Manage.Rule(ctx, c.Organization, c.path("id"))
	if err != nil {
		return nil, err
	}
	return &ruleOutput{c.known(is.ETag), is.ETag, showRule(is)}, nil
}

func (r *routes) putRule(ctx context.Context, c *caller) (*ruleOutput, error) {
	is, err := r.config.Manage.PutRule(ctx, c.Who, c.path("id"), c.write())
	if err != nil {
		return nil, err
	}
	return &ruleOutput{status(is.Created), is.Is.ETag, showRule(is.Is)}, nil
}

func (r *routes) deleteRule(ctx context.Context, c *caller) (*struct{}, error) {
	return done(r.config.Manage.DeleteRule(ctx, c.Who, c.path("id"), c.write()))
}
