package configure

import (
	"context"
	"fmt"

	"crmhook/shared/fault"
	"crmhook/shared/parameter"
)

// Check says what is wrong with a text for a parameter, as a run would find if the text were written now: an interface's
// or a rule's, or a secret's, whose faults show nothing of it. It reads what the text is checked against and writes nothing.
func (h Handler) Check(ctx context.Context, path parameter.Path, text string, secure bool) (fault.List, error) {
	r := &run{Handler: h}
	t := &task{Path: path, name: path.Full(h.Stage), value: parameter.Value{Text: text, Parameter: parameter.Parameter{
		Name: path.Full(h.Stage), Version: 1, Modified: h.Now(), Secure: secure,
	}}}
	var faults fault.List
	var err error
	switch path.Kind {
	case parameter.Interface:
		faults, err = r.checkHook(ctx, t)
	case parameter.Rule:
		faults, err = r.checkRule(ctx, t)
	case parameter.Secret:
		faults = check(path, t.value).Faults
	case parameter.Source, parameter.Key, parameter.Setting, parameter.Customer:
		err = fmt.Errorf("a %s is written in Parameter Store only", path.Kind)
	}
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", t.name, err)
	}
	return faults, nil
}

// checkHook checks a text against the settings and secrets. What the interface was before does not matter to its faults.
func (r *run) checkHook(ctx context.Context, t *task) (fault.List, error) {
	c := &candidate{task: t}
	against, err := contexts(ctx, r, []*candidate{c})
	if err != nil {
		return nil, err
	}
	c.check(against[t.Organization])
	return c.checked.Faults, nil
}

// checkRule checks a text against the interfaces that it names.
func (r *run) checkRule(ctx context.Context, t *task) (fault.List, error) {
	u := &ruling{task: t}
	against, err := callables(ctx, r, []*ruling{u})
	if err != nil {
		return nil, err
	}
	u.check(against[t.Organization])
	return u.checked.Faults, nil
}
