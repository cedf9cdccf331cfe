package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"

	"github.com/minio/minio-go/v7"

	"jackfield/connectors/kit"
	"jackfield/connectors/kit/depot"
)

// bucket is the objects of a bucket as files.
type bucket struct {
	*settings
	client   *minio.Core
	base     string
	env      kit.Env
	giveBack func(broken bool)
}

var (
	_ depot.Whole = (*bucket)(nil)
	_ depot.Flat  = (*bucket)(nil)
)

// Whole says that an object appears whole.
func (b *bucket) Whole() bool { return true }

// Close gives the service back.
func (b *bucket) Close() error {
	b.giveBack(false)
	return nil
}

// keyOf is the key of a path.
func keyOf(p string) string { return strings.TrimPrefix(p, "/") }

// prefixOf is what the keys of a folder's objects begin with.
func prefixOf(dir string) string {
	if dir == "/" {
		return ""
	}
	return keyOf(dir) + "/"
}

// List gives a folder in the order of the keys, folders with their slash.
func (b *bucket) List(ctx context.Context, dir, after string, most int) ([]depot.Info, bool, error) {
	prefix := prefixOf(dir)
	begin := ""
	if after != "" {
		begin = prefix + after
	}
	return b.list(ctx, prefix, begin, "/", most)
}

// ListBelow gives what is below a folder in the order of the keys.
func (b *bucket) ListBelow(ctx context.Context, dir, after string, most int) ([]depot.Info, bool, error) {
	return b.list(ctx, prefixOf(dir), keyOf(after), "", most)
}

// list asks until there is something to give.
func (b *bucket) list(ctx context.Context, prefix, after, delimiter string, most int) (entries []depot.Info, more bool, err error) {
	token := ""
	for {
		if err := b.env.Turn(ctx); err != nil {
			return nil, false, err
		}
		page, err := b.client.ListObjectsV2(b.Bucket, prefix, after, token, delimiter, most)
		if err != nil {
			return nil, false, b.told(err)
		}
		for _, o := range page.Contents {
			if o.Key > after && nameable(o.Key) {
				entries = append(entries, infoOf(o))
			}
		}
		for _, p := range page.CommonPrefixes {
			if p.Prefix > after && nameable(strings.TrimSuffix(p.Prefix, "/")) {
				entries = append(entries, depot.Info{Path: "/" + strings.TrimSuffix(p.Prefix, "/"), Dir: true})
			}
		}
		if !page.IsTruncated || len(entries) > 0 {
			slices.SortFunc(entries, func(a, b depot.Info) int { return strings.Compare(place(a), place(b)) })
			return entries, page.IsTruncated, nil
		}
		if page.NextContinuationToken == "" || page.NextContinuationToken == token {
			return nil, false, kit.Fail(kit.Malformed, "the service says that there is more and does not say where").Hint("tell those who run the service")
		}
		token = page.NextContinuationToken
	}
}

func place(i depot.Info) string {
	if i.Dir {
		return i.Path + "/"
	}
	return i.Path
}

// nameable says whether a path can name a key. Keys that end with a slash stand for
// folders.
func nameable(key string) bool {
	return key != "" && !strings.HasSuffix(key, "/") && path.Clean("/"+key) == "/"+key
}

func infoOf(o minio.ObjectInfo) depot.Info {
	return depot.Info{Path: "/" + o.Key, Size: o.Size, Modified: o.LastModified, Version: strings.Trim(o.ETag, `"`)}
}

// Stat finds an object, or a folder that has objects in it.
func (b *bucket) Stat(ctx context.Context, p string) (depot.Info, error) {
	if err := b.env.Turn(ctx); err != nil {
		return depot.Info{}, err
	}
	if p == b.base {
		return depot.Info{Path: p, Dir: true}, nil
	}
	o, err := b.client.StatObject(ctx, b.Bucket, keyOf(p), minio.StatObjectOptions{})
	if err == nil {
		o.Key = keyOf(p)
		return infoOf(o), nil
	}
	if err = b.told(err); !errors.Is(err, fs.ErrNotExist) {
		return depot.Info{}, err
	}
	in, err := b.client.ListObjectsV2(b.Bucket, prefixOf(p), "", "", "", 1)
	switch {
	case err != nil:
		return depot.Info{}, b.told(err)
	case len(in.Contents) == 0:
		return depot.Info{}, fs.ErrNotExist
	}
	return depot.Info{Path: p, Dir: true}, nil
}

