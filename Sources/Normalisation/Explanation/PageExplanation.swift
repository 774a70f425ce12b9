import HTML
import JSON

/// Why a page became the document that it did: its kind, what won for each field and what lost, which blocks were kept and
/// which were cut.
enum PageExplanation {
    /// Blocks that are shown one by one.
    private static let blockLimit = 1000
    private static let snippetLength = 120

    /// The members `page`, `fields` and `content`.
    ///
    /// - Parameter isFromData: whether the text is that of the structured data, since the page shows next to none.
    static func make(
        _ document: HTMLDocument, _ metadata: PageMetadata, _ log: EvidenceLog, _ outline: PageOutline,
        _ selection: ContentSelection, isFromData: Bool
    ) -> JSONValue {
        let kinds = zip(PageKind.allCases, selection.kindProbabilities).map { kind, probability in
            (kind.rawValue, rounded(probability))
        }
        return [
            "page": [
                "kind": .string(selection.kind.rawValue),
                "probabilities": .object(Dictionary(uniqueKeysWithValues: kinds)),
            ],
            "fields": .object(fields(metadata, log)),
            "content": content(document, outline, selection, isFromData: isFromData),
        ]
    }

    // MARK: Fields

    private static func fields(_ metadata: PageMetadata, _ log: EvidenceLog) -> [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        func add(_ field: EvidenceLog.Field, _ value: String?, _ evidence: Evidence?) {
            var members: [String: JSONValue] = [:]
            if let value, let evidence {
                members["value"] = .string(short(value))
                members["evidence"] = .string(evidence.rawValue)
            }
            // The candidate that was taken is not named again; one of the same value from elsewhere is.
            var others = log.candidates[field] ?? []
            if let taken = others.firstIndex(where: { $0.value == value && $0.evidence == evidence }) {
                if let score = others[taken].score { members["score"] = rounded(Float(score)) }
                if let note = others[taken].note { members["note"] = .string(note) }
                others.remove(at: taken)
            }
            if !others.isEmpty { members["others"] = .array(others.map(candidate)) }
            if !members.isEmpty { fields[field.rawValue] = .object(members) }
        }
        add(.title, metadata.title?.value, metadata.title?.evidence)
        add(.authors, metadata.authors?.value.joined(separator: ", "), metadata.authors?.evidence)
        add(.published, metadata.published?.value.description, metadata.published?.evidence)
        add(.modified, metadata.modified?.value.description, metadata.modified?.evidence)
        add(.site, metadata.site?.value, metadata.site?.evidence)
        add(.language, metadata.language?.value, metadata.language?.evidence)
        add(.canonical, metadata.canonical?.value, metadata.canonical?.evidence)
        add(.summary, metadata.summary?.value, metadata.summary?.evidence)
        add(.tags, metadata.tags?.value.joined(separator: ", "), metadata.tags?.evidence)
        add(.image, metadata.image?.value, metadata.image?.evidence)
        return fields
    }

    private static func candidate(_ candidate: EvidenceLog.Candidate) -> JSONValue {
        var members: [String: JSONValue] = [
            "value": .string(short(candidate.value)), "evidence": .string(candidate.evidence.rawValue),
        ]
        if let score = candidate.score { members["score"] = rounded(Float(score)) }
        if let note = candidate.note { members["note"] = .string(note) }
        return .object(members)
    }

    // MARK: Blocks

    private static func content(
        _ document: HTMLDocument, _ outline: PageOutline, _ selection: ContentSelection, isFromData: Bool
    ) -> JSONValue {
        let kept = selection.isContent.count { $0 }
        let blocks = outline.blocks.indices.prefix(blockLimit).map { index -> JSONValue in
            let block = outline.blocks[index]
            let text = outline.text[Int(block.start)..<Int(block.end)].prefix(snippetLength * 4)
            var members: [String: JSONValue] = [
                "kept": .bool(selection.isContent[index]), "score": rounded(selection.probabilities[index]),
                "words": .integer(Int64(block.words.words)), "in": .string(place(of: block, outline, document)),
                "text": .string(short(String(decoding: text, as: UTF8.self))),
            ]
            if !selection.isContent[index], selection.probabilities[index] >= selection.threshold {
                members["why"] = "repeats the block before it"
            }
            return .object(members)
        }
        return [
            "from": isFromData ? "structured data, since the page shows next to no text" : "blocks",
            "sees_hidden": .bool(outline.seesHidden), "threshold": rounded(selection.threshold),
            "kept": .integer(Int64(kept)), "cut": .integer(Int64(outline.blocks.count - kept)),
            "blocks": .array(blocks),
        ]
    }

    /// The names of the elements around a block, the innermost last.
    private static func place(of block: PageOutline.Block, _ outline: PageOutline, _ document: HTMLDocument) -> String {
        var names: [String] = []
        var element = block.element
        while element >= 0, names.count < 4 {
            names.append(document.name(of: outline.elements[Int(element)].tag))
            element = outline.elements[Int(element)].parent
        }
        return names.reversed().joined(separator: " ")
    }

    private static func short(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.count > snippetLength ? line.prefix(snippetLength - 1) + "…" : line
    }

    private static func rounded(_ value: Float) -> JSONValue {
        value.isFinite ? .number((Double(value) * 1000).rounded() / 1000) : .null
    }
}
