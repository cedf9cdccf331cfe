package canvas

import (
	"time"

	"fyne.io/fyne/v2"
)

// How a gesture that comes near the border moves the view.
const (
	borderWidth = 40
	borderSpeed = 15 // at the very border, in pixels a frame
)

// borderPush is how far the view moves in one frame with the pointer at p.
func borderPush(p fyne.Position, size fyne.Size) (dx, dy float32) {
	return push(p.X, size.Width), push(p.Y, size.Height)
}

func push(at, length float32) float32 {
	if length < 4*borderWidth {
		return 0
	}
	into := max(borderWidth-at, 0) - max(at-(length-borderWidth), 0)
	return borderSpeed * min(max(into/borderWidth, -1), 1)
}

// steerTicker starts the frames of a gesture near the border, and stops them when it
// leaves it.
func (c *Canvas) steerTicker() {
	dx, dy := borderPush(c.pointer.at, c.Size())
	if !c.followsBorder() || dx == 0 && dy == 0 {
		c.stopTicker()
		return
	}
	if c.ticker == nil {
		c.ticker = &fyne.Animation{Duration: time.Second, RepeatCount: fyne.AnimationRepeatForever, Tick: func(float32) { c.tick() }}
		c.ticker.Start()
	}
}

func (c *Canvas) stopTicker() {
	if c.ticker != nil {
		c.ticker.Stop()
		c.ticker = nil
	}
}

func (c *Canvas) followsBorder() bool {
	switch c.gesture.(type) {
	case *moving, *banding, *drawing:
		return true
	}
	return false
}

// tick moves the view by one frame and lets the gesture follow.
func (c *Canvas) tick() {
	if c.ticker == nil || !c.followsBorder() {
		return
	}
	dx, dy := borderPush(c.pointer.at, c.Size())
	c.doc.SetView(c.doc.View().Panned(dx, dy))
	c.gesture.move(c, c.pointer.at)
	c.sync()
}
