package theme

import (
	"bytes"
	"fmt"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	toolkit "fyne.io/fyne/v2/theme"

	"jackfield/assets"
)

// readable is the contrast that WCAG 2.2, 1.4.3 asks for text.
const readable = 4.5

func TestTextIsReadableOnWhatItStandsOn(t *testing.T) {
	type pair struct {
		text fyne.ThemeColorName
		on   []fyne.ThemeColorName
	}
	pairs := []pair{
		{Foreground, []fyne.ThemeColorName{Background, Panel, Card, Canvas, Raised, Overlay, Input, Quiet, HeaderBack, toolkit.ColorNameMenuBackground, toolkit.ColorNameButton}},
		{Muted, []fyne.ThemeColorName{Background, Panel, Card, Canvas, Raised, Overlay, Input, Quiet, HeaderBack}},
		{Placeholder, []fyne.ThemeColorName{Input, Panel, Card}},
		{Accent, []fyne.ThemeColorName{Background, Panel, Card, Raised, Input}},
		{Primary, []fyne.ThemeColorName{Background, Panel}},
		{PrimaryFront, []fyne.ThemeColorName{Primary}},
		{OnAccent, []fyne.ThemeColorName{AccentFill}},
		{toolkit.ColorNameHyperlink, []fyne.ThemeColorName{Background, Card}},
		{toolkit.ColorNameForegroundOnError, []fyne.ThemeColorName{Error}},
		{toolkit.ColorNameForegroundOnSuccess, []fyne.ThemeColorName{Success}},
		{toolkit.ColorNameForegroundOnWarning, []fyne.ThemeColorName{Warning}},
	}
	for _, state := range []fyne.ThemeColorName{Error, Warning, Success, Running, Done, Failed, Partial, Waiting, Idle} {
		pairs = append(pairs, pair{state, []fyne.ThemeColorName{Background, Panel, Card, Raised}})
	}
	for _, code := range []fyne.ThemeColorName{CodeText, CodeKeyword, CodeString, CodeNumber, CodePath, CodeFunction, CodeVariable, CodeOperator, CodeComment} {
		pairs = append(pairs, pair{code, []fyne.ThemeColorName{Input, Panel, Raised}})
	}
	for _, tint := range Tints() {
		front, back := TintNames(tint)
		pairs = append(pairs, pair{front, []fyne.ThemeColorName{back, Card, Panel}})
	}
	for _, dark := range []bool{true, false} {
		th := New(dark)
		for _, p := range pairs {
			for _, on := range p.on {
				if c := contrast(th.Color(p.text, 0), th.Color(on, 0)); c < readable {
					t.Errorf("dark %v: %s on %s has a contrast of %.2f", dark, p.text, on, c)
				}
			}
		}
	}
}

func TestBothThemesKnowTheSameNames(t *testing.T) {
	dark, light := darkColours(), lightColours()
	for name := range dark {
		if _, ok := light[name]; !ok {
			t.Errorf("the light theme lacks %s", name)
		}
	}
	if len(dark) != len(light) {
		t.Errorf("%d dark colours, %d light ones", len(dark), len(light))
	}
}

func TestThemeDecidesItsBrightnessItself(t *testing.T) {
	th := New(true)
	if th.Color(Background, toolkit.VariantLight) != th.Color(Background, toolkit.VariantDark) {
		t.Error("the system's variant changes a colour of ours")
	}
	if th.Color(toolkit.ColorNameInnerWindowBorder, toolkit.VariantLight) != toolkit.DefaultTheme().Color(toolkit.ColorNameInnerWindowBorder, toolkit.VariantDark) {
		t.Error("the system's variant changes a colour of the toolkit")
	}
}

func TestIconFollowsTheTheme(t *testing.T) {
	app := test.NewTempApp(t)
	res := IconTinted("run", Done)
	app.Settings().SetTheme(New(true))
	dark, darkName := res.Content(), res.Name()
	app.Settings().SetTheme(New(false))
	if bytes.Equal(dark, res.Content()) || darkName == res.Name() {
		t.Error("the icon looks the same in both themes")
	}
	r, g, b, _ := Color(Done).RGBA()
	want := fmt.Sprintf("#%02x%02x%02x", r>>8, g>>8, b>>8)
	if !bytes.Contains(res.Content(), []byte(want)) || bytes.Contains(res.Content(), []byte("currentColor")) {
		t.Errorf("it is not drawn in %s: %s", want, res.Content())
	}
}

func TestUnknownNamesStillShowSomething(t *testing.T) {
	test.NewTempApp(t)
	if len(Icon("from-another-connector").Content()) == 0 {
		t.Error("no icon")
	}
	front, _ := Tint("no-such-tint")
	slate, _ := Tint("slate")
	if front != slate {
		t.Error("an unknown tint is not slate")
	}
}

func TestMarkIsTheAppIcon(t *testing.T) {
	if !bytes.Equal(Mark().Content(), assets.AppIcon) {
		t.Error("it is another picture")
	}
}

// contrast is the ratio of WCAG 2.2, 1.4.3.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(c color.Color) float64 {
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	linear := func(v uint8) float64 {
		s := float64(v) / 255
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(n.R) + 0.7152*linear(n.G) + 0.0722*linear(n.B)
}
