package assets

import (
	"bytes"
	"encoding/xml"
	"image/png"
	"io"
	"slices"
	"strings"
	"testing"
)

// The subset that the toolkit's renderer draws: no styles, filters or text.
var drawable = []string{"svg", "g", "path", "rect", "circle", "ellipse"}

func TestIconsUseOnlyWhatTheRendererDraws(t *testing.T) {
	if len(Icons()) < 60 {
		t.Fatalf("%d icons are embedded", len(Icons()))
	}
	for _, name := range Icons() {
		svg, _ := Icon(name)
		if !bytes.Contains(svg, []byte("currentColor")) {
			t.Errorf("%s has no colour that can be replaced", name)
		}
		d := xml.NewDecoder(bytes.NewReader(svg))
		for {
			tok, err := d.Token()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			start, ok := tok.(xml.StartElement)
			if !ok {
				continue
			}
			if !slices.Contains(drawable, start.Name.Local) {
				t.Errorf("%s uses <%s>", name, start.Name.Local)
			}
			for _, a := range start.Attr {
				own := strings.HasPrefix(a.Value, "#")
				if own || a.Name.Local == "style" || a.Name.Local == "viewBox" && a.Value != "0 0 24 24" {
					t.Errorf("%s has %s=%q", name, a.Name.Local, a.Value)
				}
			}
		}
	}
}

func TestIconThatIsNotThere(t *testing.T) {
	if svg, ok := Icon("no-such-icon"); ok || svg != nil {
		t.Fatalf("got %q, %v", svg, ok)
	}
}

func TestAppIconIsASquareOf256(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(AppIcon))
	if err != nil {
		t.Fatal(err)
	}
	if b := img.Bounds(); b.Dx() != 256 || b.Dy() != 256 {
		t.Fatalf("it is %v", b)
	}
	if _, _, _, a := img.At(0, 0).RGBA(); a != 0 {
		t.Error("its corner is not transparent")
	}
	if _, _, _, a := img.At(128, 128).RGBA(); a != 0xffff {
		t.Error("its middle is not opaque")
	}
}
