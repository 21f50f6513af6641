package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
)

//go:embed assets/console.css assets/console.js
var assetFiles embed.FS

// assets are the files beside the pages, by the names that they are served under, which change with their content.
type assets struct {
	files         map[string]asset
	style, script string
}

type asset struct {
	kind        string
	plain, gzip []byte
}

func loadAssets() (assets, error) {
	a := assets{files: map[string]asset{}}
	var err error
	if a.style, err = a.add("console", "css", "text/css; charset=utf-8"); err != nil {
		return a, err
	}
	a.script, err = a.add("console", "js", "text/javascript; charset=utf-8")
	return a, err
}

// add names a file by what is in it.
func (a *assets) add(name, extension, kind string) (string, error) {
	text, err := assetFiles.ReadFile("assets/" + name + "." + extension)
	if err != nil {
		return "", err
	}
	packed, err := compressed(text)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	served := fmt.Sprintf("%s.%s.%s", name, hex.EncodeToString(sum[:6]), extension)
	a.files[served] = asset{kind, text, packed}
	return served, nil
}

func compressed(text []byte) ([]byte, error) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(text); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("compress: %w", err)
	}
	return packed.Bytes(), nil
}

// serve answers with the file. Its name changes with its content, so it may be kept for as long as anybody likes.
func (a asset) serve(v *visit) error {
	v.answer.header.Set("Content-Type", a.kind)
	v.answer.header.Set("Cache-Control", "public, max-age=31536000, immutable")
	v.answer.status = http.StatusOK
	v.answer.body.Write(a.plain)
	v.answer.packed = a.gzip
	return nil
}

// takesGzip reports whether the client says that it can read gzip.
func takesGzip(r *http.Request) bool {
	for coding := range strings.SplitSeq(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if strings.EqualFold(name, "gzip") && strings.Trim(strings.TrimPrefix(strings.ToLower(weight), "q="), "0.") != "" || strings.EqualFold(name, "gzip") && weight == "" {
			return true
		}
	}
	return false
}
