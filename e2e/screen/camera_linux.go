package screen

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// Camera looks at what a screen shows. It speaks the X protocol itself (X Window System
// Protocol, version 11: Connection Setup, GetImage), so that a look takes a fraction of
// a millisecond and not the start of a program.
type Camera struct {
	conn net.Conn
	root uint32
}

// Camera connects to the screen.
func (s *Screen) Camera() (*Camera, error) {
	conn, err := net.Dial("unix", "/tmp/.X11-unix/X"+strings.TrimPrefix(s.display, ":"))
	if err != nil {
		return nil, err
	}
	c := &Camera{conn: conn}
	if err := c.setUp(); err != nil {
		conn.Close()
		return nil, fmt.Errorf("connect to the X server %s: %w", s.display, err)
	}
	return c, nil
}

// setUp greets the server and learns its first screen's root window.
func (c *Camera) setUp() error {
	hello := []byte{'l', 0, 11, 0, 0, 0, 0, 0, 0, 0, 0, 0} // little endian, version 11.0, no key
	if _, err := c.conn.Write(hello); err != nil {
		return err
	}
	head := make([]byte, 8)
	if _, err := io.ReadFull(c.conn, head); err != nil {
		return err
	}
	body := make([]byte, 4*int(binary.LittleEndian.Uint16(head[6:])))
	if _, err := io.ReadFull(c.conn, body); err != nil {
		return err
	}
	if head[0] != 1 || len(body) < 32 {
		return fmt.Errorf("it refuses: %q", body)
	}
	vendor, formats := int(binary.LittleEndian.Uint16(body[16:])), int(body[21])
	at := 32 + (vendor+3)/4*4 + 8*formats
	if len(body) < at+4 {
		return errors.New("it names no screen")
	}
	c.root = binary.LittleEndian.Uint32(body[at:])
	return nil
}

// Look gives the pixels of a part of the screen, line by line, as 0xRRGGBB.
func (c *Camera) Look(x, y, width, height int) ([]uint32, error) {
	const getImage, zPixmap, allPlanes = 73, 2, 0xffffffff
	ask := make([]byte, 20)
	ask[0], ask[1] = getImage, zPixmap
	binary.LittleEndian.PutUint16(ask[2:], 5) // its length in words
	binary.LittleEndian.PutUint32(ask[4:], c.root)
	for i, n := range []int{x, y, width, height} {
		binary.LittleEndian.PutUint16(ask[8+2*i:], uint16(n))
	}
	binary.LittleEndian.PutUint32(ask[16:], allPlanes)
	if _, err := c.conn.Write(ask); err != nil {
		return nil, err
	}
	head := make([]byte, 32)
	if _, err := io.ReadFull(c.conn, head); err != nil {
		return nil, err
	}
	if head[0] != 1 {
		return nil, fmt.Errorf("look at the screen: error %d of the X server", head[1])
	}
	data := make([]byte, 4*int(binary.LittleEndian.Uint32(head[4:])))
	if _, err := io.ReadFull(c.conn, data); err != nil {
		return nil, err
	}
	pixels := make([]uint32, len(data)/4)
	for i := range pixels {
		pixels[i] = binary.LittleEndian.Uint32(data[4*i:]) & 0xffffff
	}
	return pixels, nil
}

// Colours counts the different colours of a part of the screen.
func (c *Camera) Colours(x, y, width, height int) (int, error) {
	pixels, err := c.Look(x, y, width, height)
	seen := map[uint32]bool{}
	for _, p := range pixels {
		seen[p] = true
	}
	return len(seen), err
}

// Close ends the connection.
func (c *Camera) Close() error { return c.conn.Close() }
