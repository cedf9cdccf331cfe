package http

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// holderOf names the program that listens on a port, where it belongs to this user: the
// system tells of the sockets of others, but not whose they are.
func holderOf(port int) string {
	sockets := map[string]bool{}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		for _, inode := range listening(table, port) {
			sockets["socket:["+inode+"]"] = true
		}
	}
	if len(sockets) == 0 {
		return anotherProgram
	}
	open, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is a good one
	for _, path := range open {
		target, err := os.Readlink(path)
		if err != nil || !sockets[target] {
			continue
		}
		process := filepath.Dir(filepath.Dir(path))
		name, err := os.ReadFile(filepath.Join(process, "comm"))
		if err != nil {
			continue
		}
		return fmt.Sprintf("%s (process %s)", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return anotherProgram
}

// listening gives the inodes of the sockets in a table of the kernel that listen on a
// port (proc_pid_net(5): local address, state 0A, inode).
func listening(table string, port int) []string {
	file, err := os.Open(table)
	if err != nil {
		return nil
	}
	defer file.Close()
	var inodes []string
	suffix := fmt.Sprintf(":%04X", port)
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Fields(lines.Text())
		if len(fields) > 9 && strings.HasSuffix(fields[1], suffix) && fields[3] == "0A" {
			inodes = append(inodes, fields[9])
		}
	}
	return inodes
}
