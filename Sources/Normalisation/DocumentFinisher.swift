import Document
import JSON

/// Gives a document what is made from the rest of it (id, language, hash, simhash) and writes it.
final class DocumentFinisher {
    let digest: SHA256
    private var writer = JSONWriter(capacity: 64 * 1024)

    init(digest: SHA256) { self.digest = digest }

    /// The id of the thing that `key` names in `source`.
    func id(source: String, key: String, part: Int = 1) -> DocumentID {
        digest.begin()
        digest.add(source)
        digest.separate()
        digest.add(key)
        if part > 1 {
            digest.separate()
            digest.add("\(part)")
        }
        return DocumentID(truncating: digest.finish())
    }

    /// Completes `document` and appends it to `result`.
    func finish(
        _ document: Document, settings: NormaliserSettings, declaredLanguage: String?, to result: inout NormaliserResult
    ) {
        var document = document
        document.title = document.title.map(NormalForm.compose)
        document.summary = document.summary.map(NormalForm.compose)
        document.text = document.text.map(NormalForm.compose)
        document.markdown = settings.wantsMarkdown ? document.markdown.map(NormalForm.compose) : nil
        document.html = settings.wantsHTML ? document.html.map(NormalForm.compose) : nil
        document.authors = document.authors.map(NormalForm.compose)
        document.tags = document.tags.map(NormalForm.compose)
        if document.language == nil {
            document.language = language(of: document, settings: settings, declared: declaredLanguage)
        }
        let hash = contentHash(of: document)
        var text = document.text ?? document.summary ?? document.title ?? ""
        let simhash = text.withUTF8(SimHash.of)
        document.hash = hash
        document.simhash = simhash
        writer.removeAll()
        document.write(to: &writer)
        result.documents.append(
            NormaliserResult.Entry(id: document.id, hash: hash, simhash: simhash, length: writer.bytes.count))
        result.body.append(contentsOf: writer.bytes)
        result.body.append(UInt8(ascii: "\n"))
    }

    /// What the configuration says, else what the text shows, else what the source declares.
    private func language(of document: Document, settings: NormaliserSettings, declared: String?) -> String? {
        if let language = settings.language { return language }
        let declared = declared.flatMap(LanguageDetector.tag)
        var text = document.text ?? document.summary ?? document.title ?? ""
        guard let detected = text.withUTF8({ LanguageDetector.detect($0, hint: declared) }) else { return declared }
        // The declared tag says more (a region) where both mean the same language.
        if let declared, declared.prefix(2) == detected.prefix(2) { return declared }
        return detected
    }

    /// What makes a revision: the title and the content. Times, pictures' addresses, tags and links are not part of it:
    /// they change with the page around the content. Without text it is the summary and the files that come along.
    private func contentHash(of document: Document) -> ContentHash {
        digest.begin()
        digest.add(document.title ?? "")
        digest.separate()
        if let text = document.text {
            digest.add(text)
        } else {
            digest.add(document.summary ?? "")
            for enclosure in document.enclosures {
                digest.separate()
                digest.add(enclosure.url)
            }
        }
        return digest.finish()
    }
}
