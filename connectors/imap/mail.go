package imap

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/emersion/go-message"
	"github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// content is what of a mail is given.
type content struct {
	Attachments string
	SaveTo      string
	Largest     int
}

// What becomes of attachments.
const (
	asNames  = "names"
	asBase64 = "base64"
	asFiles  = "files"
)

func newContent() content { return content{Attachments: asBase64, Largest: 25} }

func (c *content) fields() kit.Fields {
	return kit.Fields{
		kit.Pick(&c.Attachments, "attachments", "Attachments",
			kit.Choice{Value: asBase64, Label: "In the record, as base64"}, kit.Choice{Value: asFiles, Label: "Saved to a folder"}, kit.Choice{Value: asNames, Label: "Names only"}),
		kit.Folder(&c.SaveTo, "save_to", "Folder").Needed().OnlyIf(func() bool { return c.Attachments == asFiles }),
		kit.Int(&c.Largest, "largest", "Largest mail (MB)").More().Checked(func() error {
			if c.Largest < 1 || c.Largest > 1024 {
				return errors.New("a mail may have 1 to 1024 MB")
			}
			return nil
		}).Help("Of larger ones only the head is read; their records say that they are not whole."),
	}
}

func (c *content) most() int64 { return int64(c.Largest) << 20 }

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// draft is a record in the making.
type draft struct {
	content     *content
	env         kit.Env
	name        string // what files of this mail begin with
	text, html  []string
	attachments []any
	damage      []string
}

// record is a mail as a record.
func (c *content) record(env kit.Env, l letter, mailbox string, validity uint32) (map[string]any, error) {
	e, err := message.Read(bytes.NewReader(l.raw))
	if e == nil || err != nil && !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err) {
		return nil, kit.Fail(kit.Malformed, "the mail %d of %s cannot be read: %v", l.uid, mailbox, err).Hint("look at it with a mail program")
	}
	d := &draft{content: c, env: env, name: fmt.Sprintf("%d-%d", validity, l.uid), attachments: []any{}}
	if err != nil {
		d.damage = append(d.damage, err.Error())
	}
	if l.whole {
		if err := d.walk(e, 0); err != nil {
			return nil, err
		}
	}
	h := mail.Header{Header: e.Header}
	text := func(name string) string {
		t, err := h.Text(name)
		if err != nil {
			t = h.Get(name)
		}
		return plain(t)
	}
	sent := ""
	if at, err := h.Date(); err == nil {
		sent = moment(at)
	}
	headers := map[string]any{}
	for f := h.Fields(); f.Next(); {
		t, err := f.Text()
		if err != nil {
			t = f.Value()
		}
		name := strings.ToLower(plain(f.Key()))
		was, _ := headers[name].([]any)
		headers[name] = append(was, plain(t))
	}
	flags := []any{}
	for _, f := range l.flags {
		flags = append(flags, f)
	}
	return map[string]any{
		"uid": int(l.uid), "uid_validity": int(validity), "mailbox": mailbox, "message_id": text("Message-Id"), "in_reply_to": text("In-Reply-To"),
		"sent": orNull(sent), "received": orNull(l.received), "subject": text("Subject"),
		"from": people(h, "From"), "to": people(h, "To"), "cc": people(h, "Cc"), "reply_to": people(h, "Reply-To"),
		"text": strings.Join(d.text, "\n"), "html": strings.Join(d.html, "\n"), "attachments": d.attachments,
		"headers": headers, "flags": flags, "size": int(l.size), "whole": l.whole, "damaged": orNull(strings.Join(d.damage, "; ")),
	}, nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// plain is text that is text for certain.
func plain(s string) string { return strings.ToValidUTF8(s, "\ufffd") }

// people reads a list of addresses; what is none is given as a name.
func people(h mail.Header, field string) []any {
	list := []any{}
	if !h.Has(field) {
		return list
	}
	all, err := h.AddressList(field)
	if err != nil {
		t, textErr := h.Text(field)
		if textErr != nil {
			t = h.Get(field)
		}
		return append(list, map[string]any{"name": plain(t), "address": ""})
	}
	for _, a := range all {
		list = append(list, map[string]any{"name": plain(a.Name), "address": plain(a.Address)})
	}
	return list
}

const (
	deepest = 30      // parts in parts
	longest = 8 << 20 // bytes of one text
)

