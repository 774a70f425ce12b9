import PluginProtocol

/// What a file's name says of its content.
public enum InputKind {
    /// How the content is cut into records when nothing else is said.
    public static func framing(ofFile name: String, mediaType: String?) -> RecordFraming {
        switch mediaType?.split(separator: ";").first.map(String.init)?.lowercased() {
        case "application/jsonl", "application/x-ndjson", "application/ndjson", "application/json-lines",
            "application/x-jsonlines":
            return .json
        case nil: break
        default: return .whole
        }
        let name = name.lowercased()
        return name.hasSuffix(".jsonl") || name.hasSuffix(".ndjson") ? .json : .whole
    }
}
