package table

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"crmhook/shared/record"
)

// Write writes distinct records, each on the condition that it is as Was was read, version and data alike, and answers for
// each whether it was. One is a call of its own; several go 25 a call, or as many as are within 4 MB, at the price of single
// ones. A record that cannot be kept is an error that names it; then nothing was written.
func (r Records) Write(ctx context.Context, writes []record.Write) ([]bool, error) {
	if len(writes) == 1 {
		done, err := r.writeOne(ctx, writes[0])
		if err != nil {
			return nil, fmt.Errorf("write records: %w", err)
		}
		return []bool{done}, nil
	}
	statements := make([]statement, len(writes))
	for i, w := range writes {
		s, err := recordStatement(w)
		if err != nil {
			return nil, fmt.Errorf("write records: %w", err)
		}
		statements[i] = s
	}
	done := make([]bool, len(writes))
	err := eachChunk(cut(statements), 1, func(chunk []span) error {
		part, err := r.execute(ctx, statements[chunk[0].from:chunk[0].to])
		copy(done[chunk[0].from:chunk[0].to], part)
		return err
	})
	if err != nil {
		return done, fmt.Errorf("write records: %w", err)
	}
	return done, nil
}

// writeOne is a put of a record that is to be new, else an update, which leaves what other programs keep beside it.
func (r Records) writeOne(ctx context.Context, w record.Write) (bool, error) {
	was, there := w.Was.Read.(asRead)
	if !there {
		item, err := recordItem(w)
		if err != nil {
			return false, err
		}
		return conditionHeld(alone(ctx, func() error {
			_, err := r.Client.PutItem(ctx, &dynamodb.PutItemInput{TableName: &r.Name, Item: item, ConditionExpression: aws.String("attribute_not_exists(pk)")})
			return err
		}))
	}
	input, err := recordUpdate(w, was)
	if err != nil {
		return false, err
	}
	input.TableName = &r.Name
	return conditionHeld(alone(ctx, func() error {
		_, err := r.Client.UpdateItem(ctx, input)
		return err
	}))
}

func recordUpdate(w record.Write, was asRead) (*dynamodb.UpdateItemInput, error) {
	fields, err := recordFields(w)
	if err != nil {
		return nil, err
	}
	names, values := map[string]string{}, Item{}
	var set, removed []string
	for _, f := range fields {
		names["#"+f.name] = f.name
		if f.value == nil {
			removed = append(removed, "#"+f.name)
			continue
		}
		set, values[":"+f.name] = append(set, "#"+f.name+" = :"+f.name), f.value
	}
	condition := "attribute_exists(pk)"
	for _, f := range was.fields() {
		names["#"+f.name] = f.name
		if f.value == nil {
			condition += " AND attribute_not_exists(#" + f.name + ")"
			continue
		}
		condition, values[":was_"+f.name] = condition+" AND #"+f.name+" = :was_"+f.name, f.value
	}
	expression := "SET " + strings.Join(set, ", ")
	if removed != nil {
		expression += " REMOVE " + strings.Join(removed, ", ")
	}
	return &dynamodb.UpdateItemInput{
		Key: recordKey(w.Now.Key), UpdateExpression: &expression, ConditionExpression: &condition,
		ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}, nil
}

func (r asRead) fields() []field { return []field{{"version", r.version}, {"data", r.data}} }

// recordStatement is the same in PartiQL.
func recordStatement(w record.Write) (statement, error) {
	fields, err := recordFields(w)
	if err != nil {
		return statement{}, err
	}
	pk, sk := recordKey(w.Now.Key)["pk"], recordKey(w.Now.Key)["sk"]
	was, there := w.Was.Read.(asRead)
	if !there {
		s := statement{`INSERT INTO %s VALUE {'pk':?,'sk':?`, []types.AttributeValue{pk, sk}}
		for _, f := range fields {
			if f.value != nil {
				s.text += ",'" + f.name + "':?"
				s.add(f.value)
			}
		}
		s.text += "}"
		return s, nil
	}
	s := statement{text: `UPDATE %s`}
	for _, f := range fields {
		s.set(`"`+f.name+`"`, f.value, f.value != nil)
		if f.value == nil {
			s.text += ` REMOVE "` + f.name + `"`
		}
	}
	s.text += ` WHERE pk = ? AND sk = ?`
	s.add(pk, sk)
	for _, f := range was.fields() {
		if f.value == nil {
			s.text += ` AND "` + f.name + `" IS MISSING`
			continue
		}
		s.text += ` AND "` + f.name + `" = ?`
		s.add(f.value)
	}
	return s, nil
}
