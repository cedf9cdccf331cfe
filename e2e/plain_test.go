package e2e

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"sync"

	"jackfield/flow/value"
	"jackfield/transforms"
)

// plainVariable makes this test program into plainPipeline: the file to read, a line
// break, and the file to write.
const plainVariable = "JACKFIELD_PLAIN"

// plainPipeline is the quickest way from lines to lines that the study found: the own
// decoder, a thousand lines through one run of jq, two workers, and nothing kept. It is
// started with GOGC=400.
func plainPipeline(from, to string) error {
	program, err := transforms.Compile(tenFields)
	if err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	type piece struct {
		text []byte
		done chan []byte
	}
	todo, inOrder := make(chan piece, 4), make(chan chan []byte, 4)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			var d value.Decoder
			for p := range todo {
				p.done <- plainLines(program, &d, p.text)
			}
		})
	}
	go func() {
		defer close(inOrder)
		defer close(todo)
		r := bufio.NewReaderSize(in, 1<<20)
		for {
			var text []byte
			for range 1000 {
				line, err := r.ReadSlice('\n')
				text = append(text, line...)
				if err != nil {
					break
				}
			}
			if len(text) == 0 {
				return
			}
			p := piece{text, make(chan []byte, 1)}
			inOrder <- p.done
			todo <- p
		}
	}()
	w := bufio.NewWriterSize(out, 1<<20)
	for done := range inOrder {
		text := <-done
		if text == nil {
			err = errors.Join(err, io.ErrUnexpectedEOF)
		}
		_, wrong := w.Write(text)
		err = errors.Join(err, wrong)
	}
	workers.Wait()
	return errors.Join(err, w.Flush(), out.Close())
}

// plainLines maps lines; nil where one of them cannot be.
func plainLines(program *transforms.Program, d *value.Decoder, text []byte) []byte {
	var records []any
	for start, i := 0, 0; i < len(text); i++ {
		if text[i] != '\n' {
			continue
		}
		v, err := d.Decode(text[start:i])
		if err != nil {
			return nil
		}
		records, start = append(records, v), i+1
	}
	out := make([]byte, 0, len(text)/2)
	for _, o := range program.Batch(context.Background(), records, transforms.Vars{}) {
		if o.Err != nil {
			return nil
		}
		for _, v := range o.Values {
			out = append(value.Append(out, v), '\n')
		}
	}
	return out
}
