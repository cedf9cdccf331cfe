package store_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"jackfield/flow"
	"jackfield/store"
)

// kills is how often the appending process is killed.
const kills = 30

func TestWhatWasAcknowledgedIsThereAfterAKill(t *testing.T) {
	for _, role := range []string{"append", "compact"} {
		t.Run(role, func(t *testing.T) {
			home := t.TempDir()
			chance := rand.New(rand.NewPCG(uint64(os.Getpid()), 9))
			taken := map[string]int{} // key to place
			for range kills {
				appendAndKill(t, role, home, 1+chance.IntN(60), taken)
				checkAppended(t, home, taken)
			}
			t.Logf("%d appends were acknowledged over %d kills", len(taken), kills)
		})
	}
}

// appendAndKill lets a process append and kills it once it has acknowledged so many.
func appendAndKill(t *testing.T, role, home string, after int, taken map[string]int) {
	t.Helper()
	cmd := process(t, role, home)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		if n == after {
			must(t, cmd.Process.Kill())
		}
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // what stands in an unfinished line was not acknowledged
		}
		must(t, err)
		key, seq, _ := strings.Cut(strings.TrimSpace(line), " ")
		place, err := strconv.Atoi(seq)
		must(t, err)
		if was, again := taken[key]; again && was != place {
			t.Errorf("key %s is at place %d and was at %d", key, place, was)
		}
		taken[key] = place
	}
	if cmd.Wait() == nil {
		t.Fatal("the process ended by itself")
	}
}

// checkAppended reads everything: no place is torn or missing, and every key that was
// acknowledged is where it was said to be.
func checkAppended(t *testing.T, home string, taken map[string]int) {
	t.Helper()
	s, err := store.Open(home, store.Options{})
	must(t, err)
	defer s.Close()
	steps := stepRuns(t, s, "r1")
	for i, one := range steps {
		if one.Seq != i {
			t.Fatalf("place %d follows place %d", one.Seq, i-1)
		}
		batch, err := s.Batch(t.Context(), flow.Ref{Run: "r1", Seq: i, Outlet: flow.Done})
		must(t, err)
		if !reflect.DeepEqual(batch, batchOf(one.Key)) {
			t.Fatalf("the batch of key %s is torn", one.Key)
		}
	}
	for key, place := range taken {
		if place >= len(steps) || steps[place].Key != key {
			t.Fatalf("key %s was acknowledged at place %d and is not there", key, place)
		}
	}
	must(t, s.Check(t.Context()))
	if unfinished := got(s.Unfinished(t.Context()))(t); len(unfinished) != 1 {
		t.Errorf("unfinished are %q", idsOf(unfinished))
	}
}

// batchOf is the batch of a key: small, or one in ten large.
func batchOf(key string) flow.Batch {
	_, number, _ := strings.Cut(key, "-")
	n, _ := strconv.Atoi(number)
	if n%10 == 9 {
		return records(200, 500)
	}
	return records(1+n%5, 100)
}

// appendForEver appends from several goroutines and says for each which place it got.
// It begins where the processes before it may have come to.
func appendForEver(home string) error {
	s, err := store.Open(home, store.Options{})
	if err != nil {
		return err
	}
	return appendTo(s)
}

// appendAndCompact does so while other runs come and go and the file is compacted
// again and again.
func appendAndCompact(home string) error {
	s, err := store.Open(home, store.Options{})
	if err != nil {
		return err
	}
	failed := make(chan error, 3)
	go func() { failed <- appendTo(s) }()
	go func() {
		for {
			if err := s.Compact(context.Background()); err != nil {
				failed <- err
			}
		}
	}()
	go func() {
		for n := 0; ; n++ {
			if err := comeAndGo(s, flow.RunID(fmt.Sprintf("s%d-%d", os.Getpid(), n))); err != nil {
				failed <- err
			}
		}
	}()
	return <-failed
}

// comeAndGo makes a run that has ended, and has those before it cut and removed.
func comeAndGo(s *store.Store, id flow.RunID) error {
	ctx := context.Background()
	r := flow.Run{ID: id, Flow: "b", State: flow.RunDone}
	err := s.Begin(ctx, r)
	for n := 0; n < 5 && err == nil; n++ {
		_, err = s.Append(ctx, entry(id, fmt.Sprint(n), records(20+n/3*60, 1000)))
	}
	if err == nil {
		_, err = s.Tidy(ctx, flow.Retention{Keep: 2, Samples: 1}, noLimits)
	}
	return err
}

func appendTo(s *store.Store) error {
	ctx := context.Background()
	if err := s.Begin(ctx, flow.Run{ID: "r1", Flow: "a", State: flow.Running}); err != nil {
		return err
	}
	had := 0
	for _, err := range s.StepRuns(ctx, "r1") {
		if err != nil {
			return err
		}
		had++
	}
	var wg sync.WaitGroup
	for worker := range 3 {
		wg.Go(func() {
			for n := max(0, had/3-5); ; n++ {
				key := fmt.Sprintf("%d-%d", worker, n)
				seq, err := s.Append(ctx, entry("r1", key, batchOf(key)))
				if err != nil {
					fmt.Fprintln(os.Stderr, err)
					return
				}
				fmt.Fprintf(os.Stdout, "%s %d\n", key, seq) // one write, so never mixed
			}
		})
	}
	wg.Wait()
	return nil
}
