package smtp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/mail"
	"net/textproto"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"jackfield/connectors/kit"
)

// letter is a mail that is ready to be sent.
type letter struct {
	id   string // with its brackets
	from string
	to   []string // all recipients, each once
	text []byte
}

// badAddress says what is wrong with an address; nil where nothing is.
func badAddress(text string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%q is no mail address: %s", text, strings.TrimPrefix(err.Error(), "mail: "))
}

// addresses reads a list of addresses, each of which may be a list itself.
func addresses(field string, list []string) (all []*mail.Address, err error) {
	for _, text := range list {
		if strings.TrimSpace(text) == "" {
			continue
		}
		if strings.ContainsFunc(text, unicode.IsControl) {
			return nil, kit.Fail(kit.Invalid, "the address %q holds a line break or the like", text).On(field).Hint("give each address as an item of its own")
		}
		found, err := mail.ParseAddressList(text)
		if err != nil {
			return nil, kit.Fail(kit.Invalid, "%w", badAddress(text, err)).On(field).Hint("write it like ada@example.com or Ada <ada@example.com>")
		}
		for _, a := range found {
			if strings.ContainsFunc(a.Address+a.Name, unicode.IsControl) || strings.ContainsAny(a.Address, "<> ") {
				return nil, kit.Fail(kit.Invalid, "%q is an address that cannot be sent to", a.Address).On(field)
			}
		}
		all = append(all, found...)
	}
	return all, nil
}

// letter checks everything and writes the mail. key is the same at every attempt.
func (s *send) letter(env kit.Env, key string) (l letter, err error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	from, err := addresses("from", []string{s.From})
	if err != nil {
		return l, err
	}
	if len(from) != 1 {
		return l, kit.Fail(kit.Invalid, "a mail is from one address, here are %d", len(from)).On("from").Hint("set from in the step or in the connection")
	}
	m.FromMailAddress(from[0])
	l.from = from[0].Address
	for _, part := range []struct {
		field string
		list  []string
		put   func(...*mail.Address)
	}{{"to", s.To, m.ToMailAddress}, {"cc", s.Cc, m.CcMailAddress}, {"bcc", s.Bcc, nil}, {"reply_to", s.ReplyTo, m.ReplyToMailAddress}} {
		found, err := addresses(part.field, part.list)
		if err != nil {
			return l, err
		}
		if len(found) > 0 && part.put != nil { // who gets a copy unseen stands in the envelope alone
			part.put(found...)
		}
		if part.field == "reply_to" {
			continue
		}
		for _, a := range found {
			if !slices.Contains(l.to, a.Address) {
				l.to = append(l.to, a.Address)
			}
		}
	}
	if len(l.to) == 0 {
		return l, kit.Fail(kit.Invalid, "nobody would get the mail").On("to").Hint("give at least one address in to, cc or bcc")
	}
	if err := s.head(m, &l, key); err != nil {
		return l, err
	}
	if err := s.body(env, m); err != nil {
		return l, err
	}
	var text bytes.Buffer
	if _, err := m.WriteTo(&text); err != nil {
		if own, ok := errors.AsType[*kit.Failure](err); ok {
			return l, own
		}
		return l, kit.Fail(kit.Invalid, "the mail cannot be written: %w", err)
	}
	l.text = text.Bytes()
	return l, nil
}

// ownHeaders are those that have settings of their own, or that the mail's form decides.
var ownHeaders = []string{
	"From", "To", "Cc", "Bcc", "Reply-To", "Subject", "Date", "Message-Id",
	"Mime-Version", "Content-Type", "Content-Transfer-Encoding", "Content-Disposition",
}

// head writes subject, id and further headers.
func (s *send) head(m *gomail.Msg, l *letter, key string) error {
	if err := oneLine("subject", "the subject", s.Subject); err != nil {
		return err
	}
	m.Subject(s.Subject)
	l.id = "<" + strings.Trim(strings.TrimSpace(s.MessageID), "<>") + ">"
	if l.id == "<>" {
		sum := sha256.Sum256([]byte(key))
		_, domain, _ := strings.Cut(l.from, "@")
		l.id = "<" + hex.EncodeToString(sum[:16]) + "@" + domain + ">"
	} else if strings.ContainsFunc(l.id[1:len(l.id)-1], func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '<' || r == '>' }) || strings.Count(l.id, "@") != 1 {
		return kit.Fail(kit.Invalid, "%q is no id of a mail", s.MessageID).On("message_id").Hint("write it like order-17@example.com, or leave it empty")
	}
	m.SetMessageIDWithValue(strings.Trim(l.id, "<>"))
	for name, text := range s.Headers {
		switch {
		case name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == ':' }):
			return kit.Fail(kit.Invalid, "%q is no name of a header", name).On("headers").Hint("a name has neither spaces nor a colon")
		case slices.Contains(ownHeaders, textproto.CanonicalMIMEHeaderKey(name)):
			return kit.Fail(kit.Invalid, "the header %s is not set here", name).On("headers").Hint("use the setting that the step has for it")
		}
		if err := oneLine("headers", "the header "+name, text); err != nil {
			return err
		}
		m.SetGenHeader(gomail.Header(textproto.CanonicalMIMEHeaderKey(name)), text)
	}
	return nil
}

