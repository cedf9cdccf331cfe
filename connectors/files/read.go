package files

import (
	"context"
	"encoding/base64"
	"io"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

func readOp() kit.Op {
	return kit.Op{
		ID: "read", Title: "Read a file", Effect: kit.Reads,
		Summary: "Gives the whole content of a file as one record.",
		Words:   []string{"load", "open", "text", "base64", "binary", "content", "lines"},
		New:     func() kit.Operation { return &read{As: asText} },
		Out: aboutSchema(
			flow.Property{Name: asText, Schema: flow.Of(flow.String)},
			flow.Property{Name: asLines, Schema: flow.ListOf(flow.Of(flow.String))},
			flow.Property{Name: asBase64, Schema: flow.Of(flow.String)}),
		Examples: []kit.Example{{
			Title: "A template",
			With:  flow.Values{"path": "letter.txt"},
		}, {
			Title: "Each file of a list",
			With:  flow.Values{"as": "base64"},
			Map:   "{path: .path}",
		}},
	}
}

// The forms in which the content is given; each is the name of its member, too.
const (
	asText   = "text"
	asLines  = "lines"
	asBase64 = "base64"
)

// read gives the content of one file.
type read struct {
	Path string
	As   string
}

func (r *read) Fields() kit.Fields {
	return kit.Fields{
		kit.File(&r.Path, "path", "File").Needed().Eg("letter.txt").Help("A relative path starts at the flow file's folder."),
		kit.Pick(&r.As, "as", "Give it as",
			kit.Choice{Value: asText, Label: "Text"},
			kit.Choice{Value: asLines, Label: "List of lines"},
			kit.Choice{Value: asBase64, Label: "Base64, for anything that is not text"}),
	}
}

// largest is how many bytes may go into one record.
const largest = 64 << 20

func (r *read) Run(ctx context.Context, env kit.Env, _ flow.Record) (kit.Result, error) {
	if err := ctx.Err(); err != nil {
		return kit.Result{}, err
	}
	file, err := env.Open(r.Path)
	if err != nil {
		return kit.Result{}, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return kit.Result{}, kit.FailFile("read", r.Path, err)
	}
	content, err := io.ReadAll(io.LimitReader(file, largest+1))
	if err != nil {
		return kit.Result{}, kit.FailFile("read", r.Path, err)
	}
	if len(content) > largest {
		return kit.Result{}, kit.Fail(kit.Invalid, "%s has more than 64 MB, too many for one record", r.Path).On("path").
			Hint("read it row by row with csv.read or json.read")
	}
	record := about(env.Path(r.Path), info)
	if r.As == asBase64 {
		record[asBase64] = base64.StdEncoding.EncodeToString(content)
		return kit.Give(record), nil
	}
	text, err := kit.PlainText(r.Path, content)
	if err != nil {
		return kit.Result{}, kit.AsFailure(err).On("as").Hint("give it as base64, or read it with csv.read, which knows other encodings")
	}
	if r.As == asLines {
		record[asLines] = kit.Lines(text)
	} else {
		record[asText] = text
	}
	return kit.Give(record), nil
}
