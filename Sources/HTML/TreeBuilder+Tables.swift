/// The modes in tables and templates (sections 13.2.6.4.9 to 18).
extension TreeBuilder {
    mutating func inTable(_ token: inout Token) {
        switch token.kind {
        case .characters where isCurrent(in: TagSet(.tableContext, .template)):
            pendingTableText.removeAll(keepingCapacity: true)
            originalMode = mode
            return retake(in: .inTableText)
        case .comment: return insertComment(token)
        case .doctype: return
        case .startTag: if tableStartTag(&token) { return }
        case .endTag:
            switch token.tag {
            case .table:
                guard open.isInScope(.table, .tableScope) else { return }
                popUntil(.table)
                return resetMode()
            case .body, .caption, .col, .colgroup, .html, .tbody, .td, .tfoot, .th, .thead, .tr: return
            case .template: return inHead(&token)
            default: break
            }
        case .end: return inBody(&token)
        default: break
        }
        fosters = true
        inBody(&token)
        fosters = false
    }

    private mutating func tableStartTag(_ token: inout Token) -> Bool {
        let table = TagSet(.table, .template, .html)
        switch token.tag {
        case .caption:
            clear(to: table)
            formatting.append(.marker)
            insertElement(token)
            mode = .inCaption
        case .colgroup:
            clear(to: table)
            insertElement(token)
            mode = .inColumnGroup
        case .col:
            clear(to: table)
            insertElement(.colgroup)
            retake(in: .inColumnGroup)
        case .tbody, .tfoot, .thead:
            clear(to: table)
            insertElement(token)
            mode = .inTableBody
        case .td, .th, .tr:
            clear(to: table)
            insertElement(.tbody)
            retake(in: .inTableBody)
        case .table:
            guard open.isInScope(.table, .tableScope) else { return true }
            popUntil(.table)
            resetMode()
            again = true
        case .style, .script, .template: inHead(&token)
        case .input where isHiddenInput(token): insertVoid(token)
        case .form:
            guard form == nil, !open.contains(.template) else { return true }
            form = insertElement(token)
            open.pop()
        default: return false
        }
        return true
    }

    mutating func inTableText(_ token: inout Token) {
        if token.kind == .characters {
            if !isNull(token.text) { pendingTableText.append(token.text) }
            return
        }
        let isOnlySpace = pendingTableText.allSatisfy { isSpace($0) }
        for range in pendingTableText {
            if isOnlySpace {
                insertText(range)
            } else {
                var characters = Token()
                characters.kind = .characters
                characters.text = range
                fosters = true
                inBody(&characters)
                fosters = false
            }
        }
        pendingTableText.removeAll(keepingCapacity: true)
        retake(in: originalMode)
    }

    mutating func inCaption(_ token: inout Token) {
        switch (token.kind, token.tag) {
        case (.endTag, .caption): _ = closeCaption()
        case (.startTag, _) where TagSet.tableParts.contains(token.tag), (.endTag, .table):
            if closeCaption() { again = true }
        case (.endTag, .body), (.endTag, .col), (.endTag, .colgroup), (.endTag, .html), (.endTag, .tbody),
            (.endTag, .td),
            (.endTag, .tfoot), (.endTag, .th), (.endTag, .thead), (.endTag, .tr):
            break
        default: inBody(&token)
        }
    }

    private mutating func closeCaption() -> Bool {
        guard open.isInScope(.caption, .tableScope) else { return false }
        generateImpliedEndTags()
        popUntil(.caption)
        clearFormattingToMarker()
        mode = .inTable
        return true
    }

    mutating func inColumnGroup(_ token: inout Token) {
        switch token.kind {
        case .characters:
            insertText(takeSpace(&token))
            guard token.text.count > 0 else { return }
        case .comment: return insertComment(token)
        case .doctype: return
        case .startTag where token.tag == .html: return inBody(&token)
        case .startTag where token.tag == .col: return insertVoid(token)
        case .startTag where token.tag == .template: return inHead(&token)
        case .endTag where token.tag == .template: return inHead(&token)
        case .endTag where token.tag == .colgroup:
            guard isCurrent(.colgroup) else { return }
            open.pop()
            mode = .inTable
            return
        case .endTag where token.tag == .col: return
        case .end: return inBody(&token)
        default: break
        }
        guard isCurrent(.colgroup) else { return }
        open.pop()
        retake(in: .inTable)
    }

    private static let sections = TagSet(.tbody, .tfoot, .thead)

