package rpc

import (
	"bytes"
	"sync"

	"go.lsp.dev/jsonrpc2"
)

// batch takes the members in order and answers them with one array when the
// last of them is done (JSON-RPC 2.0, section 6). Members that are
// notifications get no place in it; without a reply there is no array.
func (c *Conn) batch(body []byte) error {
	members, err := jsonrpc2.ParseRequests(body)
	if err == nil && len(members) == 0 {
		err = errEmptyList
	}
	if err != nil {
		c.out.push(response(jsonrpc2.ID{}, nil, err))
		return nil
	}
	replies := &replies{send: c.reply}
	for _, member := range members {
		if _, ok := member.Msg.(*jsonrpc2.Call); ok || member.Err != nil {
			replies.missing++
		}
	}
	for _, member := range members {
		if member.Err != nil {
			replies.add(response(jsonrpc2.ID{}, nil, member.Err))
			continue
		}
		if err := c.dispatch(member.Msg, replies.add); err != nil {
			return err
		}
	}
	return nil
}

// replies collects the replies of one batch.
type replies struct {
	send func([]byte)

	mu      sync.Mutex
	bodies  [][]byte
	missing int
}

func (r *replies) add(body []byte) {
	r.mu.Lock()
	r.bodies = append(r.bodies, body)
	r.missing--
	last := r.missing == 0
	r.mu.Unlock()
	if last {
		r.send(append(append([]byte{'['}, bytes.Join(r.bodies, []byte{','})...), ']'))
	}
}
