package kit

import (
	"context"
	"reflect"
	"testing"

	"jackfield/flow"
)

// host is a connection with the fields that most have; site has an address.
type host struct {
	host, user, secure, base string
	port                     int
	password                 Secret
}

func (h *host) Fields() Fields {
	return Fields{
		Text(&h.host, "host", "Host"), Int(&h.port, "port", "Port"), Text(&h.user, "user", "User"), Hidden(&h.password, "password", "Password"),
		Pick(&h.secure, "secure", "Secure", Choice{Value: "tls"}, Choice{Value: "none"}), Text(&h.base, "base", "Folder"),
	}
}
func (*host) Test(context.Context, Env) []Check { return nil }

type site struct {
	url    string
	secret Secret
}

func (s *site) Fields() Fields {
	return Fields{Text(&s.url, "url", "Address"), Hidden(&s.secret, "secret", "Secret")}
}
func (*site) Test(context.Context, Env) []Check { return nil }

// own is a site that knows a text of its own.
type own struct{ site }

func (*own) Paste(text string) (flow.Values, bool) {
	return flow.Values{"url": "own:" + text}, text == "mine"
}

func TestPasteFillsTheFieldsThatTheTextTellsOf(t *testing.T) {
	type values = flow.Values
	for _, tt := range []struct {
		name string
		of   Connection
		text string
		want values // nil where it says nothing
	}{
		{"address", &host{}, " sftp://ann:p%40ss@files.example:2222/in/new?secure=tls&other=1\n", values{
			"host": "files.example", "port": 2222, "user": "ann", "password": NewSecret("p@ss"), "base": "/in/new", "secure": "tls",
		}},
		{"address alone", &host{}, "ftp://files.example", values{"host": "files.example"}},
		{"address of a site", &site{}, "https://ann@crm.example/api?x=1", values{"url": "https://crm.example/api"}},
		{"lines", &host{}, "# from the partner\nexport FTP_HOST=\"files.example\"\nFTP_PORT=21\nFTP_USERNAME='ann'\nFTP_PASS=a=b\nDEBUG=1\n", values{
			"host": "files.example", "port": 21, "user": "ann", "password": NewSecret("a=b"),
		}},
		{"the own name before one that ends so", &host{}, "PROXY_HOST=no\nHOST=yes", values{"host": "yes"}},
		{"keys of a store", &site{}, "AWS_SECRET_ACCESS_KEY=s3\nENDPOINT=https://s3.example", values{"secret": NewSecret("s3"), "url": "https://s3.example"}},
		{"an address in a line", &host{}, "FILES_URL=ftp://files.example", values{"host": "files.example"}},
		{"what does not fit", &host{}, "PORT=many\nSECURE=perhaps\nHOST=h", values{"host": "h"}},
		{"an address of the web where none is asked for", &host{}, "https://files.example", nil},
		{"words", &host{}, "hello there", nil},
		{"words among lines", &host{}, "HOST=h\nand so on", nil},
		{"nothing", &host{}, "", nil},
		{"its own text", &own{}, "mine", values{"url": "own:mine"}},
		{"a text that is not its own", &own{}, "url=x", values{"url": "x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, ok := Paste(tt.of, tt.text)
			if ok != (tt.want != nil) || ok && !reflect.DeepEqual(got, tt.want) {
				t.Errorf("it says %#v, %v; want %#v", got, ok, tt.want)
			}
		})
	}
}