    mutating func inTableBody(_ token: inout Token) {
        let section = TagSet(Self.sections, .template, .html)
        switch (token.kind, token.tag) {
        case (.startTag, .tr):
            clear(to: section)
            insertElement(token)
            mode = .inRow
        case (.startTag, .th), (.startTag, .td):
            clear(to: section)
            insertElement(.tr)
            retake(in: .inRow)
        case (.endTag, _) where Self.sections.contains(token.tag):
            guard open.isInScope(token.tag, .tableScope) else { return }
            clear(to: section)
            open.pop()
            mode = .inTable
        case (.startTag, .caption), (.startTag, .col), (.startTag, .colgroup), (.startTag, .tbody), (.startTag, .tfoot),
            (.startTag, .thead), (.endTag, .table):
            guard open.isInScope(anyOf: Self.sections, .tableScope) else { return }
            clear(to: section)
            open.pop()
            retake(in: .inTable)
        case (.endTag, .body), (.endTag, .caption), (.endTag, .col), (.endTag, .colgroup), (.endTag, .html),
            (.endTag, .td),
            (.endTag, .th), (.endTag, .tr):
            break
        default: inTable(&token)
        }
    }

    mutating func inRow(_ token: inout Token) {
        let row = TagSet(.tr, .template, .html)
        switch (token.kind, token.tag) {
        case (.startTag, .th), (.startTag, .td):
            clear(to: row)
            insertElement(token)
            mode = .inCell
            formatting.append(.marker)
        case (.endTag, .tr):
            _ = closeRow(row)
        case (.startTag, .caption), (.startTag, .col), (.startTag, .colgroup), (.startTag, .tbody), (.startTag, .tfoot),
            (.startTag, .thead), (.startTag, .tr), (.endTag, .table):
            if closeRow(row) { again = true }
        case (.endTag, _) where Self.sections.contains(token.tag):
            guard open.isInScope(token.tag, .tableScope) else { return }
            if closeRow(row) { again = true }
        case (.endTag, .body), (.endTag, .caption), (.endTag, .col), (.endTag, .colgroup), (.endTag, .html),
            (.endTag, .td),
            (.endTag, .th):
            break
        default: inTable(&token)
        }
    }

    private mutating func closeRow(_ row: TagSet) -> Bool {
        guard open.isInScope(.tr, .tableScope) else { return false }
        clear(to: row)
        open.pop()
        mode = .inTableBody
        return true
    }

    mutating func inCell(_ token: inout Token) {
        let cells = TagSet(.td, .th)
        switch (token.kind, token.tag) {
        case (.endTag, .td), (.endTag, .th):
            guard open.isInScope(token.tag, .tableScope) else { return }
            generateImpliedEndTags()
            popUntil(token.tag)
            clearFormattingToMarker()
            mode = .inRow
        case (.startTag, _) where TagSet.tableParts.contains(token.tag):
            guard open.isInScope(anyOf: cells, .tableScope) else { return }
            closeCell()
            again = true
        case (.endTag, .body), (.endTag, .caption), (.endTag, .col), (.endTag, .colgroup), (.endTag, .html): break
        case (.endTag, .table), (.endTag, .tbody), (.endTag, .tfoot), (.endTag, .thead), (.endTag, .tr):
            guard open.isInScope(token.tag, .tableScope) else { return }
            closeCell()
            again = true
        default: inBody(&token)
        }
    }

    private mutating func closeCell() {
        generateImpliedEndTags()
        popUntil(in: TagSet(.td, .th))
        clearFormattingToMarker()
        mode = .inRow
    }

    // MARK: Templates

    mutating func inTemplate(_ token: inout Token) {
        switch token.kind {
        case .characters, .comment, .doctype: return inBody(&token)
        case .startTag:
            switch token.tag {
            case _ where TagSet.inHead.contains(token.tag): return inHead(&token)
            case .caption, .colgroup, .tbody, .tfoot, .thead: switchTemplate(to: .inTable)
            case .col: switchTemplate(to: .inColumnGroup)
            case .tr: switchTemplate(to: .inTableBody)
            case .td, .th: switchTemplate(to: .inRow)
            default: switchTemplate(to: .inBody)
            }
        case .endTag: if token.tag == .template { inHead(&token) }
        case .end:
            guard open.contains(.template) else { return }
            popUntil(.template)
            clearFormattingToMarker()
            _ = templateModes.popLast()
            resetMode()
            again = true
        }
    }

    private mutating func switchTemplate(to mode: Mode) {
        _ = templateModes.popLast()
        templateModes.append(mode)
        retake(in: mode)
    }
}
