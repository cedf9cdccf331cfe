package declared

import "jackfield/connectors/kit"

// Loader makes connectors of our own manifests.
func Loader() kit.Loader {
	return kit.Loader{Kind: "Jackfield manifest", Ends: []string{".yaml", ".yml", ".json"}, Knows: Knows, Load: Load}
}

// AirbyteLoader makes connectors of Airbyte's declarative manifests.
func AirbyteLoader() kit.Loader {
	return kit.Loader{Kind: "Airbyte manifest", Ends: []string{".yaml", ".yml", ".json"}, Knows: KnowsAirbyte, Load: LoadAirbyte}
}
