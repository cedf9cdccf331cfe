package cli_test

import (
	"path/filepath"
	"strings"
	"testing"

	"jackfield/app/cli"
	"jackfield/connectors/kit"
	"jackfield/flow"
)

func TestConnectorsAreAddedListedAndRemoved(t *testing.T) {
	d := newDesk(t)
	d.Described = []kit.Described{{
		Path: "/home/connectors/shop.yaml", Kind: "OpenAPI document", Connector: "shop", Title: "Corner shop", Ops: 12,
		Problems: []flow.Problem{{File: "/home/connectors/shop.yaml", Line: 7, Column: 3, Code: kit.Malformed, What: "POST /a is left out", Warning: true}},
	}}
	got := d.call("connectors", "add", "shop.yaml")
	if got.code != 0 || !strings.Contains(got.out, "added connector shop with 12 operations: Corner shop") || !strings.Contains(got.err, "shop.yaml:7:3: POST /a is left out") {
		t.Errorf("add: %+v", got)
	}
	d.call("connectors", "add", "https://shop.example/openapi.json", "shop")
	d.call("connectors", "rm", "shop")
	at, err := filepath.Abs("shop.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := "add connector " + at + " ; add connector https://shop.example/openapi.json shop; remove connector shop"
	if asked := strings.Join(d.Asked(), "; "); asked != want {
		t.Errorf("asked %s\nwant %s", asked, want)
	}
	got = d.call("connectors", "files")
	if !strings.Contains(got.out, "1 problem") || !strings.Contains(got.out, "OpenAPI document") || !strings.Contains(got.err, ":7:3") {
		t.Errorf("files: %+v", got)
	}
	if got := d.call("connectors", "files", "--json"); !strings.Contains(got.out, `"connector": "shop"`) {
		t.Errorf("as JSON: %s", got.out)
	}
	if got := d.call("connectors", "add"); got.code != cli.BadUsage {
		t.Errorf("without a file: %+v", got)
	}
}

func TestAConnectorIsMadeOfAnExample(t *testing.T) {
	d := newDesk(t)
	d.Described = []kit.Described{{Path: "/home/connectors/shop.yaml", Connector: "shop", Ops: 1}}
	got := d.call("connectors", "new", "shop", "--from", "curl https://shop.example/v1/orders")
	if got.code != 0 || !strings.Contains(got.out, "made connector shop with 1 operation: look at /home/connectors/shop.yaml") {
		t.Errorf("new: %+v", got)
	}
	d.in = "curl https://shop.example/v1/pets\n"
	if got := d.call("connectors", "new", "pets", "--from", "-", "--json"); got.code != 0 || !strings.Contains(got.out, `"connector": "shop"`) {
		t.Errorf("from standard input: %+v", got)
	}
	want := "add connector curl https://shop.example/v1/orders shop; add connector curl https://shop.example/v1/pets pets"
	if asked := strings.Join(d.Asked(), "; "); asked != want {
		t.Errorf("asked %s\nwant %s", asked, want)
	}
	for _, args := range [][]string{{"connectors", "new"}, {"connectors", "new", "shop"}, {"connectors", "new", "shop", "--from", "wget x"}} {
		if got := d.call(args...); got.code != cli.BadUsage {
			t.Errorf("%v: %+v", args, got)
		}
	}
}
