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
	"unicode"
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

// pen follows the data of a path (SVG 1.1, 8.3), the commands that the drawings use.
type pen struct {
	args    []float64
	at      point
	done    []subpath
	current subpath
	start   point
}

func parsePath(d string) ([]subpath, error) {
	var p pen
	for d != "" {
		command := rune(d[0])
		rest := strings.IndexFunc(d[1:], unicode.IsLetter)
		if rest < 0 {
			rest = len(d) - 1
		}
		args, err := numbers(d[1 : rest+1])
		if err != nil {
			return nil, err
		}
		d = d[rest+1:]
		for first := true; first || len(args) > 0; first = false {
			if args, err = p.step(command, args); err != nil {
				return nil, err
			}
			if command == 'M' {
				command = 'L' // more points after a move are lines
			} else if command == 'm' {
				command = 'l'
			}
		}
	}
	p.lift()
	return p.done, nil
}

// numbers reads "4.5 3-1.2.8": a sign or a second point begins a new number.
func numbers(s string) ([]float64, error) {
	var out []float64
	begin := -1
	flush := func(end int) error {
		if begin < 0 {
			return nil
		}
		f, err := strconv.ParseFloat(s[begin:end], 64)
		out, begin = append(out, f), -1
		return err
	}
	for i, r := range s {
		starts := r == '-' || r == '.' && begin >= 0 && strings.Contains(s[begin:i], ".")
		if starts || r == ' ' || r == ',' {
			if err := flush(i); err != nil {
				return nil, err
			}
		}
		if begin < 0 && r != ' ' && r != ',' {
			begin = i
		}
	}
	return out, flush(len(s))
}

// step draws one command and gives the numbers that it did not use.
func (p *pen) step(command rune, args []float64) ([]float64, error) {
	need := map[rune]int{'M': 2, 'L': 2, 'H': 1, 'V': 1, 'C': 6, 'A': 7, 'Z': 0}
	upper := unicode.ToUpper(command)
	n, ok := need[upper]
	if !ok || len(args) < n {
		return nil, fmt.Errorf("%c with %d numbers", command, len(args))
	}
	base := point{}
	if command != upper {
		base = p.at
	}
	a, from := args[:n], p.at
	switch upper {
	case 'M':
		p.lift()
		p.at = point{base.x + a[0], base.y + a[1]}
		p.start = p.at
	case 'L':
		p.line(point{base.x + a[0], base.y + a[1]})
	case 'H':
		p.line(point{base.x + a[0], from.y})
	case 'V':
		p.line(point{from.x, base.y + a[0]})
	case 'C':
		p.curve(point{base.x + a[0], base.y + a[1]}, point{base.x + a[2], base.y + a[3]}, point{base.x + a[4], base.y + a[5]})
	case 'A':
		p.arc(a[0], a[3] == 1, a[4] == 1, point{base.x + a[5], base.y + a[6]})
	case 'Z':
		if p.at != p.start {
			p.line(p.start)
		}
		p.current.closed = true
		p.lift()
	}
	return args[n:], nil
}

func (p *pen) lift() {
	if len(p.current.segments) > 0 {
		p.done = append(p.done, p.current)
	}
	p.current = subpath{}
}

func (p *pen) draw(s segment) {
	p.current.segments = append(p.current.segments, s)
	p.at = s[len(s)-1]
}

func (p *pen) line(to point) { p.draw(segment{p.at, to}) }

func (p *pen) curve(b, c, to point) {
	const n = 20
	s, a := make(segment, n+1), p.at
	for i := range s {
		t := float64(i) / n
		u := 1 - t
		mix := func(a, b, c, d float64) float64 { return u*u*u*a + 3*u*u*t*b + 3*u*t*t*c + t*t*t*d }
		s[i] = point{mix(a.x, b.x, c.x, to.x), mix(a.y, b.y, c.y, to.y)}
	}
	p.draw(s)
}

// arc draws part of a circle (SVG 1.1, F.6.5; the drawings have no tilted ellipses).
func (p *pen) arc(r float64, large, sweep bool, to point) {
	dx, dy := to.x-p.at.x, to.y-p.at.y
	chord := math.Hypot(dx, dy)
	r = max(r, chord/2)
	height := math.Sqrt(r*r - chord*chord/4)
	if large == sweep {
		height = -height
	}
	c := point{p.at.x + dx/2 - dy/chord*height, p.at.y + dy/2 + dx/chord*height}
	from := math.Atan2(p.at.y-c.y, p.at.x-c.x)
	angle := math.Atan2(to.y-c.y, to.x-c.x) - from
	if sweep && angle < 0 {
		angle += 2 * math.Pi
	} else if !sweep && angle > 0 {
		angle -= 2 * math.Pi
	}
	n := steps(math.Abs(angle), r)
	s := make(segment, n+1)
	for i := range s {
		sin, cos := math.Sincos(from + angle*float64(i)/float64(n))
		s[i] = point{c.x + r*cos, c.y + r*sin}
	}
	s[n] = to
	p.draw(s)
}
