package declared

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// BenchmarkLoadAirbyte reads a manifest of 100 streams, each with a schema of 100 fields: a
// megabyte.
func BenchmarkLoadAirbyte(b *testing.B) {
	var text strings.Builder
	text.WriteString("type: DeclarativeSource\ndefinitions:\n  base: {type: HttpRequester, url_base: 'https://a.example'}\nstreams:\n")
	for i := range 100 {
		fmt.Fprintf(&text, "  - {$ref: '#/schemas/s%d'}\n", i)
	}
	text.WriteString("schemas:\n")
	for i := range 100 {
		fmt.Fprintf(&text, "  s%d:\n    type: DeclarativeStream\n    name: s%d\n    $parameters: {path: s%d}\n    retriever:\n      type: SimpleRetriever\n      requester: {$ref: '#/definitions/base'}\n      record_selector: {type: RecordSelector, extractor: {type: DpathExtractor, field_path: [\"{{ parameters['path'] }}\"]}}\n    schema_loader:\n      type: InlineSchemaLoader\n      schema:\n        type: object\n        properties:\n", i, i, i)
		for j := range 100 {
			fmt.Fprintf(&text, "          field_%d:\n            type:\n              - \"null\"\n              - string\n            description: the field %d of the stream\n", j, j)
		}
	}
	path := filepath.Join(b.TempDir(), "big.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	for b.Loop() {
		if c, problems := LoadAirbyte(path); len(c.Ops) != 100 {
			b.Fatal(problems)
		}
	}
}
