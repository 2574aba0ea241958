package rpc

import (
	"errors"
	"io"
	"sync"
	"time"
)

const (
	// maxPending is how many bytes may wait for a client that does not read.
	maxPending = 512 << 20
	// keepBuffer is the largest buffer that is used again after a burst.
	keepBuffer = 256 << 10
)

var errNotRead = errors.New("the client does not read what it is sent")

// queue holds outgoing frames in memory and writes them on a goroutine of its
// own, so that whoever sends never waits for the client.
type queue struct {
	out    io.Writer
	limit  int           // of pending bytes
	wake   chan struct{} // one token: there is something to write
	done   chan struct{} // closed when the writer has ended
	broken chan struct{} // closed when nothing can be written any more

	mu      sync.Mutex
	pending []byte
	closed  bool
	err     error
}

func newQueue(out io.Writer) *queue {
	q := &queue{out: out, limit: maxPending, wake: make(chan struct{}, 1), done: make(chan struct{}), broken: make(chan struct{})}
	go q.write()
	return q
}

// push appends the frame of a body, which may come in pieces. After the end it
// does nothing.
func (q *queue) push(body ...[]byte) {
	q.mu.Lock()
	if !q.closed {
		q.pending = appendFrame(q.pending, body...)
		if len(q.pending) > q.limit {
			q.fail(errNotRead)
		}
	}
	q.mu.Unlock()
	q.signal()
}

// flush ends the queue and waits until all of it is written, or for the limit.
func (q *queue) flush(limit time.Duration) {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.signal()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-q.done:
	case <-timer.C:
	}
}

// failure returns why nothing can be written any more, or nil.
func (q *queue) failure() error {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.err
}

// fail ends the queue for good. The caller holds the lock.
func (q *queue) fail(err error) {
	if q.err == nil {
		q.err, q.closed, q.pending = err, true, nil
		close(q.broken)
	}
}

func (q *queue) signal() {
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

func (q *queue) write() {
	defer close(q.done)
	var spare []byte
	for range q.wake {
		q.mu.Lock()
		batch := q.pending
		q.pending = spare[:0]
		last := q.closed
		q.mu.Unlock()
		spare = nil
		if len(batch) > 0 {
			if _, err := q.out.Write(batch); err != nil {
				q.mu.Lock()
				q.fail(err)
				q.mu.Unlock()
				return
			}
		}
		if cap(batch) <= keepBuffer {
			spare = batch
		}
		if last {
			return
		}
	}
}
