package http

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// contact is one of the demo service's made-up people.
type contact struct {
	ID         int    `json:"id"`
	Name       string `json:"name"`
	Email      string `json:"email"`
	Company    string `json:"company"`
	City       string `json:"city"`
	Country    string `json:"country"`
	Since      string `json:"since"`
	Newsletter bool   `json:"newsletter"`
}

const contactCount = 95

// contacts are the same 95 at each start.
func contacts() []contact {
	given := strings.Fields("Ada Björn Chloé Dmitri Elif Farah Günther Hana Ines João Kwame Lucía Mehmet Nadia Oskar Priya Quinn Rosa Søren")
	family := strings.Fields("Ahlberg Brandt Çelik Dubois Eriksen Ferrari Gruber Horváth Ito Jensen Kowalska Lehner Moreau Novák O'Neill Pereira Quist Rossi Šimić")
	companies := []string{"Northwind Mills", "Blue Harbour", "Tall Pines Timber", "Quiet Paper", "Copper & Sons", "Lantern Works", "Meadow Dairy"}
	cities := [][2]string{{"Graz", "AT"}, {"Lyon", "FR"}, {"Gdańsk", "PL"}, {"Porto", "PT"}, {"Malmö", "SE"}, {"Kraków", "PL"}, {"İzmir", "TR"}, {"Zürich", "CH"}, {"Osaka", "JP"}, {"Galway", "IE"}, {"Bergen", "NO"}}
	list := make([]contact, contactCount)
	for i := range list {
		first, last, city := given[i%len(given)], family[(i*7+i/len(given))%len(family)], cities[i%len(cities)]
		list[i] = contact{
			ID: i + 1, Name: first + " " + last, Email: fmt.Sprintf("contact%d@example.com", i+1),
			Company: companies[i%len(companies)], City: city[0], Country: city[1],
			Since: fmt.Sprintf("%d-%02d-%02d", 2015+i%10, 1+i%12, 1+i*5%28), Newsletter: i%3 == 0,
		}
	}
	return list
}

// contactRoutes gives the same list in each of the ways that services divide one.
func contactRoutes(mux *http.ServeMux) {
	all := contacts()
	limit := func(r *http.Request) int { return max(1, number(r, "limit", 20)) }
	page := func(r *http.Request) int { return max(1, number(r, "page", 1)) }
	mux.HandleFunc("GET /contacts", func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, all) })
	mux.HandleFunc("GET /contacts/link", func(w http.ResponseWriter, r *http.Request) {
		at, size := page(r), limit(r)
		if at*size < len(all) {
			next := url.Values{"page": {strconv.Itoa(at + 1)}, "limit": {strconv.Itoa(size)}}
			w.Header().Set("Link", fmt.Sprintf(`<%s?%s>; rel="next"`, r.URL.Path, next.Encode()))
		}
		writeJSON(w, http.StatusOK, window(all, (at-1)*size, size))
	})
	mux.HandleFunc("GET /contacts/cursor", func(w http.ResponseWriter, r *http.Request) {
		from, size := 0, limit(r)
		if cursor := r.URL.Query().Get("cursor"); cursor != "" {
			if _, err := fmt.Sscanf(cursor, "after-%d", &from); err != nil {
				problem(w, http.StatusBadRequest, "there is no such cursor", "cursor")
				return
			}
		}
		answer := map[string]any{"contacts": window(all, from, size), "next": nil}
		if from+size < len(all) {
			answer["next"] = fmt.Sprintf("after-%d", from+size)
		}
		writeJSON(w, http.StatusOK, answer)
	})
	mux.HandleFunc("GET /contacts/offset", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"items": window(all, number(r, "offset", 0), limit(r)), "total": len(all)})
	})
	mux.HandleFunc("GET /contacts/page", func(w http.ResponseWriter, r *http.Request) {
		at, size := page(r), limit(r)
		writeJSON(w, http.StatusOK, map[string]any{"data": window(all, (at-1)*size, size), "page": at, "pages": (len(all) + size - 1) / size})
	})
}
