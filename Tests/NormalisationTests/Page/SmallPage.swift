import JSON
import Testing

/// A page written for a test: what stands in its head and in its body.
func page(
    head: String = "", body: String, language: String = "en", uri: String = "https://www.mill-post.example/a/1"
) throws -> JSONValue {
    let filler = String(
        repeating: "<p>The wheel turned all night, and nobody in the valley slept for the noise.</p>", count: 3)
    let text =
        "<!DOCTYPE html><html lang=\"\(language)\"><head><meta charset=utf-8>\(head)</head><body>\(body)\(filler)</body></html>"
    return try #require(try documents(text, uri: uri, mediaType: "text/html").first)
}

/// JSON-LD in its element.
func linkedData(_ json: String) -> String { "<script type=\"application/ld+json\">\(json)</script>" }

extension JSONValue {
    /// The text of a member.
    func text(_ name: String) -> String? { self[name]?.string }
    /// The texts of a member that is an array.
    func texts(_ name: String) -> [String] { self[name]?.array?.compactMap(\.string) ?? [] }
}
