package value

import (
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"time"
)

// Normal makes v, and all that is in it, into the kinds that jq knows. A v that is
// normal comes back itself. A time becomes its RFC 3339 text, bytes become base64, a
// struct and whatever has a MarshalJSON or MarshalText becomes what encoding/json
// makes of it, an error becomes its text. An error names the path of what cannot be,
// such as a channel or a map that contains itself.
func Normal(v any) (any, error) {
	n, _, err := normal(v, 0)
	if err != nil {
		return nil, err
	}
	return n, nil
}

// normal says too whether n is anything else than v, so that nothing is copied that
// need not be.
func normal(v any, depth int) (n any, changed bool, err error) {
	if depth > maxDepth {
		return nil, false, &misshapen{what: "it is nested deeper than 10,000 levels; does it contain itself?"}
	}
	switch v := v.(type) {
	case nil, bool, int, float64, string:
		return v, false, nil
	case map[string]any:
		if copied, err := normalObject(v, depth); copied != nil || err != nil {
			return copied, true, err
		}
	case []any:
		if copied, err := normalArray(v, depth); copied != nil || err != nil {
			return copied, true, err
		}
	case *big.Int:
		return normalBig(v)
	case *Document:
		return v.Whole(), true, nil
	case *Part:
		return v.Object(), true, nil
	case json.Number:
		n, err := normalLiteral(string(v))
		return n, true, err
	default:
		n, err := foreign(v, depth)
		return n, true, err
	}
	return v, false, nil
}

// normalObject gives nil where m is normal as it is.
func normalObject(m map[string]any, depth int) (result map[string]any, err error) {
	for name, one := range m {
		n, changed, err := normal(one, depth+1)
		if err != nil {
			return nil, inside(err, "."+name)
		}
		if !changed {
			continue
		}
		if result == nil {
			result = maps.Clone(m)
		}
		result[name] = n
	}
	return result, nil
}

// normalArray gives nil where list is normal as it is.
func normalArray(list []any, depth int) (result []any, err error) {
	for i, one := range list {
		n, changed, err := normal(one, depth+1)
		if err != nil {
			return nil, inside(err, "["+strconv.Itoa(i)+"]")
		}
		if !changed {
			continue
		}
		if result == nil {
			result = slices.Clone(list)
		}
		result[i] = n
	}
	return result, nil
}

func normalBig(n *big.Int) (any, bool, error) {
	switch {
	case n == nil:
		return nil, true, nil
	case n.IsInt64() && int64(int(n.Int64())) == n.Int64():
		return int(n.Int64()), true, nil
	}
	return n, false, nil
}

func normalLiteral(s string) (any, error) {
	if s == "" {
		return 0, nil // as encoding/json writes an empty json.Number
	}
	v, err := Decode([]byte(s))
	switch v.(type) {
	case int, float64, *big.Int:
		if err == nil {
			return v, nil
		}
	}
	return nil, &misshapen{what: fmt.Sprintf("%q is not a number", s)}
}

// foreign makes a value of a kind that jq does not know.
func foreign(v any, depth int) (any, error) {
	switch v := v.(type) {
	case int64:
		return wholeNumber(v), nil
	case []byte:
		if v == nil {
			return nil, nil
		}
		return base64.StdEncoding.EncodeToString(v), nil
	case time.Time:
		return v.Format(time.RFC3339Nano), nil
	case json.RawMessage:
		if len(v) == 0 {
			return nil, nil
		}
		return Decode(v)
	case json.Marshaler, encoding.TextMarshaler:
		return throughJSON(v)
	}
	r := reflect.ValueOf(v)
	if e, ok := v.(error); ok && (r.Kind() != reflect.Pointer || !r.IsNil()) {
		return e.Error(), nil
	}
	return reflected(r, depth)
}

func wholeNumber(n int64) any {
	if int64(int(n)) == n {
		return int(n)
	}
	return big.NewInt(n)
}

func reflected(v reflect.Value, depth int) (any, error) {
	switch v.Kind() {
	case reflect.Bool:
		return v.Bool(), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return wholeNumber(v.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if n := v.Uint(); n > math.MaxInt64 {
			return new(big.Int).SetUint64(n), nil
		}
		return wholeNumber(int64(v.Uint())), nil
	case reflect.Float32: // the decimal that a person wrote, not its binary neighbour
		return strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
	case reflect.Float64:
		return v.Float(), nil
	case reflect.String:
		return v.String(), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil, nil
		}
		n, _, err := normal(v.Elem().Interface(), depth+1)
		return n, err
	case reflect.Slice, reflect.Array:
		return reflectedList(v, depth)
	case reflect.Map:
		if v.Type().Key().Kind() == reflect.String {
			return reflectedMap(v, depth)
		}
		return throughJSON(v.Interface())
	case reflect.Struct:
		return throughJSON(v.Interface())
	}
	return nil, &misshapen{what: fmt.Sprintf("a %s has no form in JSON", v.Type())}
}

func reflectedList(v reflect.Value, depth int) (any, error) {
	if v.Kind() == reflect.Slice {
		if v.IsNil() {
			return nil, nil
		}
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return throughJSON(v.Interface())
		}
	}
	list := make([]any, v.Len())
	for i := range list {
		n, _, err := normal(v.Index(i).Interface(), depth+1)
		if err != nil {
			return nil, inside(err, "["+strconv.Itoa(i)+"]")
		}
		list[i] = n
	}
	return list, nil
}

func reflectedMap(v reflect.Value, depth int) (any, error) {
	if v.IsNil() {
		return nil, nil
	}
	m := make(map[string]any, v.Len())
	for each := v.MapRange(); each.Next(); {
		n, _, err := normal(each.Value().Interface(), depth+1)
		if err != nil {
			return nil, inside(err, "."+each.Key().String())
		}
		m[each.Key().String()] = n
	}
	return m, nil
}

func throughJSON(v any) (any, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, &misshapen{what: fmt.Sprintf("a %T has no form in JSON: %v", v, err)}
	}
	return Decode(data)
}
