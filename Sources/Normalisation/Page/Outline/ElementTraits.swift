import HTML

/// What an element is for, as its name, role, microdata, classes and id tell: one bit for each thing.
struct ElementTraits: Equatable {
    /// By ``Structure``.
    var structure: UInt64 = 0
    /// By ``TraitVocabulary``.
    var vocabulary: UInt64 = 0

    /// What names of elements, ARIA roles and microdata say.
    enum Structure: Int, CaseIterable {
        case navigation, header, footer, aside, main, article, section, form, table, list, item, link, button, figure
        case caption, blockquote, details, address, label, paragraph, code, heading, definition, dialog, search, menu
        case tabPanel, hiddenFromReaders, bodyProperty, descriptionProperty, nameProperty, reviewProperty
        case authorProperty, dateProperty, priceProperty, articleType, productType, reviewType, questionType
        case breadcrumbType, listType, withoutScripts
    }

    mutating func insert(_ trait: Structure) { structure |= 1 << UInt64(trait.rawValue) }
    func has(_ trait: Structure) -> Bool { structure & 1 << UInt64(trait.rawValue) != 0 }

    /// Reads an element's name and attributes. `signature` becomes a number that elements of one kind share: the name and
    /// the first word of the class.
    init(
        _ node: HTMLDocument.Node, _ attributes: UnsafeBufferPointer<HTMLDocument.Attribute>, _ document: HTMLDocument
    ) {
        if let trait = Self.byTag(node.tag) { insert(trait) }
        for attribute in attributes {
            switch attribute.name {
            case .class, .id, .ariaLabel, .dataTestid:
                vocabulary |= document.withBytes(attribute.value) { TraitVocabulary.bits(of: $0) }
            case .role:
                vocabulary |= document.withBytes(attribute.value) { TraitVocabulary.bits(of: $0) }
                if let trait = document.withBytes(attribute.value, { Self.roles[Self.hash($0)] }) { insert(trait) }
            case .itemprop:
                if let trait = document.withBytes(attribute.value, { Self.properties[Self.hash($0)] }) { insert(trait) }
            case .itemtype:
                // The type's name is what follows the last slash.
                let hash = document.withBytes(attribute.value) { bytes in
                    var start = bytes.count
                    while start > 0, bytes[start - 1] != UInt8(ascii: "/") { start -= 1 }
                    return Self.hash(UnsafeBufferPointer(rebasing: bytes[start...]))
                }
                if let trait = Self.types[hash] { insert(trait) }
            case .ariaHidden:
                if document.withBytes(attribute.value, { $0.first == UInt8(ascii: "t") }) { insert(.hiddenFromReaders) }
            default: break
            }
        }
    }

    init() {}

    private static func byTag(_ tag: TagName) -> Structure? {
        switch tag {
        case .nav: .navigation
        case .header: .header
        case .footer: .footer
        case .aside: .aside
        case .main: .main
        case .article: .article
        case .section: .section
        case .form, .fieldset: .form
        case .table: .table
        case .ul, .ol: .list
        case .li: .item
        case .a: .link
        case .button: .button
        case .figure: .figure
        case .figcaption, .caption: .caption
        case .blockquote, .q: .blockquote
        case .details, .summary: .details
        case .address: .address
        case .label, .legend: .label
        case .p: .paragraph
        case .pre, .code: .code
        case .h1, .h2, .h3, .h4, .h5, .h6: .heading
        case .dl, .dd, .dt: .definition
        case .dialog: .dialog
        case .search: .search
        case .menu: .menu
        case .noscript: .withoutScripts
        default: nil
        }
    }

    private static func table(_ entries: [(Structure, String)]) -> [UInt32: Structure] {
        var table: [UInt32: Structure] = [:]
        for (trait, names) in entries {
            for name in names.split(separator: " ") {
                Array(name.utf8).withUnsafeBufferPointer { table[hash($0)] = trait }
            }
        }
        return table
    }

    private static let roles = table([
        (.navigation, "navigation directory"), (.header, "banner"), (.footer, "contentinfo"),
        (.aside, "complementary note"), (.main, "main"), (.article, "article feed"), (.section, "region"),
        (.form, "form"), (.list, "list"), (.item, "listitem"), (.button, "button tab"),
        (.dialog, "dialog alertdialog alert status"), (.search, "search searchbox combobox listbox"),
        (.menu, "menu menubar menuitem toolbar tablist tree"), (.tabPanel, "tabpanel"), (.heading, "heading"),
    ])
    private static let properties = table([
        (.bodyProperty, "articlebody text reviewbody"), (.descriptionProperty, "description abstract"),
        (.nameProperty, "name headline alternativeheadline"),
        (.reviewProperty, "review reviews comment aggregaterating"),
        (.authorProperty, "author creator publisher"), (.dateProperty, "datepublished datemodified datecreated"),
        (.priceProperty, "offers price pricecurrency"), (.navigation, "breadcrumb"),
    ])
    private static let types = table([
        (.articleType, "article newsarticle blogposting techarticle scholarlyarticle creativework recipe"),
        (.productType, "product offer individualproduct"), (.reviewType, "review comment usercomments rating"),
        (.questionType, "question answer qapage discussionforumposting"), (.breadcrumbType, "breadcrumblist"),
        (.listType, "itemlist collectionpage blog offercatalog"), (.navigation, "sitenavigationelement"),
        (.header, "wpheader"), (.footer, "wpfooter"), (.aside, "wpsidebar wpadblock"),
    ])

    /// FNV-1a over the letters in lower case.
    static func hash(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt32 {
        var hash: UInt32 = 2_166_136_261
        for byte in bytes { hash = (hash ^ UInt32(byte &- 0x41 < 26 ? byte | 0x20 : byte)) &* 16_777_619 }
        return hash
    }
}
