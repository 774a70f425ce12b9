/// Content in the few kinds of block and of marked text that Markdown and sanitised HTML can show.
///
/// A list of parts in document order: what begins and ends a block, and what stands in it. Text carries its marks with it,
/// so nothing inline can be left open. Made by ``RichContentBuilder``, which sees to it that blocks nest as HTML allows.
struct RichContent {
    /// Something that begins and ends.
    enum Block: Equatable {
        // These hold blocks.
        case quote, figure, item, definition
        /// Holds items. Ordered lists begin with a number.
        case list(start: Int?)
        /// Holds terms and definitions.
        case definitions
        /// Holds a caption and rows; rows hold cells.
        case table, row
        // These hold text.
        case paragraph
        /// Text that stands in an item, a definition or a figure without being a paragraph.
        case plain
        case heading(level: Int)
        case term, caption, tableCaption
        case cell(isHeader: Bool, columns: Int, rows: Int)
        /// Lines as they are written.
        case code(language: String?)
    }

    /// How text is marked.
    struct Marks: OptionSet {
        let rawValue: UInt8
        static let strong = Marks(rawValue: 1)
        static let emphasis = Marks(rawValue: 2)
        static let deleted = Marks(rawValue: 4)
        static let code = Marks(rawValue: 8)
        static let lowered = Marks(rawValue: 16)
        static let raised = Marks(rawValue: 32)
    }

    /// A piece of text of one look.
    struct Run {
        /// In ``RichContent/text``. No white space but single spaces, outside of code blocks.
        var range: Range<Int>
        var marks: Marks
        /// The link that it is a part of, in ``RichContent/links``.
        var link: Int?
    }

    /// A picture.
    struct Picture {
        /// An address that ``SafeAddress`` let through.
        var url: String
        var description: String?
        var width: Int?
        var height: Int?
        var link: Int?
    }

    enum Part {
        case begin(Block)
        case end(Block)
        case run(Run)
        case picture(Picture)
        case lineBreak
        /// A line across the page, between blocks.
        case rule
    }

    var parts: [Part] = []
    /// The text of all runs, UTF-8.
    var text: [UInt8] = []
    /// Where links lead, all let through by ``SafeAddress``.
    var links: [String] = []

    /// Parts that are kept of one content; what comes behind them is left out.
    static let maximumParts = 1_000_000
    /// Blocks that stand in one another; deeper ones are taken for the text around them.
    static let maximumDepth = 48
}

extension RichContent.Block {
    /// Whether text stands in it directly.
    var holdsText: Bool {
        switch self {
        case .paragraph, .plain, .heading, .term, .caption, .tableCaption, .cell, .code: true
        default: false
        }
    }

    /// Whether its text is shown as strong without being marked so.
    var isStrong: Bool {
        switch self {
        case .heading, .term, .cell(isHeader: true, _, _): true
        default: false
        }
    }

    /// Whether blocks of any kind may stand in it.
    var holdsBlocks: Bool {
        switch self {
        case .quote, .figure, .item, .definition: true
        default: false
        }
    }
}