func oneLine(field, what, text string) error {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.IsControl(r) && r != '\t' }) {
		return kit.Fail(kit.Invalid, "%s has several lines, or a sign that no header may have", what).On(field).Hint("make one line of it: gsub(\"[\\\\r\\\\n]+\"; \" \")")
	}
	return nil
}

// body writes text, HTML and attachments.
func (s *send) body(env kit.Env, m *gomail.Msg) error {
	files, err := attachments(s.Attachments)
	if err != nil {
		return err
	}
	switch {
	case s.Text != "" && s.HTML != "":
		m.SetBodyString(gomail.TypeTextPlain, s.Text)
		m.AddAlternativeString(gomail.TypeTextHTML, s.HTML)
	case s.HTML != "":
		m.SetBodyString(gomail.TypeTextHTML, s.HTML)
	default:
		m.SetBodyString(gomail.TypeTextPlain, s.Text)
	}
	left := s.most()
	for i, f := range files {
		content, name, err := f.content(env, left)
		if err != nil {
			failure := kit.AsFailure(err)
			failure.What = fmt.Sprintf("attachment %d: %s", i+1, failure.What)
			return failure.On("attachments")
		}
		left -= int64(len(content))
		options := []gomail.FileOption{}
		if f.Type != "" {
			options = append(options, gomail.WithFileContentType(gomail.ContentType(f.Type)))
		}
		put := m.AttachReader
		if f.CID != "" {
			put, options = m.EmbedReader, append(options, gomail.WithFileContentID(f.CID))
		}
		if err := put(name, bytes.NewReader(content), options...); err != nil {
			return kit.Fail(kit.Invalid, "attachment %q: %w", name, err).On("attachments")
		}
	}
	return nil
}

// file is an attachment as a record says it.
type file struct {
	Name, Type, Path, Content, Text, CID string
	has                                  bool // content of its own, maybe an empty one
}

// attachments reads the setting: a list of objects, or of paths.
func attachments(v any) (all []file, err error) {
	wrong := func(i int, what string, more ...any) error {
		return kit.Fail(kit.Invalid, "attachment %d %s", i+1, fmt.Sprintf(what, more...)).On("attachments").
			Hint(`each is {"name": …, "content": BASE64}, {"name": …, "text": …} or {"path": …}, and may have "type" and "cid"`)
	}
	var list []any
	switch v := v.(type) {
	case nil:
	case []any:
		list = v
	default:
		list = []any{v}
	}
	for i, one := range list {
		if path, ok := one.(string); ok {
			if path == "" {
				continue
			}
			one = map[string]any{"path": path}
		}
		object, ok := one.(map[string]any)
		if !ok {
			return nil, wrong(i, "is no object")
		}
		f, sources := file{}, 0
		for key, value := range object {
			text, is := value.(string)
			if !is && value != nil {
				return nil, wrong(i, "has a %q that is no text", key)
			}
			switch key {
			case "name":
				f.Name = text
			case "type":
				f.Type = text
			case "cid":
				f.CID = text
			case "path":
				f.Path = text
			case "content":
				f.Content = text
			case "text":
				f.Text = text
			default:
				return nil, wrong(i, "has %q, which nobody knows", key)
			}
			if is && (key == "path" || key == "content" || key == "text") {
				sources++
				f.has = key != "path"
			}
			if is && key != "content" && key != "text" && strings.ContainsFunc(text, unicode.IsControl) {
				return nil, wrong(i, "has a line break or the like in %q", key)
			}
		}
		switch {
		case sources != 1:
			return nil, wrong(i, "has %d of path, content and text, and needs one", sources)
		case f.Name == "" && f.Path == "":
			return nil, wrong(i, "has no name")
		case f.Type != "" && !strings.Contains(f.Type, "/"):
			return nil, wrong(i, "is of the type %q, which is none", f.Type)
		}
		all = append(all, f)
	}
	return all, nil
}

// content gives the bytes of an attachment of at most so many, and its name.
func (f file) content(env kit.Env, most int64) (content []byte, name string, err error) {
	name = f.Name
	switch {
	case f.Path != "":
		if name == "" {
			name = filepath.Base(f.Path)
		}
		var open io.ReadCloser
		if open, err = env.Open(f.Path); err != nil {
			return nil, name, err
		}
		defer open.Close()
		if content, err = io.ReadAll(io.LimitReader(open, most+1)); err != nil {
			return nil, name, kit.FailFile("read", f.Path, err)
		}
	case f.Content != "":
		plain := strings.Join(strings.Fields(f.Content), "")
		if content, err = base64.StdEncoding.DecodeString(plain); err != nil {
			return nil, name, kit.Fail(kit.Invalid, "the content of %q is no base64", name).Hint("use text for plain text, or @base64 in the mapping")
		}
	default:
		content = []byte(f.Text)
	}
	if int64(len(content)) > most {
		return nil, name, kit.Fail(kit.Refused, "with %q the mail is larger than the %s that are allowed", name, bytesOf(most)).Hint("send a link, or raise \"largest\" where the servers take more")
	}
	return content, name, nil
}
