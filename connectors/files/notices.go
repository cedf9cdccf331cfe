package files

import (
	"github.com/fsnotify/fsnotify"

	"jackfield/connectors/kit"
	"jackfield/flow"
)

// notices are the system's words that something changed in a folder. They may be
// missing altogether; whoever uses them looks from time to time anyway.
type notices struct {
	watcher *fsnotify.Watcher
	signal  chan struct{} // holds one, however many have come
	ended   chan struct{}
}

// listenTo begins to take notices. Where the system has none left to give, there are
// none.
func listenTo(env kit.Env) *notices {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		env.Log(flow.Debug, "", "no notices of changed files: %v", err)
		return &notices{}
	}
	n := &notices{watcher: watcher, signal: make(chan struct{}, 1), ended: make(chan struct{})}
	go n.take()
	return n
}

func (n *notices) take() {
	defer close(n.ended)
	for {
		select {
		case _, ok := <-n.watcher.Events:
			if !ok {
				return
			}
		case _, ok := <-n.watcher.Errors: // notices were lost: as good as one
			if !ok {
				return
			}
		}
		select {
		case n.signal <- struct{}{}:
		default:
		}
	}
}

// changed gets a value when something has changed since it was asked last.
func (n *notices) changed() <-chan struct{} { return n.signal }

// watch asks for notices of a folder, which may be watched already.
func (n *notices) watch(folder string) {
	if n.watcher != nil {
		_ = n.watcher.Add(folder) // without them the folder is looked into all the same
	}
}

func (n *notices) close() {
	if n.watcher != nil {
		n.watcher.Close()
		<-n.ended
	}
}
