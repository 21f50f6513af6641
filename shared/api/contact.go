package api

import (
	"context"
	"net/http"

	"crmhook/shared/access"
	"crmhook/shared/records"
	"crmhook/shared/web"
)

// The calls of SecuTix's ContactInformationPublicService.
const (
	savePath = "/contactInformationPublicService/v2_21/saveIndividualContactData"
	readPath = "/contactInformationPublicService/v2_21/getContactData"
)

type savedBody struct {
	ContactNumber string `json:"contactNumber" doc:"The contact's number." example:"0D3X7Q2MZ4K9T1B8HW5A"`
	Created       bool   `json:"created" doc:"Whether the call made the contact."`
}

type savedOutput struct {
	Status int
	Body   savedBody
}

type contactOutput struct {
	Body data
}

func (r *routes) contacts() {
	register(r, describeSave(r.huma.OpenAPI()), r.save)
	register(r, describeRead(r.huma.OpenAPI()), r.read)
}

func (r *routes) save(ctx context.Context, in *request) (*savedOutput, error) {
	key, body, err := in.AdmitWith(ctx, r.config.door(access.RecordsWrite), mostRecord, web.JSON)
	if err != nil {
		return nil, err
	}
	saved, err := r.config.Records.Save(ctx, records.Save{
		Organization: key.Organization, Origin: key.Origin, IdempotencyKey: in.Header("Idempotency-Key"), Body: body,
	})
	if err != nil {
		return nil, err
	}
	out := &savedOutput{Status: http.StatusOK, Body: savedBody(saved)}
	if saved.Created {
		out.Status = http.StatusCreated
	}
	return out, nil
}

func (r *routes) read(ctx context.Context, in *request) (*contactOutput, error) {
	key, body, err := in.AdmitWith(ctx, r.config.door(access.RecordsRead), mostRecord, web.JSON)
	if err != nil {
		return nil, err
	}
	contact, err := r.config.Records.Contact(ctx, records.Asked{Organization: key.Organization, Body: body})
	if err != nil {
		return nil, err
	}
	return &contactOutput{Body: contact}, nil
}
