package depot

import (
	"path"
	"time"

	"jackfield/flow"
)

// record describes a file as all operations do.
func (s *site) record(i Info) map[string]any {
	rel := relative(s.base, i.Path)
	r := map[string]any{
		"path":    rel,
		"name":    path.Base(rel),
		"folder":  folderOf(rel),
		"size":    int(i.Size),
		"version": shown(i.Tag()),
	}
	r["modified"] = nil
	if !i.Modified.IsZero() {
		r["modified"] = i.Modified.UTC().Format(time.RFC3339Nano)
	}
	return r
}

func folderOf(rel string) string {
	if dir := path.Dir(rel); dir != "." {
		return dir
	}
	return ""
}

// recordSchema is the shape of a record, and of what stands beside.
func recordSchema(beside ...flow.Property) flow.Schema {
	text := flow.Of(flow.String)
	modified := flow.Of(flow.String)
	modified.Types = append(modified.Types, flow.Null)
	modified.Format = "date-time"
	return flow.ObjectOf(append([]flow.Property{
		{Name: "path", Required: true, Schema: text},
		{Name: "name", Required: true, Schema: text},
		{Name: "folder", Required: true, Schema: text},
		{Name: "size", Required: true, Schema: flow.Of(flow.Integer)},
		{Name: "modified", Required: true, Schema: modified},
		{Name: "version", Required: true, Schema: text},
	}, beside...)...)
}
