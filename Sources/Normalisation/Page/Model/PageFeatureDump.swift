import Charset
import HTML

/// What the models see of a page, for the script that trains them.
public struct PageFeatureDump {
    /// The names of a page's features.
    public static var pageNames: [String] { PageFacts.names }
    /// The names of a block's features.
    public static var blockNames: [String] { BlockFeatures.names }

    /// The page's own features.
    public let page: [Float]
    /// The blocks' features, row by row; those of the kind are 0.
    public let blocks: [Float]
    /// The blocks' texts.
    public let texts: [String]

    /// Takes apart a page in UTF-8.
    public init(_ bytes: [UInt8], url: String?) {
        let document = HTMLParser.parse(bytes)
        let metadata = PageMetadata(document, url: url)
        let title = TitleWords(metadata.title?.value)
        let outline = PageOutline(document, title: title)
        let facts = PageFacts(outline, metadata, titleWordCount: title.count)
        page = facts.features
        var features = BlockFeatures(outline, facts, kinds: [Float](repeating: 0, count: PageKind.allCases.count))
        _ = features.take(outline.blocks.count)
        blocks = features.values
        texts = outline.blocks.map {
            String(decoding: outline.text[Int($0.start)..<Int($0.end)], as: UTF8.self)
        }
    }
}

extension Normaliser {
    /// What the models see of a page, decoded as any page is.
    public static func features(ofPage bytes: [UInt8], uri: String) -> PageFeatureDump {
        let encoding = EncodingDetection.detect(bytes, transport: nil, kind: .html).encoding
        return PageFeatureDump(Decoder.decode(bytes, as: encoding), url: uri)
    }
}
