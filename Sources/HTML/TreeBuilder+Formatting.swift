/// The list of active formatting elements and the adoption agency (sections 13.2.4.3 and 13.2.6.4.7).
extension TreeBuilder {
    mutating func pushFormatting(_ node: NodeIndex) {
        // The Noah's Ark clause: three of the same are enough.
        var same = 0
        for (index, entry) in formatting.enumerated().reversed() {
            if entry.isMarker { break }
            if isSame(entry.node, node) {
                same += 1
                if same == 3 {
                    formatting.remove(at: index)
                    break
                }
            }
        }
        if formatting.count >= Self.formattingLimit { formatting.removeFirst() }
        formatting.append(Formatting(node: node))
    }

    private func isSame(_ left: NodeIndex, _ right: NodeIndex) -> Bool {
        let (a, b) = (document.nodes[Int(left)], document.nodes[Int(right)])
        guard a.tag == b.tag, a.namespace == b.namespace, a.attributeCount == b.attributeCount else { return false }
        return document.attributes(of: left).allSatisfy { attribute in
            guard let other = document.attribute(attribute.name, of: right) else { return false }
            return other == attribute.value
                || document.withBytes(other) { bytes in document.withBytes(attribute.value) { bytes.elementsEqual($0) }
                }
        }
    }

    mutating func clearFormattingToMarker() {
        while let entry = formatting.popLast() { if entry.isMarker { return } }
    }

    mutating func removeFormatting(_ node: NodeIndex) { formatting.removeAll { $0.node == node && !$0.isMarker } }

    mutating func reconstructFormatting() {
        guard let last = formatting.last, !last.isMarker, !open.contains(last.node) else { return }
        var index = formatting.count - 1
        while index > 0, !formatting[index - 1].isMarker, !open.contains(formatting[index - 1].node) { index -= 1 }
        while index < formatting.count {
            let copy = document.copyElement(formatting[index].node)
            put(copy, at: place())
            open.append(copy)
            formatting[index].node = copy
            index += 1
        }
    }

    /// The last entry of that name behind the last marker.
    func activeFormatting(_ tag: TagName) -> NodeIndex? {
        for entry in formatting.reversed() {
            if entry.isMarker { return nil }
            if isHTML(entry.node, tag) { return entry.node }
        }
        return nil
    }

    /// Closes a formatting element that other elements have grown into.
    mutating func adoptionAgency(_ subject: TagName, _ token: inout Token) {
        if isHTML(current, subject), !formatting.contains(where: { $0.node == current }) {
            open.removeLast()
            return
        }
        for _ in 0..<8 {
            guard let element = activeFormatting(subject) else { return anyOtherEndTag(subject) }
            guard let elementPlace = open.lastIndex(of: element) else { return removeFormatting(element) }
            guard isInScope(node: element) else { return }
            guard let blockPlace = open.indices.first(where: { $0 > elementPlace && isSpecial(open[$0]) }) else {
                open.removeSubrange(elementPlace...)
                return removeFormatting(element)
            }
            adopt(element, elementPlace, open[blockPlace], blockPlace)
        }
    }

    private mutating func adopt(_ element: NodeIndex, _ elementPlace: Int, _ block: NodeIndex, _ blockPlace: Int) {
        let ancestor = open[elementPlace - 1]
        guard var bookmark = formatting.firstIndex(where: { $0.node == element }) else { return }
        var last = block
        var place = blockPlace
        var round = 0
        while true {
            round += 1
            place -= 1
            var node = open[place]
            if node == element { break }
            var entry = formatting.firstIndex { $0.node == node }
            if round > 3, let found = entry {
                formatting.remove(at: found)
                if found < bookmark { bookmark -= 1 }
                entry = nil
            }
            guard let entry else {
                open.remove(at: place)
                continue
            }
            let copy = document.copyElement(node)
            formatting[entry].node = copy
            open[place] = copy
            node = copy
            if last == block { bookmark = entry + 1 }
            document.detach(last)
            document.append(last, to: node)
            last = node
        }
        document.detach(last)
        put(last, at: self.place(for: ancestor))
        let copy = document.copyElement(element)
        document.moveChildren(of: block, to: copy)
        document.append(copy, to: block)
        if let old = formatting.firstIndex(where: { $0.node == element }) {
            formatting.remove(at: old)
            if old < bookmark { bookmark -= 1 }
        }
        formatting.insert(Formatting(node: copy), at: min(bookmark, formatting.count))
        open.removeAll { $0 == element }
        if let blockPlace = open.lastIndex(of: block) { open.insert(copy, at: blockPlace + 1) }
    }

    mutating func anyOtherEndTag(_ subject: TagName) {
        for index in open.indices.reversed() {
            if isHTML(open[index], subject) {
                generateImpliedEndTags(except: subject)
                if index < open.count { open.removeSubrange(index...) }
                return
            }
            if isSpecial(open[index]) { return }
        }
    }
}
