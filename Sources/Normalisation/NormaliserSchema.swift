import JSON

/// The settings that a source may have for its normalisation, as a JSON Schema for the configuration check.
public enum NormaliserSchema {
    /// `fields`, `language` and `content`.
    public static let settings: JSONValue = [
        "type": "object",
        "properties": [
            "fields": [
                "type": "object",
                "description": "for JSON records: the record's member for a field of the document",
                "properties": .object(
                    Dictionary(uniqueKeysWithValues: RecordField.allCases.map { ($0.name, ["type": "string"]) })),
            ],
            "language": ["type": "string", "description": "the language of everything from this source, as in BCP 47"],
            "content": [
                "type": "array", "items": ["type": "string", "enum": ["text", "markdown", "html"]],
                "description": "the forms of the content that documents hold", "default": ["text"],
            ],
        ],
    ]
}
