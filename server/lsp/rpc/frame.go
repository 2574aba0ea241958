package rpc

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

const (
	// maxFrame is the largest body that is read, in bytes. It is far above any
	// file that a person edits.
	maxFrame = 256 << 20
	// maxSkip is the largest body that is passed over. Who promises more has
	// lost the thread, and so have we.
	maxSkip = 1 << 30
	// maxTrust is the largest body that memory is taken for before it arrives.
	maxTrust = 64 << 10
	// tailSize is how much of an overlong line is kept. A length header fits.
	tailSize = 64
)

var (
	// errFrame says that something stood where a frame was expected. The
	// stream goes on behind it.
	errFrame = errors.New("not a frame that this server reads")
	// errStream says that the stream cannot be followed any further.
	errStream = errors.New("the input promises a frame beyond any size")
)

const lengthHeader = "content-length:"

// readFrame returns the body of the next frame (LSP, "Base protocol"). It is
// lenient in what no client means otherwise: case, a bare LF, unknown headers.
// After errFrame the next call goes on with what follows; every other error is
// the end of the stream.
func readFrame(in *bufio.Reader) ([]byte, error) {
	length, headers := int64(-1), 0
	for {
		line, err := readLine(in)
		if err != nil {
			return nil, err
		}
		if line == "" {
			if headers == 0 {
				continue // blank lines between frames
			}
			return readBody(in, length)
		}
		headers++
		if n, ok := contentLength(line); ok {
			length = n
		}
	}
}

// readBody reads what a header block announced; a negative length stands for
// none that can be used.
func readBody(in *bufio.Reader, length int64) ([]byte, error) {
	switch {
	case length < 0:
		return nil, errFrame
	case length > maxSkip:
		return nil, errStream
	case length > maxFrame:
		_, err := io.CopyN(io.Discard, in, length)
		return nil, cmp.Or(err, errFrame)
	}
	if length <= maxTrust {
		body := make([]byte, length)
		_, err := io.ReadFull(in, body)
		if errors.Is(err, io.ErrUnexpectedEOF) {
			err = io.EOF // as anywhere else
		}
		return body, err
	}
	// The buffer grows with what arrives, not with what was promised.
	var body bytes.Buffer
	body.Grow(int(min(length, 1<<20)))
	_, err := io.CopyN(&body, in, length)
	return body.Bytes(), err
}

// readLine returns the next line without surrounding blanks; of a line that is
// longer than the reader's buffer only the end, in constant memory.
func readLine(in *bufio.Reader) (string, error) {
	line, err := in.ReadSlice('\n')
	if err == nil {
		return string(bytes.TrimSpace(line)), nil
	}
	var tail []byte
	for errors.Is(err, bufio.ErrBufferFull) {
		tail = keepEnd(tail, line)
		line, err = in.ReadSlice('\n')
	}
	if err != nil {
		return "", err
	}
	// The mark keeps an overlong line of blanks from ending the headers.
	return "…" + string(bytes.TrimRight(keepEnd(tail, line), "\r\n\t ")), nil
}

func keepEnd(tail, more []byte) []byte {
	tail = append(tail, more[max(0, len(more)-tailSize):]...)
	return tail[max(0, len(tail)-tailSize):]
}

// contentLength reads a line as a length header. The header may stand behind
// other text: a body whose own length was wrong ends where the next frame
// begins, without a line break, and only so the stream is found again. The
// length is -1 where the value is none.
func contentLength(line string) (int64, bool) {
	at := len(line) - len(lengthHeader)
	for at >= 0 && !strings.EqualFold(line[at:at+len(lengthHeader)], lengthHeader) {
		at--
	}
	if at < 0 {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(line[at+len(lengthHeader):]), 10, 64)
	switch {
	case err == nil:
		return n, true
	case at == 0:
		return -1, true
	}
	return 0, false
}

// appendFrame appends the frame of a body, which may come in pieces, to dst.
func appendFrame(dst []byte, body ...[]byte) []byte {
	size := 0
	for _, piece := range body {
		size += len(piece)
	}
	dst = slices.Grow(dst, size+len("Content-Length: 1234567890\r\n\r\n"))
	dst = append(dst, "Content-Length: "...)
	dst = strconv.AppendInt(dst, int64(size), 10)
	dst = append(dst, "\r\n\r\n"...)
	for _, piece := range body {
		dst = append(dst, piece...)
	}
	return dst
}
