package assets

import (
	"encoding/xml"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// The icons are drawn in strokes, under drawings, and shown as outlines, under
// icons: the toolkit's renderer gives a stroke the same width in pixels however
// large the icon is. This file makes the one of the other.

var update = flag.Bool("update", false, "make the outlines again from the drawings")

func TestOutlinesFollowTheDrawings(t *testing.T) {
	drawings, err := filepath.Glob("drawings/*.svg")
	if err != nil {
		t.Fatal(err)
	}
	if len(drawings) != len(Icons()) && !*update {
		t.Errorf("%d drawings, %d icons", len(drawings), len(Icons()))
	}
	for _, file := range drawings {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		want, err := outline(src)
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		out := filepath.Join("icons", filepath.Base(file))
		if *update {
			if err := os.WriteFile(out, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, _ := os.ReadFile(out); string(got) != want {
			t.Errorf("%s is not what %s gives; run go test ./assets -update", out, file)
		}
	}
}

type point struct{ x, y float64 }

// segment is a line or a curve without corners, as the points along it.
type segment []point

// subpath is a pen's way without lifting it.
type subpath struct {
	segments []segment
	closed   bool
}

// shape is one element of a drawing.
type shape struct {
	XMLName xml.Name
	Shapes  []shape `xml:",any"`
	Fill    string  `xml:"fill,attr"`
	Stroke  string  `xml:"stroke,attr"`
	Width   float64 `xml:"stroke-width,attr"`
	Opacity string  `xml:"stroke-opacity,attr"`
	D       string  `xml:"d,attr"`
	X       float64 `xml:"x,attr"`
	Y       float64 `xml:"y,attr"`
	W       float64 `xml:"width,attr"`
	H       float64 `xml:"height,attr"`
	CX      float64 `xml:"cx,attr"`
	CY      float64 `xml:"cy,attr"`
	R       float64 `xml:"r,attr"`
	RX      float64 `xml:"rx,attr"`
	RY      float64 `xml:"ry,attr"`
}

// outline gives an SVG with the same look that fills and never strokes.
func outline(src []byte) (string, error) {
	var root shape
	if err := xml.Unmarshal(src, &root); err != nil {
		return "", err
	}
	if len(root.Shapes) != 1 || root.Shapes[0].XMLName.Local != "g" {
		return "", fmt.Errorf("a drawing is one group")
	}
	var solid, faint strings.Builder
	opacity := ""
	for _, s := range root.Shapes[0].Shapes {
		paths, err := s.paths()
		if err != nil {
			return "", err
		}
		out := &solid
		if s.Opacity != "" {
			out, opacity = &faint, s.Opacity
		}
		for _, p := range paths {
			if s.Fill != "" {
				p.fill(out)
			}
			if s.Stroke != "none" {
				p.stroke(out, root.Shapes[0].Width/2)
			}
		}
	}
	svg := `<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24">`
	if faint.Len() > 0 {
		svg += fmt.Sprintf(`<path fill="currentColor" fill-opacity="%s" d="%s"/>`, opacity, faint.String())
	}
	return svg + fmt.Sprintf(`<path fill="currentColor" d="%s"/></svg>`+"\n", solid.String()), nil
}

func (s shape) paths() ([]subpath, error) {
	switch s.XMLName.Local {
	case "circle":
		return []subpath{ellipse(point{s.CX, s.CY}, s.R, s.R)}, nil
	case "ellipse":
		return []subpath{ellipse(point{s.CX, s.CY}, s.RX, s.RY)}, nil
	case "rect":
		r := s.RX
		return parsePath(fmt.Sprintf("M%g %gH%gA%g %g 0 0 1 %g %gV%gA%g %g 0 0 1 %g %gH%gA%g %g 0 0 1 %g %gV%gA%g %g 0 0 1 %g %gZ",
			s.X+r, s.Y, s.X+s.W-r, r, r, s.X+s.W, s.Y+r, s.Y+s.H-r, r, r, s.X+s.W-r, s.Y+s.H,
			s.X+r, r, r, s.X, s.Y+s.H-r, s.Y+r, r, r, s.X+r, s.Y))
	case "path":
		return parsePath(s.D)
	}
	return nil, fmt.Errorf("<%s> is not drawn", s.XMLName.Local)
}

// flat is how far a chord may lie from its curve, in units of the drawing.
const flat = 0.012

func ellipse(c point, rx, ry float64) subpath {
	n := steps(2*math.Pi, max(rx, ry))
	seg := make(segment, n+1)
	for i := range seg {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(n))
		seg[i] = point{c.x + rx*cos, c.y + ry*sin}
	}
	return subpath{segments: []segment{seg}, closed: true}
}

// steps is how many chords an arc of that angle and radius needs.
func steps(angle, r float64) int {
	return int(math.Ceil(angle / (2 * math.Acos(1-flat/max(r, flat)))))
}

// fill writes the area inside.
func (p subpath) fill(out *strings.Builder) {
	var poly []point
	for _, s := range p.segments {
		poly = append(poly, s...)
	}
	polygon(out, poly, false)
}

// stroke writes the area that a round pen of radius w covers: a ribbon along each
// segment and a disc at each corner and end. All turn the same way, so that they
// add up where they overlap.
func (p subpath) stroke(out *strings.Builder, w float64) {
	smooth := p.closed && len(p.segments) == 1
	for _, s := range p.segments {
		left, right := make([]point, len(s)), make([]point, len(s))
		for i := range s {
			n := s.normal(i, smooth)
			left[i] = point{s[i].x + n.x*w, s[i].y + n.y*w}
			right[len(s)-1-i] = point{s[i].x - n.x*w, s[i].y - n.y*w}
		}
		if smooth {
			hole := area(left) < area(right)
			polygon(out, left, hole)
			polygon(out, right, !hole)
			continue
		}
		polygon(out, append(left, right...), false)
	}
	if smooth {
		return
	}
	for _, s := range p.segments {
		disc(out, s[0], w)
	}
	if last := p.segments[len(p.segments)-1]; !p.closed {
		disc(out, last[len(last)-1], w)
	}
}

// normal is the unit vector to the left of the way at its i-th point.
func (s segment) normal(i int, ring bool) point {
	before, after := max(i-1, 0), min(i+1, len(s)-1)
	if ring && (i == 0 || i == len(s)-1) {
		before, after = len(s)-2, 1
	}
	dx, dy := s[after].x-s[before].x, s[after].y-s[before].y
	l := math.Hypot(dx, dy)
	if l == 0 {
		return point{0, 1}
	}
	return point{-dy / l, dx / l}
}

func area(poly []point) (sum float64) {
	for i, p := range poly {
		q := poly[(i+1)%len(poly)]
		sum += p.x*q.y - q.x*p.y
	}
	return math.Abs(sum / 2)
}

// polygon writes a closed line of chords, turning right, or left for a hole.
func polygon(out *strings.Builder, poly []point, hole bool) {
	var signed float64
	for i, p := range poly {
		q := poly[(i+1)%len(poly)]
		signed += p.x*q.y - q.x*p.y
	}
	if (signed < 0) != hole {
		for i, j := 0, len(poly)-1; i < j; i, j = i+1, j-1 {
			poly[i], poly[j] = poly[j], poly[i]
		}
	}
	at := ""
	for i, p := range poly {
		next := num(p.x) + " " + num(p.y)
		if next == at {
			continue
		}
		at = next
		switch i {
		case 0:
			out.WriteString("M" + next)
		case 1:
			out.WriteString("L" + next)
		default:
			out.WriteString(" " + next)
		}
	}
	out.WriteString("Z")
}

func disc(out *strings.Builder, c point, r float64) {
	fmt.Fprintf(out, "M%s %sA%s %s 0 0 1 %s %sA%s %s 0 0 1 %s %sZ", num(c.x-r), num(c.y), num(r), num(r), num(c.x+r), num(c.y),
		num(r), num(r), num(c.x-r), num(c.y))
}

func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*100)/100+0, 'f', -1, 64)
}
