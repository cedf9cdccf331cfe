package kit

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Mask knows the secrets that were used and puts dots in their place in texts that a
// person or a file will see: as they are, and as base64, in addresses, in JSON, quoted
// and in hex. Nil hides nothing. It may be used from any goroutine.
type Mask struct {
	mu     sync.RWMutex
	marks  [markBits / 64]uint64 // a bit for each way that a word may begin
	words  map[[leastWord]byte][]string
	known  map[string]int // by secret, when it was last used
	used   int
	values int // how many are known at the most; 0 is mostSecrets
}

const (
	// leastSecret is the length from which on a text is hidden. What is shorter stands
	// everywhere.
	leastSecret = 4
	// leastWord is how much of each word is looked at first.
	leastWord = 4
	markBits  = 1 << 16
	// mostSecrets is how many secrets are known: those used last. Tokens come anew for as
	// long as a program lasts.
	mostSecrets = 4096
	// leastLine is the length from which on a line of a secret is hidden by itself, as a
	// log shows the lines of a key.
	leastLine = 16
)

// Add takes secrets that are about to be used.
func (m *Mask) Add(secrets ...string) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range secrets {
		if len(s) < leastSecret {
			continue
		}
		m.used++
		if _, known := m.known[s]; !known {
			m.learn(s)
		}
		m.known[s] = m.used
	}
	most := m.values
	if most == 0 {
		most = mostSecrets
	}
	if len(m.known) > most {
		m.forgetHalf()
	}
}

func (m *Mask) learn(secret string) {
	if m.known == nil {
		m.known, m.words = map[string]int{}, map[[leastWord]byte][]string{}
	}
	for _, word := range spellings(secret) {
		begin := [leastWord]byte([]byte(word))
		if all := m.words[begin]; !slices.Contains(all, word) {
			all = append(all, word)
			slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // the longest hides most
			m.words[begin] = all
		}
		at := markOf(begin[0], begin[1], begin[2], begin[3])
		m.marks[at/64] |= 1 << (at % 64)
	}
}

// forgetHalf keeps the half that was used last.
func (m *Mask) forgetHalf() {
	var when []int
	for _, at := range m.known {
		when = append(when, at)
	}
	slices.Sort(when)
	oldest := when[len(when)/2]
	kept := m.known
	m.known, m.words, m.marks = nil, nil, [markBits / 64]uint64{}
	for s, at := range kept {
		if at >= oldest {
			m.learn(s)
			m.known[s] = at
		}
	}
}

// Text is a text without the secrets.
func (m *Mask) Text(s string) string {
	if m == nil || len(s) < leastWord {
		return s
	}
	m.mu.RLock()
	defer m.mu.RUnlock()
	if len(m.known) == 0 {
		return s
	}
	var out strings.Builder
	rest := 0
	for i := 0; i+leastWord <= len(s); {
		at := markOf(s[i], s[i+1], s[i+2], s[i+3])
		if m.marks[at/64]&(1<<(at%64)) == 0 {
			i++
			continue
		}
		n := m.wordAt(s[i:])
		if n == 0 {
			i++
			continue
		}
		out.WriteString(s[rest:i])
		out.WriteString(dots)
		i += n
		rest = i
	}
	if rest == 0 && out.Len() == 0 {
		return s
	}
	out.WriteString(s[rest:])
	return out.String()
}

// wordAt is the length of the longest word that s begins with.
func (m *Mask) wordAt(s string) int {
	for _, word := range m.words[[leastWord]byte([]byte(s[:leastWord]))] {
		if strings.HasPrefix(s, word) {
			return len(word)
		}
	}
	return 0
}

func markOf(a, b, c, d byte) uint32 {
	return (uint32(a) | uint32(b)<<8 | uint32(c)<<16 | uint32(d)<<24) * 2654435761 >> 16
}

// spellings are the ways in which a secret is written.
func spellings(secret string) []string {
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), inJSON(secret, true), inJSON(secret, false)}
	quoted := strconv.Quote(secret)
	ascii := strconv.QuoteToASCII(secret)
	all = append(all, quoted[1:len(quoted)-1], ascii[1:len(ascii)-1])
	inHex := hex.EncodeToString([]byte(secret))
	all = append(all, inHex, strings.ToUpper(inHex))
	all = append(all, inBase64(secret)...)
	if trimmed := strings.TrimSpace(secret); len(trimmed) >= leastSecret && trimmed != secret {
		all = append(all, trimmed)
	}
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= leastLine && len(line) < len(secret) && !strings.HasPrefix(line, "-----") {
			all = append(all, line)
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(s string) bool { return len(s) < leastWord })
}

func inJSON(s string, html bool) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(html)
	if enc.Encode(s) != nil {
		return s
	}
	text := strings.TrimSuffix(b.String(), "\n")
	return text[1 : len(text)-1]
}

// inBase64 is the part of a text in base64 that a secret makes whatever stands around it,
// as a password does behind its user: three, by where it begins in a group of three bytes.
// Secrets that are too short for that are found where they stand alone.
func inBase64(secret string) []string {
	var all []string
	for _, by := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		all = append(all, by.EncodeToString([]byte(secret)), strings.TrimRight(by.EncodeToString([]byte(secret)), "="))
		for before := range 3 {
			text := by.EncodeToString(append(make([]byte, before), secret...))
			first := (before*8 + 5) / 6            // what the bytes before have a part in
			last := (before + len(secret)) * 8 / 6 // what only the secret has a part in
			if last-first >= 6 {
				all = append(all, text[first:last])
			}
		}
	}
	return all
}
