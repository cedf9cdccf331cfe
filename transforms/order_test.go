package transforms

import (
	"math/rand/v2"
	"slices"
	"testing"

	"jackfield/flow/value"
)

func TestValuesAreOrderedAsSortDoes(t *testing.T) {
	sort, err := Compile("sort")
	if err != nil {
		t.Fatal(err)
	}
	list, err := value.Decode([]byte(`[{"b":1},{"a":2},{"a":1,"b":0},{"a":[]},{},[],[1,"a"],[1,null],[[]],"","a","aa","A","é","\u0000","z",
		0,-0.5,3,3.25,-7,1e300,-1e300,10,9,true,false,null,{"a":{"c":1}},{"a":{"b":2}}]`))
	if err != nil {
		t.Fatal(err)
	}
	values := list.([]any)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
		got := sort.Batch(t.Context(), []any{values}, Vars{})[0]
		if got.Err != nil {
			t.Fatal(got.Err)
		}
		want := slices.SortedStableFunc(slices.Values(values), value.Compare)
		if !value.Equal(got.Values[0], want) {
			t.Fatalf("jq sorts\n%s\nand we\n%s", value.Append(nil, got.Values[0]), value.Append(nil, want))
		}
	}
}
