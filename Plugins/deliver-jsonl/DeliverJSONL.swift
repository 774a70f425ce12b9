import JSON
import PluginKit

/// The sink `jsonl`: documents as lines of JSON in a file.
@main
enum DeliverJSONL {
    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": [
            "path": ["type": "string", "format": "path", "description": "the file that documents are appended to"],
            "rotate_size": [
                "type": ["string", "integer"], "format": "size", "minimum": 1024,
                "description": "the file is put aside once it is this large",
            ],
            "rotate_every": [
                "type": "string", "format": "duration", "minimum": 1,
                "description": "the file is put aside once it is this old",
            ],
        ],
    ]

    static func main() {
        Plugin(name: "jsonl", version: "0.1.0", settings: schema).run(JSONLSink())
    }
}
