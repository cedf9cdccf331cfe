package assets

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// pen follows the data of a path (SVG 1.1, 8.3), the commands that the drawings use.
type pen struct {
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
