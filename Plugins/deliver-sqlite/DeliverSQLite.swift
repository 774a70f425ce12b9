import JSON
import PluginKit

/// The sink `sqlite`: documents in a SQLite database with full-text search.
@main
enum DeliverSQLite {
    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": [
            "path": ["type": "string", "format": "path", "description": "the database file"]
        ],
    ]

    static func main() {
        Plugin(name: "sqlite", version: "0.1.0", settings: schema).run(SQLiteSink())
    }
}