// walk takes the leaves of a mail in their order. What comes behind a part that does not
// read is not seen, and said to be damaged.
func (d *draft) walk(e *message.Entity, depth int) error {
	parts := e.MultipartReader()
	if parts == nil {
		return d.leaf(e)
	}
	if depth >= deepest {
		d.damage = append(d.damage, "parts stand more than 30 deep in each other")
		return nil
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			return nil
		}
		if err != nil && (part == nil || !message.IsUnknownCharset(err) && !message.IsUnknownEncoding(err)) {
			d.damage = append(d.damage, err.Error())
			return nil
		}
		if err := d.walk(part, depth+1); err != nil {
			return err
		}
	}
}

func (d *draft) leaf(e *message.Entity) error {
	kind, params, err := e.Header.ContentType()
	if err != nil || kind == "" {
		kind = "text/plain"
	}
	how, more, _ := e.Header.ContentDisposition() // one that does not read is none
	name := more["filename"]
	if name == "" {
		name = params["name"]
	}
	if how != "attachment" && name == "" && (kind == "text/plain" || kind == "text/html") {
		raw, err := io.ReadAll(io.LimitReader(e.Body, longest+1))
		if err != nil {
			d.damage = append(d.damage, err.Error())
		}
		if len(raw) > longest {
			raw = raw[:longest]
			d.damage = append(d.damage, "a text is longer than 8 MB")
		}
		text := readable(raw)
		if kind == "text/html" {
			d.html = append(d.html, text)
		} else {
			d.text = append(d.text, text)
		}
		return nil
	}
	raw, err := io.ReadAll(e.Body)
	if err != nil {
		d.damage = append(d.damage, err.Error())
	}
	return d.attach(kind, plain(name), strings.Trim(e.Header.Get("Content-Id"), "<>"), raw)
}

// readable is text of a character set that was declared wrongly, or not at all: what is
// not UTF-8 is taken for what most programs sent then.
func readable(raw []byte) string {
	if utf8.Valid(raw) {
		return strings.TrimPrefix(string(raw), "\ufeff")
	}
	from, err := charset.Reader("windows-1252", bytes.NewReader(raw))
	if err == nil {
		if text, err := io.ReadAll(from); err == nil {
			return string(text)
		}
	}
	return plain(string(raw))
}

// attach takes an attachment as the settings want it.
func (d *draft) attach(kind, name, cid string, raw []byte) error {
	if name == "" {
		name = "part-" + fmt.Sprint(len(d.attachments)+1)
		if kind == "message/rfc822" {
			name += ".eml"
		}
	}
	a := map[string]any{"name": name, "type": kind, "size": len(raw), "cid": orNull(plain(cid)), "content": nil, "path": nil}
	switch d.content.Attachments {
	case asBase64:
		a["content"] = base64.StdEncoding.EncodeToString(raw)
	case asFiles:
		folder := d.env.Path(d.content.SaveTo)
		path := filepath.Join(folder, fmt.Sprintf("%s-%d-%s", d.name, len(d.attachments)+1, fileName(name)))
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return kit.FailFile("write", folder, err).On("save_to")
		}
		err := kit.ReplaceFile(path, func(w io.Writer) error { _, err := w.Write(raw); return err })
		if err != nil {
			return kit.FailFile("write", path, err).On("save_to")
		}
		a["path"] = path
	}
	d.attachments = append(d.attachments, a)
	return nil
}

// fileName is a name that leads nowhere else and that every system takes.
func fileName(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name)
	for len(name) > 100 {
		_, n := utf8.DecodeRuneInString(name)
		name = name[n:]
	}
	return strings.Trim(name, ". ")
}

func mailSchema() flow.Schema {
	p := func(name string, s flow.Schema) flow.Property {
		return flow.Property{Name: name, Required: true, Schema: s}
	}
	text, number, none := flow.Of(flow.String), flow.Of(flow.Integer), flow.Schema{Types: []flow.Kind{flow.String, flow.Null}}
	at := none
	at.Format = "date-time"
	people := flow.ListOf(flow.ObjectOf(p("name", text), p("address", text)))
	return flow.ObjectOf(
		p("uid", number), p("uid_validity", number), p("mailbox", text), p("message_id", text), p("in_reply_to", text),
		p("sent", at), p("received", at), p("subject", text), p("from", people), p("to", people), p("cc", people), p("reply_to", people),
		p("text", text), p("html", text),
		p("attachments", flow.ListOf(flow.ObjectOf(p("name", text), p("type", text), p("size", number), p("cid", none), p("content", none), p("path", none)))),
		p("headers", flow.Of(flow.Object)), p("flags", flow.ListOf(text)), p("size", number), p("whole", flow.Of(flow.Boolean)), p("damaged", none))
}
