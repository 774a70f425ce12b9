import JSON
import PluginKit

/// The fetcher `directory`: files of a directory tree, now and as they come.
@main
enum FetchDirectory {
    static let schema: JSONValue = [
        "type": "object", "additionalProperties": false, "required": ["path"],
        "properties": [
            "path": [
                "type": "string", "format": "path", "description": "the directory; nothing outside of it is ever read",
            ],
            "recursive": [
                "type": "boolean", "default": true, "description": "whether directories below are read as well",
            ],
            "include": [
                "type": "array", "description": "globs of relative paths that are taken; all when there are none",
            ],
            "exclude": ["type": "array", "description": "globs of relative paths that are left out"],
            "hidden": [
                "type": "boolean", "default": false, "description": "whether names that begin with a dot are taken",
            ],
            "watch": [
                "type": "boolean", "default": true, "description": "whether news is taken as it comes (inotify)",
            ],
            "rescan": [
                "type": "string", "format": "duration", "minimum": 1, "default": "10m",
                "description": "how often the whole tree is looked at while watching",
            ],
            "settle": [
                "type": "string", "format": "duration", "minimum": 0, "default": "2s",
                "description": "how long a file must be quiet that nobody has closed",
            ],
            "max_size": [
                "type": ["string", "integer"], "format": "size", "minimum": 1, "default": "64 MiB",
                "description":
                    "larger files become dead letters; records of a file are cut, so they may be in larger ones",
            ],
        ],
    ]

    static func main() {
        Plugin(name: "directory", version: "0.1.0", settings: schema).run(DirectoryFetcher())
    }
}
