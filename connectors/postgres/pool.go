package postgres

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// fresh is how long a line is believed to be still there after it was used.
const fresh = time.Second

// pool holds the open lines of one connection.
type pool struct {
	turns chan struct{} // one for each line that may be open at once
	mu    sync.Mutex
	free  []*line
	shut  bool
}

func newPool(most int) *pool { return &pool{turns: make(chan struct{}, most)} }

// take gives a line that nobody uses, or opens one; it waits where as many as allowed
// are in use.
func (p *pool) take(ctx context.Context, config *pgconn.Config) (*line, error) {
	select {
	case p.turns <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	for l := p.last(); l != nil; l = p.last() {
		if time.Since(l.rested) < fresh || l.conn.Ping(ctx) == nil {
			return l, nil
		}
		l.close()
	}
	conn, err := pgconn.ConnectConfig(ctx, config)
	if err != nil {
		<-p.turns
		return nil, err
	}
	return &line{conn: conn}, nil
}

func (p *pool) last() *line {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.free) == 0 {
		return nil
	}
	l := p.free[len(p.free)-1]
	p.free = p.free[:len(p.free)-1]
	return l
}

// put gives a line back. One that broke, or is in the middle of something, is closed.
func (p *pool) put(l *line) {
	defer func() { <-p.turns }()
	p.mu.Lock()
	l.rested = time.Now()
	keep := !p.shut && !l.conn.IsClosed() && l.conn.TxStatus() == 'I'
	if keep {
		p.free = append(p.free, l)
	}
	p.mu.Unlock()
	if !keep {
		l.close()
	}
}

// Rest leaves the lines open; each is looked at before it is used again.
func (p *pool) Rest() {}

// Fresh says that it can be used again.
func (p *pool) Fresh() bool { return true }

// Close closes all lines.
func (p *pool) Close() error {
	p.mu.Lock()
	free := p.free
	p.free, p.shut = nil, true
	p.mu.Unlock()
	var errs []error
	for _, l := range free {
		errs = append(errs, l.close())
	}
	return errors.Join(errs...)
}

// close says good-bye to the server, but waits for no answer for long.
func (l *line) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	if l.conn.IsClosed() {
		return nil
	}
	return l.conn.Close(ctx)
}
