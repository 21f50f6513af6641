package stage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Invoke hands an input to a deployed function (configure, scan, …) and returns its answer. That the function failed is an
// error, with what it said.
func (s *Stage) Invoke(ctx context.Context, function string, input []byte) ([]byte, error) {
	url := s.Endpoint + "/2015-03-31/functions/crmhook-" + s.Outputs.Stage + "-" + function + "/invocations"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(input))
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(input)
	keys := aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: accessKey}
	if err := v4.NewSigner().SignHTTP(ctx, keys, request, hex.EncodeToString(sum[:]), "lambda", region, time.Now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, 6<<20))
	if err != nil {
		return nil, fmt.Errorf("invoke %s: %w", function, err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("X-Amz-Function-Error") != "" {
		return answer, fmt.Errorf("invoke %s: status %d: %.300s", function, response.StatusCode, answer)
	}
	return answer, nil
}
