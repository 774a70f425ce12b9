/// Finds who made a picture in the words below it.
enum PictureCredit {
    /// Who made a picture, by a caption's end: `(Reuters)`, `Photo: A. Smith`, `© dpa`.
    static func of(_ text: String) -> String? {
        if text.hasSuffix(")"), let open = text.lastIndex(of: "(") {
            let inner = text[text.index(after: open)...].dropLast()
            let outer = text[..<open].utf8.count
            if outer >= 10, inner.utf8.count >= 2, inner.utf8.count <= 60, let first = inner.unicodeScalars.first,
                first.properties.isUppercase || first == "©"
                    || !first.properties.isAlphabetic && !("0"..."9").contains(first),
                !inner.contains("."), inner.split(separator: " ").count <= 8
            {
                return withoutWord(String(inner))
            }
        }
        for word in words {
            guard let place = lastRange(of: word, in: text) else { continue }
            let name = text[place...].dropFirst(word.count)
            if name.utf8.count >= 2, name.utf8.count <= 60 { return TextBytes.line(name.utf8) }
        }
        return nil
    }

    /// What stands before a name.
    private static let words = [
        "Photo: ", "Photo by ", "Picture: ", "Image: ", "Image credit: ", "Photo credit: ", "Credit: ", "Foto: ",
        "Bild: ",
        "Photograph: ", "Photograph by ", "Crédit : ", "Source: ", "© ",
    ]

    /// The name alone.
    static func withoutWord(_ credit: String) -> String {
        for word in words where credit.hasPrefix(word) { return String(credit.dropFirst(word.count)) }
        return credit
    }

    private static func lastRange(of word: String, in text: String) -> String.Index? {
        // Only near the end, where a credit stands.
        var index = text.index(text.endIndex, offsetBy: -min(text.count, 80))
        var found: String.Index?
        while index < text.endIndex {
            if text[index...].hasPrefix(word) { found = index }
            index = text.index(after: index)
        }
        return found
    }
}
