import Document
import HTML

/// A picture of a page, and the element that shows it where one does.
struct PageImage {
    var image: Document.Image
    var node: HTMLDocument.NodeIndex?
}

/// The pictures in the content and the one that the page names as its own, with what stands under them and who made them.
///
/// Icons, portraits of users, counters and stand-ins are none: what is smaller than 50 pixels, or says in its address or
/// class that it is one.
enum PageImages {
    /// Pictures that are kept of a page.
    private static let limit = 500
    /// Pixels below which a picture is an icon.
    private static let smallest = 50

    /// - Parameter nodes: the `img` elements in the content, in their order.
    static func find(
        _ nodes: [HTMLDocument.NodeIndex], _ document: HTMLDocument, _ metadata: PageMetadata
    ) -> [PageImage] {
        let base = metadata.base.flatMap(Address.init)
        let known = described(metadata, base)
        var images: [PageImage] = []
        var seen: Set<String> = []
        for node in nodes.prefix(limit) {
            guard let source = PictureSource.reference(node, document),
                let url = SafeAddress.picture(source, base: base), seen.insert(key(url)).inserted,
                !isDecoration(url), !isDecoration(node, document)
            else { continue }
            let data = known[key(url)]
            let width = PictureSource.size(.width, of: node, document) ?? data?.width
            let height = PictureSource.size(.height, of: node, document) ?? data?.height
            if width ?? smallest < smallest || height ?? smallest < smallest { continue }
            let caption = PictureCaption(node, document)
            images.append(
                PageImage(
                    image: Document.Image(
                        url: url,
                        caption: caption.text ?? data?.caption
                            ?? document.attributeString(.alt, of: node).flatMap(Text.clean),
                        credit: caption.credit ?? data?.credit, width: width, height: height),
                    node: node))
        }
        if let lead = lead(metadata, known, base), !seen.contains(where: { isSame($0, key(lead.url ?? "")) }) {
            images.insert(PageImage(image: lead), at: 0)
        }
        return images
    }

    /// The picture that the page names as its own.
    private static func lead(
        _ metadata: PageMetadata, _ known: [String: LinkedPicture], _ base: Address?
    ) -> Document.Image? {
        guard let named = metadata.image?.value, let url = SafeAddress.picture(named, base: base), !isDecoration(url)
        else {
            return nil
        }
        let data = known[key(url)]
        return Document.Image(
            url: url, caption: data?.caption, credit: data?.credit, width: data?.width, height: data?.height)
    }

    /// What structured data says, by the pictures' addresses; the first that says something counts.
    private static func described(_ metadata: PageMetadata, _ base: Address?) -> [String: LinkedPicture] {
        var known: [String: LinkedPicture] = [:]
        for picture in metadata.pictures.prefix(limit) {
            guard let url = picture.url.flatMap({ SafeAddress.picture($0, base: base) }) else { continue }
            var merged = known[key(url)] ?? picture
            merged.caption = merged.caption ?? picture.caption
            merged.credit = merged.credit ?? picture.credit
            merged.width = merged.width ?? picture.width
            merged.height = merged.height ?? picture.height
            known[key(url)] = merged
        }
        return known
    }

    // MARK: Which are the same, which are none

    /// Without what asks for another size of the same picture, where the path itself names one.
    private static func key(_ url: String) -> String {
        let path = url.prefix { $0 != "?" && $0 != "#" }
        let ending = path.suffix(5).lowercased()
        let isPicture = [".jpg", ".png", ".gif", ".jpeg", ".webp", ".avif"].contains(where: ending.hasSuffix)
        return isPicture ? String(path) : url
    }

    /// Whether two addresses are of one picture in two sizes: `lock-1024x576.jpg` and `lock.jpg`.
    private static func isSame(_ one: String, _ other: String) -> Bool {
        one == other || stem(one).utf8.count >= 4 && stem(one) == stem(other)
    }

    private static func stem(_ url: String) -> Substring {
        var name = url.split(separator: "/").last ?? ""
        if let dot = name.lastIndex(of: ".") { name = name[..<dot] }
        guard let dash = name.lastIndex(of: "-"),
            name[name.index(after: dash)...].allSatisfy({ $0 == "x" || ("0"..."9").contains($0) })
        else { return name }
        return name[..<dash]
    }

    private static let names: Set<Substring> = [
        "icon", "icons", "favicon", "emoji", "avatar", "avatars", "gravatar", "sprite", "spacer", "pixel", "smiley",
        "smilies",
    ]
    private static let addresses = names.union([
        "blank", "placeholder", "transparent", "beacon", "tracking", "loading", "spinner",
    ])
    private static let classes = names.union(["badge", "logo"])

    private static func isDecoration(_ url: String) -> Bool {
        url.prefix { $0 != "?" && $0 != "#" }.split(separator: "/").dropFirst(2).suffix(2).contains {
            has(addresses, in: $0)
        }
    }

    private static func isDecoration(_ image: HTMLDocument.NodeIndex, _ document: HTMLDocument) -> Bool {
        if let role = document.attributeString(.role, of: image), role == "presentation" || role == "none" {
            return true
        }
        return document.attributeString(.class, of: image).map { has(classes, in: $0[...]) } ?? false
    }

    private static func has(_ words: Set<Substring>, in text: Substring) -> Bool {
        text.utf8.count < 2000
            && text.lowercased().split { !("a"..."z").contains($0) }.contains(where: words.contains)
    }
}
