package webdav

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
)

// Whole says whether the server puts uploads in place whole. Nextcloud and ownCloud do:
// their addresses have remote.php in them.
func (t *tree) Whole() bool {
	return t.Put == directly || t.Put == asServerDoes && strings.Contains(t.root.Path, "/remote.php/")
}

// wanted asks for what is needed of each file (RFC 4918, 9.1).
const wanted = `<?xml version="1.0" encoding="utf-8"?>
<d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/><d:getcontentlength/><d:getlastmodified/><d:getetag/></d:prop></d:propfind>`

// described is what a server says of one file.
type described struct {
	Href  string `xml:"DAV: href"`
	Found []struct {
		Status string `xml:"DAV: status"`
		Prop   struct {
			Type struct {
				Collection *struct{} `xml:"DAV: collection"`
			} `xml:"DAV: resourcetype"`
			Size     string `xml:"DAV: getcontentlength"`
			Modified string `xml:"DAV: getlastmodified"`
			ETag     string `xml:"DAV: getetag"`
		} `xml:"DAV: prop"`
	} `xml:"DAV: propstat"`
}

// propfind asks what a path is and, with depth 1, what is in it.
func (t *tree) propfind(ctx context.Context, p, depth string, dir bool, see func(at string, i depot.Info)) error {
	res, err := t.ask(ctx, call{
		method: "PROPFIND", path: p, dir: dir, text: wanted,
		headers: map[string]string{"Depth": depth, "Content-Type": `application/xml; charset="utf-8"`},
	})
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if err := t.refusal(res, nil); err != nil {
		return err
	}
	if res.StatusCode != http.StatusMultiStatus {
		return t.noDAV(res)
	}
	d := xml.NewDecoder(res.Body)
	for {
		token, err := d.Token()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return t.unreadable(ctx, err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name != (xml.Name{Space: "DAV:", Local: "response"}) {
			continue
		}
		var one described
		if err := d.DecodeElement(&one, &start); err != nil {
			return t.unreadable(ctx, err)
		}
		if at, i, ok := t.info(one); ok {
			see(at, i)
		}
	}
}

// unreadable tells a reply that broke off apart from one that is no XML.
func (t *tree) unreadable(ctx context.Context, err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) && !strings.Contains(syntax.Msg, "unexpected EOF") {
		return kit.Fail(kit.Malformed, "the server's list is no XML: %s", syntax.Msg).Hint("check that the address is one of WebDAV")
	}
	return t.lost(ctx, io.ErrUnexpectedEOF)
}

// info is where a file is below the server's root, and what it is.
func (t *tree) info(one described) (at string, i depot.Info, ok bool) {
	u, err := url.Parse(one.Href)
	if err != nil {
		return "", i, false
	}
	at, ok = strings.CutPrefix(path.Clean("/"+u.Path), t.root.Path)
	if !ok || at != "" && at[0] != '/' {
		return "", i, false
	}
	if at == "" {
		at = "/"
	}
	for _, found := range one.Found {
		if !strings.Contains(found.Status, " 200") {
			continue
		}
		i = depot.Info{Path: at, Dir: found.Prop.Type.Collection != nil, Version: found.Prop.ETag}
		if !i.Dir {
			i.Size, _ = strconv.ParseInt(strings.TrimSpace(found.Prop.Size), 10, 64) // none is empty
		}
		if m, err := http.ParseTime(found.Prop.Modified); err == nil {
			i.Modified = m
		}
		return at, i, true
	}
	return "", i, false
}

// List gives a folder whole: WebDAV has no pages.
func (t *tree) List(ctx context.Context, dir, after string, _ int) ([]depot.Info, bool, error) {
	var entries []depot.Info
	isDir := false
	err := t.propfind(ctx, dir, "1", true, func(at string, i depot.Info) {
		if at == dir {
			isDir = i.Dir
			return
		}
		entries = append(entries, i)
	})
	if err != nil {
		return nil, false, err
	}
	if !isDir && len(entries) == 0 {
		return nil, false, kit.Fail(kit.Invalid, "it is a file, not a folder").Hint("name the folder that it is in")
	}
	return depot.Sorted(entries, after), false, nil
}

// Stat finds a file or folder.
func (t *tree) Stat(ctx context.Context, p string) (depot.Info, error) {
	var found *depot.Info
	err := t.propfind(ctx, p, "0", p == "/" || p == t.base, func(_ string, i depot.Info) {
		if found == nil {
			found = &i
		}
	})
	switch {
	case err != nil:
		return depot.Info{}, err
	case found == nil:
		return depot.Info{}, fs.ErrNotExist
	}
	found.Path = p
	return *found, nil
}

// Open reads a file from an offset on. A server that knows no ranges gives it whole, and
// what came before is passed over.
func (t *tree) Open(ctx context.Context, p string, from int64) (io.ReadCloser, error) {
	c := call{method: http.MethodGet, path: p}
	if from > 0 {
		c.headers = map[string]string{"Range": "bytes=" + strconv.FormatInt(from, 10) + "-"}
	}
	res, err := t.ask(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := t.refusal(res, nil); err != nil {
		res.Body.Close()
		return nil, err
	}
	if from > 0 && res.StatusCode != http.StatusPartialContent {
		if _, err := io.CopyN(io.Discard, res.Body, from); err != nil {
			res.Body.Close()
			return nil, t.lost(ctx, err)
		}
	}
	return res.Body, nil
}

// Write puts a file there. Servers that know conditions hold to them.
func (t *tree) Write(ctx context.Context, p string, content io.Reader, size int64, only depot.Only) error {
	c := call{method: http.MethodPut, path: p, body: content, size: size, headers: map[string]string{}}
	if kind := mime.TypeByExtension(path.Ext(p)); kind != "" {
		c.headers["Content-Type"] = kind
	}
	met := error(depot.ErrChanged)
	switch {
	case only.New:
		c.headers["If-None-Match"] = "*"
		met = fs.ErrExist
	case only.Version != "":
		c.headers["If-Match"] = only.Version
	}
	return t.perform(ctx, c, map[int]error{
		http.StatusPreconditionFailed: met, http.StatusConflict: fs.ErrNotExist, http.StatusNotFound: fs.ErrNotExist,
	})
}

// Rename moves a file.
func (t *tree) Rename(ctx context.Context, from, to string, only depot.Only) error {
	over := "T"
	if only.New {
		over = "F"
	}
	return t.perform(ctx, call{
		method: "MOVE", path: from,
		headers: map[string]string{"Destination": t.address(to, false).String(), "Overwrite": over},
	}, map[int]error{http.StatusPreconditionFailed: fs.ErrExist, http.StatusConflict: fs.ErrNotExist})
}

// Remove removes a file or folder.
func (t *tree) Remove(ctx context.Context, p string, dir bool) error {
	return t.perform(ctx, call{method: http.MethodDelete, path: p, dir: dir}, nil)
}

// MakeDir makes a folder.
func (t *tree) MakeDir(ctx context.Context, p string) error {
	return t.perform(ctx, call{method: "MKCOL", path: p, dir: true}, map[int]error{
		http.StatusMethodNotAllowed: fs.ErrExist, http.StatusConflict: fs.ErrNotExist,
	})
}
