/// A set of known element names, as bits.
struct TagSet {
    /// Numbers of names below this can be in a set.
    static let capacity = 192
    private var words: (UInt64, UInt64, UInt64) = (0, 0, 0)

    init(_ tags: TagName...) { for tag in tags { insert(tag) } }

    init(_ other: TagSet, _ tags: TagName...) {
        self = other
        for tag in tags { insert(tag) }
    }

    private mutating func insert(_ tag: TagName) {
        let bit = UInt64(1) << UInt64(tag.rawValue & 63)
        switch tag.rawValue >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        default: words.2 |= bit
        }
    }

    @inline(__always) func contains(_ tag: TagName) -> Bool {
        let bit = UInt64(1) << UInt64(tag.rawValue & 63)
        switch tag.rawValue >> 6 {
        case 0: return words.0 & bit != 0
        case 1: return words.1 & bit != 0
        case 2: return words.2 & bit != 0
        default: return false
        }
    }

    static let headings = TagSet(.h1, .h2, .h3, .h4, .h5, .h6)
    static let special = TagSet(
        .address, .applet, .area, .article, .aside, .base, .basefont, .bgsound, .blockquote, .body, .br, .button,
        .caption,
        .center, .col, .colgroup, .dd, .details, .dir, .div, .dl, .dt, .embed, .fieldset, .figcaption, .figure, .footer,
        .form, .frame, .frameset, .h1, .h2, .h3, .h4, .h5, .h6, .head, .header, .hgroup, .hr, .html, .iframe, .img,
        .input,
        .keygen, .li, .link, .listing, .main, .marquee, .menu, .meta, .nav, .noembed, .noframes, .noscript, .object,
        .ol, .p,
        .param, .plaintext, .pre, .script, .search, .section, .select, .source, .style, .summary, .table, .tbody, .td,
        .template, .textarea, .tfoot, .th, .thead, .title, .tr, .track, .ul, .wbr, .xmp)
    static let formatting = TagSet(
        .a, .b, .big, .code, .em, .font, .i, .nobr, .s, .small, .strike, .strong, .tt, .u)
    static let scope = TagSet(
        .applet, .caption, .html, .table, .td, .th, .marquee, .object, .select, .template)
    static let listScope = TagSet(scope, .ol, .ul)
    static let buttonScope = TagSet(scope, .button)
    static let tableScope = TagSet(.html, .table, .template)
    static let impliedEnd = TagSet(.dd, .dt, .li, .optgroup, .option, .p, .rb, .rp, .rt, .rtc)
    static let thoroughlyImpliedEnd = TagSet(
        impliedEnd, .caption, .colgroup, .tbody, .td, .tfoot, .th, .thead, .tr)
    static let listItems = TagSet(.li)
    static let definitions = TagSet(.dd, .dt)
    /// Special elements that do not end the search for the item that an item closes.
    static let passedByItems = TagSet(.address, .div, .p)
    static let tableContext = TagSet(.table, .tbody, .tfoot, .thead, .tr)
    /// Blocks whose start tag closes an open paragraph and has no other rules.
    static let simpleBlocks = TagSet(
        .address, .article, .aside, .blockquote, .center, .details, .dialog, .dir, .div, .dl, .fieldset, .figcaption,
        .figure, .footer, .header, .hgroup, .main, .menu, .nav, .ol, .p, .search, .section, .summary, .ul)
    static let closableBlocks = TagSet(
        .address, .article, .aside, .blockquote, .button, .center, .details, .dialog, .dir, .div, .dl, .fieldset,
        .figcaption, .figure, .footer, .header, .hgroup, .listing, .main, .menu, .nav, .ol, .pre, .search, .section,
        .select, .summary, .ul)
    static let headOnly = TagSet(.base, .basefont, .bgsound, .link, .meta)
    static let inHead = TagSet(
        .base, .basefont, .bgsound, .link, .meta, .noframes, .script, .style, .template, .title)
    static let tableParts = TagSet(.caption, .col, .colgroup, .tbody, .td, .tfoot, .th, .thead, .tr)
    /// Start tags that end foreign content.
    static let breakout = TagSet(
        .b, .big, .blockquote, .body, .br, .center, .code, .dd, .div, .dl, .dt, .em, .embed, .h1, .h2, .h3, .h4, .h5,
        .h6,
        .head, .hr, .i, .img, .li, .listing, .menu, .meta, .nobr, .ol, .p, .pre, .ruby, .s, .small, .span, .strong,
        .strike, .sub, .sup, .table, .tt, .u, .ul, .`var`)
}