// Open reads an object from an offset on.
func (b *bucket) Open(ctx context.Context, p string, from int64) (io.ReadCloser, error) {
	if err := b.env.Turn(ctx); err != nil {
		return nil, err
	}
	var how minio.GetObjectOptions
	if from > 0 {
		if err := how.SetRange(from, 0); err != nil {
			return nil, err
		}
	}
	body, _, _, err := b.client.GetObject(ctx, b.Bucket, keyOf(p), how)
	if err != nil {
		return nil, b.told(err)
	}
	return body, nil
}

// Write puts an object there, in parts where it is large. Services that know conditions
// hold to them when the object appears.
func (b *bucket) Write(ctx context.Context, p string, content io.Reader, size int64, only depot.Only) error {
	if err := b.env.Turn(ctx); err != nil {
		return err
	}
	how := minio.PutObjectOptions{ContentType: mime.TypeByExtension(path.Ext(p))}
	switch {
	case only.New:
		how.SetMatchETagExcept("*")
	case only.Version != "":
		how.SetMatchETag(only.Version)
	}
	var err error
	if size == 0 { // signed as a stream it would be sent without a length
		how.DisableContentSha256 = true
		_, err = b.client.PutObject(ctx, b.Bucket, keyOf(p), bytes.NewReader(nil), 0, "", "", how)
	} else {
		_, err = b.client.Client.PutObject(ctx, b.Bucket, keyOf(p), content, size, how)
	}
	return b.unmet(err, only)
}

// unmet tells which condition did not hold.
func (b *bucket) unmet(err error, only depot.Only) error {
	code := minio.ToErrorResponse(err).Code
	switch {
	case err == nil:
		return nil
	case code == "PreconditionFailed" && only.New:
		return fs.ErrExist
	case code == "PreconditionFailed", code == "ConditionalRequestConflict":
		return depot.ErrChanged
	}
	return b.told(err)
}

// largestCopy is what a service copies in one go (Amazon S3, CopyObject).
const largestCopy = 5 << 30

// Rename copies an object and removes the old one. Where the copy is there and the old
// one too, an earlier attempt broke off in between.
func (b *bucket) Rename(ctx context.Context, from, to string, only depot.Only) error {
	old, err := b.Stat(ctx, from)
	if err != nil {
		return err
	}
	if err := b.env.Turn(ctx); err != nil {
		return err
	}
	source := minio.CopySrcOptions{Bucket: b.Bucket, Object: keyOf(from), MatchETag: old.Version}
	target := minio.CopyDestOptions{Bucket: b.Bucket, Object: keyOf(to)}
	if old.Size > largestCopy {
		_, err = b.client.ComposeObject(ctx, target, source)
	} else {
		_, err = b.client.Client.CopyObject(ctx, target, source)
	}
	if err != nil {
		return b.unmet(err, depot.Only{Version: old.Version})
	}
	return b.Remove(ctx, from, false)
}

// Remove removes an object, or what stands for a folder.
func (b *bucket) Remove(ctx context.Context, p string, dir bool) error {
	if err := b.env.Turn(ctx); err != nil {
		return err
	}
	key := keyOf(p)
	if dir {
		key += "/"
	}
	err := b.client.RemoveObject(ctx, b.Bucket, key, minio.RemoveObjectOptions{})
	if err != nil {
		if err = b.told(err); dir && errors.Is(err, fs.ErrNotExist) {
			return nil
		}
	}
	return err
}

// MakeDir does nothing: a folder is there once something is in it.
func (b *bucket) MakeDir(context.Context, string) error { return nil }
