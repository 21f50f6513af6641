package api

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"

	"crmhook/shared/inbound"
	"crmhook/shared/platform"
	"crmhook/shared/refusal"
	"crmhook/shared/web"
)

const queueProcessPath = "/ProcessManagement/Connector/Standard/QueueProcess/{CustomerName}/{DatabaseAlias}/{ExternalPlatform}/{ExternalEntity}/{ExternalAction}"

// queueProcess hands triggers over as they came: their senders are many, and which of their bytes matter is known inside.
type queueProcess struct{ triggers Triggers }

// ServeHTTP is of http.Handler.
func (q queueProcess) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request, err := triggerRequest(r)
	if err != nil {
		web.AnswerOf(w).Fail(err)
		return
	}
	receipt, err := q.triggers.Accept(r.Context(), request)
	if err != nil {
		web.AnswerOf(w).Fail(err)
		return
	}
	receive(w, receipt)
}

// receive answers as the platform wants to hear it.
func receive(w http.ResponseWriter, receipt inbound.Receipt) {
	status, kind, text := http.StatusAccepted, web.JSON, []byte("OK")
	if receipt.Answer != platform.Accepted {
		status = http.StatusOK
	}
	if receipt.Answer == platform.TextOK {
		kind = "text/plain; charset=utf-8"
	} else {
		// An object of one text cannot fail to be written.
		text, _ = json.Marshal(map[string]string{"id": receipt.ID})
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	// An answer takes all that is written to it.
	_, _ = w.Write(text)
}

// triggerRequest is the request as the door takes it. Of a body that is longer than any may be, no more is read than shows
// that it is.
func triggerRequest(r *http.Request) (inbound.Request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, platform.MostArray+1))
	if err != nil {
		return inbound.Request{}, refusal.New(http.StatusBadRequest, "the body ended before its end")
	}
	uri := r.URL.Path
	if r.URL.RawQuery != "" {
		uri += "?" + r.URL.RawQuery
	}
	return inbound.Request{
		Method:   r.Method,
		Customer: r.PathValue("CustomerName"), Alias: r.PathValue("DatabaseAlias"),
		Platform: r.PathValue("ExternalPlatform"), Entity: r.PathValue("ExternalEntity"), Action: r.PathValue("ExternalAction"),
		Headers: headers(r), Query: looseQuery(r.URL.RawQuery), URI: uri, Body: body,
	}, nil
}

// looseQuery reads a query. What is not well formed stays as it is written, so that it is seen and found to be wrong.
func looseQuery(text string) url.Values {
	query := url.Values{}
	for pair := range strings.SplitSeq(text, "&") {
		if pair != "" {
			name, value, _ := strings.Cut(pair, "=")
			query.Add(unescaped(name), unescaped(value))
		}
	}
	return query
}

func unescaped(text string) string {
	if plain, err := url.QueryUnescape(text); err == nil {
		return plain
	}
	return text
}

// headers have their names in lower case, several of one name joined.
func headers(r *http.Request) map[string]string {
	all := map[string]string{}
	if r.Host != "" {
		all["host"] = r.Host
	}
	for name, values := range r.Header {
		separator := ", "
		if name == "Cookie" {
			separator = "; "
		}
		all[strings.ToLower(name)] = strings.Join(values, separator)
	}
	return all
}
