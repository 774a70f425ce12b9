import JSON
import PluginKit

/// The fetcher `stdin`: what is piped into the daemon.
@main
enum FetchStdin {
    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false,
        "properties": [
            "idle": [
                "type": "string", "format": "duration", "minimum": 0.01, "default": "200ms",
                "description":
                    "records that have come are sent on after this much quiet, and no later than a second (or this)",
            ]
        ],
    ]

    static func main() {
        Plugin(name: "stdin", version: "0.1.0", settings: schema).run(StdinFetcher())
    }
}
