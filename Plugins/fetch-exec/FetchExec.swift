import JSON
import PluginKit

/// The fetcher `exec`: what a command prints.
@main
enum FetchExec {
    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["command"],
        "properties": [
            "command": ["type": "array", "description": "the program and its arguments; no shell is involved"],
            "environment": ["type": "object", "description": "variables that it gets besides PATH, HOME and LANG"],
            "directory": [
                "type": "string", "format": "path", "description": "where it runs; the root directory by default",
            ],
            "deadline": [
                "type": "string", "format": "duration", "minimum": 0.1, "default": "1m",
                "description": "how long it may take before it is killed",
            ],
            "secret": ["type": "string", "format": "secret", "description": "given to it as the variable SECRET"],
        ],
    ]

    static func main() {
        Plugin(name: "exec", version: "0.1.0", settings: schema).run(ExecFetcher())
    }
}
