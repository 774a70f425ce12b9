import Document
import JSON

/// Gives a document what is made from the rest of it (id, language, identity) and writes it.
final class DocumentFinisher {
    let digest: SHA256
    let identifier: ContentIdentifier
    private var writer = JSONWriter(capacity: 0)
    private var sample = LanguageSample()
    /// What was declared last, which is the same for all entries of a feed, and its tag.
    private var lastDeclared: (text: String, tag: String?)?
    /// Documents that are to become part of another one, while they are made.
    private var collected: [Draft]?

    init(digest: SHA256) {
        self.digest = digest
        identifier = ContentIdentifier(digest: digest)
    }

    /// A document that is not finished.
    struct Draft {
        var document: Document
        var declaredLanguage: String?
    }

    /// Takes the documents that `body` makes before they are finished and written.
    func collect(_ body: () -> NormaliserResult) -> (drafts: [Draft], result: NormaliserResult) {
        collected = []
        defer { collected = nil }
        let result = body()
        return (collected ?? [], result)
    }

    /// Whether documents are to become part of another one.
    var isCollecting: Bool { collected != nil }

    /// Drops what was collected, to make it again.
    func forgetCollected() { if collected != nil { collected = [] } }

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
    ///
    /// - Parameter shared: what many documents have in common, as JSON; it stands for their own.
    func finish(
        _ document: consuming Document, settings: NormaliserSettings, declaredLanguage: String?,
        shared: Document.SharedJSON? = nil, to result: inout NormaliserResult
    ) {
        finish(&document, settings: settings, declaredLanguage: declaredLanguage, shared: shared, to: &result)
    }

    /// The same with a document that is used for the next one again.
    ///
    /// - Parameter packed: ASCII text and links that stand for the document's own; not to be given while documents are
    ///   collected.
    func finish(
        _ document: inout Document, settings: NormaliserSettings, declaredLanguage: String?,
        shared: Document.SharedJSON? = nil, packed: Document.Packed = Document.Packed(),
        to result: inout NormaliserResult
    ) {
        guard collected == nil else {
            collected?.append(Draft(document: document, declaredLanguage: declaredLanguage))
            return
        }
        NormalForm.compose(&document.title)
        NormalForm.compose(&document.summary)
        NormalForm.compose(&document.text)
        document.markdown = settings.wantsMarkdown ? document.markdown.map(NormalForm.compose) : nil
        document.html = settings.wantsHTML ? document.html.map(NormalForm.compose) : nil
        NormalForm.compose(&document.authors)
        NormalForm.compose(&document.tags)
        let (identity, language) = read(document, packed.text, settings, declaredLanguage: declaredLanguage)
        document.hash = identity.hash
        document.language = language
        // Written behind the others; the buffers change places for so long.
        swap(&writer.bytes, &result.body)
        writer.startText()
        let start = writer.bytes.count
        document.write(to: &writer, shared: shared, packed: packed)
        let length = writer.bytes.count - start
        writer.bytes.append(UInt8(ascii: "\n"))
        swap(&writer.bytes, &result.body)
        result.documents.append(NormaliserResult.Entry(id: document.id, identity: identity, length: length))
    }

    /// A document's identity, and its language: what the configuration says, else what the text shows, else what the source
    /// declares.
    private func read(
        _ document: borrowing Document, _ ascii: [UInt8]?, _ settings: borrowing NormaliserSettings,
        declaredLanguage: String?
    ) -> (ContentIdentity, language: String?) {
        let title = document.title ?? ""
        // Pictures come from another address each time, sound and film are what a document is about.
        let files =
            document.enclosures.isEmpty
            ? [] : document.enclosures.filter { $0.type?.hasPrefix("image/") != true }.map(\.url)
        let known = document.language ?? settings.language
        func read(_ text: UnsafeBufferPointer<UInt8>) -> (ContentIdentity, language: String?) {
            title.utf8.span.withUnsafeBufferPointer { title in
                sample.clear()
                if known == nil, !text.isEmpty { sample.begin(text) }
                let identity = identifier.identify(title: title, text: text, files: files, sample: &sample)
                if let known { return (identity, known) }
                let declared = declaredLanguage.flatMap(tag)
                let content = text.isEmpty ? title : text
                guard let detected = LanguageDetector.detect(content, sample: &sample, hint: declared) else {
                    return (identity, declared)
                }
                // The declared tag says more (a region) where both mean the same language.
                if let declared,
                    declared == detected || declared.utf8.prefix(2).elementsEqual(detected.utf8.prefix(2))
                {
                    return (identity, declared)
                }
                return (identity, detected)
            }
        }
        if let ascii { return ascii.withUnsafeBufferPointer(read) }
        return (document.text ?? document.summary ?? "").utf8.span.withUnsafeBufferPointer(read)
    }

    private func tag(_ declared: String) -> String? {
        if let lastDeclared, lastDeclared.text == declared { return lastDeclared.tag }
        let tag = LanguageDetector.tag(declared)
        lastDeclared = (declared, tag)
        return tag
    }
}
