package openapi

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// large is a document of an API with so many resources, five operations each, whose
// schemas hold each other.
func large(resources int) string {
	var b strings.Builder
	b.WriteString("{\"openapi\": \"3.0.3\", \"info\": {\"title\": \"Large\", \"version\": \"1\"}, \"servers\": [{\"url\": \"https://large.example\"}], \"paths\": {")
	for i := range resources {
		name := fmt.Sprintf("thing%d", i)
		if i > 0 {
			b.WriteString(",")
		}
		ref := fmt.Sprintf(`{"application/json": {"schema": {"$ref": "#/components/schemas/%s"}}}`, name)
		fmt.Fprintf(&b, `"/%[1]ss": {
			"get": {"operationId": "list_%[1]ss", "summary": "List the %[1]ss", "description": "Gives them all, page by page.", "parameters": [{"name": "page", "in": "query", "schema": {"type": "integer"}}, {"name": "per_page", "in": "query", "schema": {"type": "integer"}}],
				"responses": {"200": {"description": "A page", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/%[1]s"}}}}}}},
			"post": {"operationId": "add_%[1]s", "requestBody": {"content": %[2]s}, "responses": {"201": {"description": "Added", "content": %[2]s}}}},
		"/%[1]ss/{id}": {"parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
			"get": {"operationId": "get_%[1]s", "responses": {"200": {"description": "It", "content": %[2]s}}},
			"put": {"operationId": "put_%[1]s", "requestBody": {"content": %[2]s}, "responses": {"200": {"description": "It", "content": %[2]s}}},
			"delete": {"operationId": "delete_%[1]s", "responses": {"204": {"description": "Gone"}}}}`, name, ref)
	}
	b.WriteString("}, \"components\": {\"schemas\": {")
	for i := range resources {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `"thing%d": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}, "name": {"type": "string", "description": "How it is called."}, "count": {"type": "integer", "nullable": true}, "kind": {"type": "string", "enum": ["a", "b", "c"]}, "next": {"$ref": "#/components/schemas/thing%d"}, "others": {"type": "array", "items": {"$ref": "#/components/schemas/thing%d"}}}}`,
			i, (i+1)%resources, (i+7)%resources)
	}
	b.WriteString("}}}")
	return b.String()
}

func TestALargeDocumentIsRead(t *testing.T) {
	c, problems := written(t, "large.json", large(90), "")
	if len(c.Ops) != 450 || problems != nil {
		t.Errorf("%d operations, %v", len(c.Ops), problems)
	}
}

// BenchmarkLoad450Operations has to stay far below a second.
func BenchmarkLoad450Operations(b *testing.B) {
	path := filepath.Join(b.TempDir(), "large.json")
	put(b, path, large(90))
	if info, err := os.Stat(path); err == nil {
		b.SetBytes(info.Size())
	}
	for b.Loop() {
		if c, _ := Load(path); len(c.Ops) != 450 {
			b.Fatal(len(c.Ops))
		}
	}
}
